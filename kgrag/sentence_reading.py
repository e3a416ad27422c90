"""Read passages sentence by sentence: what each covers of a question, and what else speaks for it.

Each content word counts by its rarity in the library; it is covered by the same stem, by a mention
of the entity that it names, or in part by a word near it in the vector space ("died" for "death");
what only the rest of the passage or the document's title covers counts for less (``kgrag.cover``).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from indexes.records import Mention, Triplet
from indexes.text import stems
from kgrag.answer_kind import SentenceWords, Wanted, wanted_by, words_of
from kgrag.candidates import Candidate, NamedEntity
from kgrag.clues import CLUES, beside, clues_of
from kgrag.cover import PASSAGE_WORTH, CoverTable
from kgrag.question import Question
from kgrag.word_vectors import word_vectors

MIN_WORDS = 4
"""A shorter sentence is a heading or a fragment, and says nothing by itself."""

REFERS_WITHIN = 25
"""Code points within which a sentence begins with a reference."""

_DATE = re.compile(r"\b1?\d{3}\b|\b20\d\d\b")
_NUMBER = re.compile(r"\d")

Matrix = NDArray[np.float32]
Array = NDArray[np.float64]


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


@dataclass(frozen=True, slots=True)
class PlacedSentence:
    """A sentence of a passage, the ``group``-th best: [start, end) in code points of the document.

    ``covers`` says how far it and its passage cover each asked word; ``held`` are its words.
    """

    item: Candidate
    group: int
    start: int
    end: int
    text: str
    covers: Matrix
    held: SentenceWords


@dataclass(frozen=True, slots=True)
class ReadSentences:
    """All sentences that may answer.

    ``features`` is float (sentences, FEATURES), see ``kgrag.sentence_model``; ``groups`` is the
    number of each sentence's passage, 0 for the best, ``pairs`` the languages of the question and
    the sentence ("en -> ru"). ``weights`` says how much each asked word matters, adding to 1;
    ``wanted`` what could answer.
    """

    sentences: list[PlacedSentence]
    features: Array
    groups: NDArray[np.int64]
    pairs: list[str]
    weights: Array
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class _AskedFact:
    """Evidence of a fact that may answer; ``strength`` 0..1: its relation's nearness to it."""

    start: int
    end: int
    strength: float


def read_sentences(
    question: Question,
    candidates: Sequence[Candidate],
    named: Sequence[NamedEntity],
    facts: Sequence[Triplet],
    compared: Compared,
) -> ReadSentences:
    """Return the sentences of the passages; parameters as of ``kgrag.quote.judge_sentences``."""
    wanted = wanted_by(question)
    nothing = ReadSentences(
        [], np.zeros((0, 0)), np.zeros(0, np.int64), [], np.zeros(0, np.float64), wanted
    )
    if not question.words or not candidates:
        return nothing
    asked = _Asked(question, wanted, candidates, named, facts, compared)
    rows = [row for group, item in enumerate(candidates) for row in asked.read(group, item)]
    if not rows:
        return nothing
    sentences = [row.sentence for row in rows]
    groups = np.array([sentence.group for sentence in sentences])
    clues = np.array([[row.clues[name] for name in CLUES] for row in rows])
    own, cosines = (np.array([getattr(row, name) for row in rows]) for name in ("own", "cosine"))
    coverage = np.array([row.coverage for row in rows])
    pairs = [f"{question.language} -> {sentence.item.language}" for sentence in sentences]
    features = np.hstack([coverage, clues, beside(clues, own, cosines, groups)])
    return ReadSentences(sentences, features, groups, pairs, asked.weights, wanted)


@dataclass(frozen=True, slots=True)
class _Row:
    """A sentence with its numbers; ``own``: how much of the question it covers by itself."""

    sentence: PlacedSentence
    coverage: list[float]
    clues: dict[str, float]
    own: float
    cosine: float


