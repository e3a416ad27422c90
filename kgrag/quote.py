"""Choose the sentences that answer a question, and judge whether they do.

Every sentence of the best passages is judged by how much of the question it covers. Each content
word counts by its rarity in the library; it is covered by the same stem, by a mention of the entity
that it names, or in part by a word near it in the vector space ("died" for "death"); what only the
rest of the passage or the document's title covers counts for less (``kgrag.cover``). A logistic
model over these and a few other features gives the probability that the sentence answers.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from indexes.documents import StoredPassage
from indexes.records import Mention, Triplet
from indexes.text import Language, stems
from kgrag.candidates import Candidate, NamedEntity
from kgrag.cover import PASSAGE_WORTH, CoverTable
from kgrag.question import Question
from kgrag.sentence_model import load_model
from kgrag.word_vectors import word_vectors

READ_PASSAGES, READ_ACROSS = 12, 8
"""Passages that are read sentence by sentence: in the question's language, and in another."""

MIN_WORDS = 4
"""A shorter sentence is a heading or a fragment, and says nothing by itself."""

WEAKEST_OF_THRESHOLD, WEAKEST_OF_BEST = 0.6, 0.2
"""A further sentence is quoted from these shares of the threshold and of the best's probability."""

_DATE = re.compile(r"\b1?\d{3}\b|\b20\d\d\b")
_NUMBER = re.compile(r"\d")

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Quotable:
    """A sentence of a passage: ``probability`` that it answers; ``covers`` each asked word 0..1."""

    passage: StoredPassage
    start: int
    end: int
    text: str
    features: tuple[float, ...]
    covers: tuple[float, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class AskedFact:
    """Evidence of a fact that may answer; ``strength`` 0..1: its relation's nearness to it."""

    document_id: str
    start: int
    end: int
    strength: float


class Compared(Protocol):
    """What passages were compared with: see ``kgrag.retrieve.Ranked``."""

    @property
    def vector(self) -> Matrix:
        """The question's vector."""
        ...

    @property
    def rarity(self) -> Matrix:
        """How rare each asked word is."""
        ...

    @property
    def near(self) -> Mapping[str, float]:
        """How near each relation is to the question."""
        ...


def to_read(candidates: Sequence[Candidate], language: Language) -> list[Candidate]:
    """Return the best passages in the question's language, and a few of the other: words meet less
    across languages, so that the two cannot be ranked against each other.
    """
    same = [item for item in candidates if item.language == language]
    other = [item for item in candidates if item.language != language]
    return same[:READ_PASSAGES] + other[:READ_ACROSS]


def judge_sentences(
    question: Question,
    candidates: Sequence[Candidate],
    named: Sequence[NamedEntity],
    facts: Sequence[Triplet],
    compared: Compared,
) -> list[Quotable]:
    """Judge the sentences of the best passages, most probable first.

    Parameters
    ----------
    question, candidates, named:
        What is asked, the ranked passages, and the entities that the question names.
    facts:
        What the passages state.
    compared:
        What passages were compared with when they were ranked.
    """
    read = list(candidates)
    if not question.words or not read:
        return []
    table = CoverTable(question.words, named, read, word_vectors())
    weights = compared.rarity.astype(np.float64) / float(compared.rarity.sum())
    asked_facts = _asked_facts(question, named, facts, compared.near)
    tops: dict[str, float] = {}
    for item in read:
        tops.setdefault(item.language, item.score)
    judged = [
        _judge(question, (item, start, end), table, weights, cosine, asked_facts, tops)
        for item in read
        for start, end, cosine in _sentences(item, compared.vector)
    ]
    return sorted(judged, key=lambda q: (-q.probability, q.passage.row, q.start))


def _sentences(item: Candidate, vector: Matrix) -> Iterator[tuple[int, int, float]]:
    """Yield start, end and cosine of the sentences that say something by themselves."""
    own = item.sentences
    cosines = own.vectors @ vector
    for start, end, count, cosine in zip(
        own.starts.tolist(), own.ends.tolist(), own.stems.tolist(), cosines.tolist(), strict=True
    ):
        if item.passage.start + start not in item.passage.headings and count >= MIN_WORDS:
            yield start, end, cosine


def choose(judged: Sequence[Quotable], *, limit: int = 4) -> list[Quotable]:
    """Return the sentences to quote: the best, then others that may answer too; none when unsure.

    In 15 of 100 questions of XQuAD it is the second or third sentence that holds the answer, and
    some questions need two. A sentence that repeats what is quoted is left out.
    """
    threshold = load_model().threshold
    if not judged or judged[0].probability < threshold:
        return []
    floor = max(threshold * WEAKEST_OF_THRESHOLD, judged[0].probability * WEAKEST_OF_BEST)
    chosen: list[Quotable] = []
    for item in judged:
        if len(chosen) == limit or item.probability < floor:
            break
        if not any(_repeats(item, other) for other in chosen):
            chosen.append(item)
    return chosen


def missing_words(question: Question, judged: Sequence[Quotable]) -> list[str]:
    """Return the question's words that the best sentences leave uncovered."""
    covers = np.max([item.covers for item in judged[:4]], axis=0) if judged else None
    return [
        word.text
        for index, word in enumerate(question.words)
        if covers is None or covers[index] < PASSAGE_WORTH / 2
    ]


def _judge(
    question: Question,
    place: tuple[Candidate, int, int],
    table: CoverTable,
    weights: NDArray[np.float64],
    cosine: float,
    facts: Sequence[AskedFact],
    tops: dict[str, float],
) -> Quotable:
    item, start, end = place
    passage = item.passage
    text, first, last = passage.text[start:end], passage.start + start, passage.start + end
    own = table.of_sentence(item, start, end)
    covers = np.maximum(own, table.of_passage(item))
    is_name = np.array([word.is_name for word in question.words])
    names, rest = _share(covers, weights, is_name), _share(covers, weights, ~is_name)
    own_names, own_rest = _share(own, weights, is_name), _share(own, weights, ~is_name)
    features = (
        names,
        own_names,
        rest,
        own_rest,
        min(names, rest),
        min(max(own_names, names * PASSAGE_WORTH), own_rest),
        float(covers[np.argmax(np.where(is_name, 0.0, weights))]) if not is_name.all() else 0.5,
        float((own >= 1) @ weights),
        _pairs([word.stem for word in question.words], stems(text)),
        max(cosine, 0.0),
        _expected(question, item, text, first),
        max(
            (
                fact.strength
                for fact in facts
                if fact.document_id == passage.document_id
                and fact.start < last
                and fact.end > first
            ),
            default=0.0,
        ),
        item.score / tops[item.language] if tops[item.language] else 0.0,
        float(item.language != question.language),
    )
    return Quotable(
        passage=passage,
        start=first,
        end=last,
        text=text,
        features=features,
        covers=tuple(float(cover) for cover in covers),
        probability=load_model().probability(features),
    )


def _share(covers: Matrix, weights: NDArray[np.float64], chosen: NDArray[np.bool_]) -> float:
    """Return how far these words are covered, by weight; 0.5 where there are none."""
    total = float(weights[chosen].sum())
    return float(covers[chosen] @ weights[chosen]) / total if total else 0.5


def _asked_facts(
    question: Question,
    named: Sequence[NamedEntity],
    facts: Sequence[Triplet],
    near: Mapping[str, float],
) -> list[AskedFact]:
    """Return the facts about what is named, with the nearness of relation and question."""
    about = {item.entity for item in named}
    return [
        AskedFact(item.document_id, item.start, item.end, near.get(fact.relation, 0.0))
        for fact in facts
        for one, other in ((fact.subject, fact.object), (fact.object, fact.subject))
        if one.id in about and other.id not in about
        if not question.expected or other.type in question.expected
        for item in fact.evidence
    ]


def _pairs(asked: Sequence[str], held: Sequence[str]) -> float:
    """Return the share of the question's neighbouring words that are close here too."""
    pairs = list(pairwise(asked))
    if not pairs:
        return 0.5
    places: dict[str, list[int]] = {}
    for place, stem in enumerate(held):
        places.setdefault(stem, []).append(place)
    close = sum(
        any(abs(one - two) <= 3 for one in places.get(a, ()) for two in places.get(b, ()))
        for a, b in pairs
    )
    return close / len(pairs)


def _expected(question: Question, item: Candidate, text: str, start: int) -> float:
    """Return 1 where the sentence holds a thing of the kind asked for, 0.5 where any would do."""
    if not question.expected:
        return 0.5
    if "date" in question.expected:
        return float(bool(_DATE.search(text)))
    if "number" in question.expected and _NUMBER.search(text):
        return 1.0
    asked = question.text.lower()
    fits = any(
        mention.type in question.expected
        and mention.antecedent is None  # "he" does not answer who
        and mention.text.lower() not in asked
        for mention in _inside(item.mentions, start, start + len(text))
    )
    return float(fits)


def _inside(mentions: Iterable[tuple[Mention, str]], start: int, end: int) -> Iterable[Mention]:
    return (mention for mention, _ in mentions if start <= mention.start < end)


def _repeats(item: Quotable, other: Quotable) -> bool:
    mine, theirs = set(stems(item.text)), set(stems(other.text))
    return len(mine & theirs) > 0.8 * min(len(mine), len(theirs))