class _Asked:
    """A question, ready to be compared with the sentences of passages."""

    def __init__(
        self,
        question: Question,
        wanted: Wanted,
        candidates: Sequence[Candidate],
        named: Sequence[NamedEntity],
        facts: Sequence[Triplet],
        compared: Compared,
    ) -> None:
        self._question = question
        self._table = CoverTable(question.words, named, candidates, word_vectors())
        rarity = compared.rarity.astype(np.float64)
        self.weights: Array = rarity / rarity.sum()
        self._vector = compared.vector
        self._facts = _asked_facts(question, named, facts, compared.near)
        self._is_name = np.array([word.is_name for word in question.words])
        self._stems = [word.stem for word in question.words]
        self._wanted = wanted
        rest = " ".join(word.text for word in question.words if not word.is_name)
        self._rest_vector = word_vectors().embed([rest or question.text])[0]
        self._tops: dict[str, float] = {}
        for item in candidates:
            self._tops.setdefault(item.language, item.score)

    def read(self, group: int, item: Candidate) -> Iterator[_Row]:
        """Yield the sentences of a passage that say something by themselves."""
        own = item.sentences
        places = list(zip(own.starts.tolist(), own.ends.tolist(), strict=True))
        covers = [self._table.of_sentence(item, start, end) for start, end in places]
        nothing = np.zeros(len(self._stems), np.float32)
        framed = [cover.astype(np.float64) for cover in (nothing, *covers, nothing)]
        passage = self._table.of_passage(item)
        cosines = np.maximum(own.vectors @ self._vector, 0.0)
        rests = np.maximum(self._rests(own.vectors, item, places), 0.0)
        for number, (start, end) in enumerate(places):
            first, last = item.passage.start + start, item.passage.start + end
            if first in item.passage.headings or own.stems[number] < MIN_WORDS:
                continue
            held = words_of(self._wanted, self._table, item, start, end)
            before, here, after = framed[number : number + 3]
            clues = clues_of(self._wanted, held, (here, before, after), self.weights, self._is_name)
            clues["rest"] = float(rests[number])
            clues["opens"] = float(start == 0)
            clues["refers"] = _refers(item.mentions, first)
            text = item.passage.text[start:end]
            both = np.maximum(covers[number], passage)
            sentence = PlacedSentence(item, group, first, last, text, both, held)
            cosine = float(cosines[number])
            coverage = self._coverage(sentence, covers[number], cosine)
            yield _Row(sentence, coverage, clues, float(here @ self.weights), cosine)

    def _rests(self, vectors: Matrix, item: Candidate, places: Sequence[tuple[int, int]]) -> Matrix:
        """Return the cosine of each sentence with the question without its names."""
        if vectors.shape[1] != len(self._rest_vector):  # The library has another embedder.
            vectors = word_vectors().embed([item.passage.text[start:end] for start, end in places])
        cosines: Matrix = vectors @ self._rest_vector
        return cosines

    def _coverage(self, sentence: PlacedSentence, own: Matrix, cosine: float) -> list[float]:
        """Return the features that ``kgrag.sentence_model.COVERAGE`` names."""
        weights, is_name, covers = self.weights, self._is_name, sentence.covers
        names, rest = _share(covers, weights, is_name), _share(covers, weights, ~is_name)
        own_names, own_rest = _share(own, weights, is_name), _share(own, weights, ~is_name)
        rarest = covers[np.argmax(np.where(is_name, 0.0, weights))]
        item, question = sentence.item, self._question
        top = self._tops[item.language]
        return [
            names,
            own_names,
            rest,
            own_rest,
            min(names, rest),
            min(max(own_names, names * PASSAGE_WORTH), own_rest),
            0.5 if is_name.all() else float(rarest),
            float((own >= 1) @ weights),
            _pairs(self._stems, stems(sentence.text)),
            cosine,
            _expected(question, item, sentence.text, sentence.start),
            self._fact(sentence),
            item.score / top if top else 0.0,
            float(item.language != question.language),
        ]

    def _fact(self, sentence: PlacedSentence) -> float:
        some = self._facts.get(sentence.item.passage.document_id, ())
        return max(
            (f.strength for f in some if f.start < sentence.end and f.end > sentence.start),
            default=0.0,
        )


def _share(covers: Matrix, weights: Array, chosen: NDArray[np.bool_]) -> float:
    """Return how far these words are covered, by weight; 0.5 where there are none."""
    total = float(weights[chosen].sum())
    return float(covers[chosen] @ weights[chosen]) / total if total else 0.5


def _asked_facts(
    question: Question,
    named: Sequence[NamedEntity],
    facts: Sequence[Triplet],
    near: Mapping[str, float],
) -> dict[str, list[_AskedFact]]:
    """Return, for each document, the facts about what is named that may answer."""
    about = {item.entity for item in named}
    found: dict[str, list[_AskedFact]] = {}
    for fact in facts:
        for one, other in ((fact.subject, fact.object), (fact.object, fact.subject)):
            fits = not question.expected or other.type in question.expected
            if one.id in about and other.id not in about and fits:
                for item in fact.evidence:
                    asked = _AskedFact(item.start, item.end, near.get(fact.relation, 0.0))
                    found.setdefault(item.document_id, []).append(asked)
    return found


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


def _refers(mentions: Iterable[tuple[Mention, str]], start: int) -> float:
    opening = _inside(mentions, start, start + REFERS_WITHIN)
    return float(any(mention.antecedent is not None for mention in opening))
