"""Choose the sentences that answer a question, and judge whether they do.

Every sentence of the best passages is read (``kgrag.sentence_reading``); small networks weigh what
was seen, the sentences beside each other, and then whether the best of them suffice
(``kgrag.sentence_model``). What is quoted is a stored sentence, never a generated one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indexes.documents import StoredPassage
from indexes.records import Triplet
from indexes.text import Language, stems
from kgrag.answer_span import find_span
from kgrag.candidates import Candidate, NamedEntity
from kgrag.cover import PASSAGE_WORTH
from kgrag.question import Question
from kgrag.sentence_model import EvidenceModel, load_model
from kgrag.sentence_reading import Compared, read_sentences

READ_PASSAGES, READ_ACROSS = 12, 8
"""Passages that are read sentence by sentence: in the question's language, and in another."""

WEAKEST_OF_BEST = 0.2
"""A further sentence is quoted from this share of the best's probability."""

REPEATS, REPEATS_FACTS = 0.8, 0.5
"""Share of the stems of the shorter sentence from which two say the same: in general, and where one
states no fact that the other does not."""

Fact = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Quotable:
    """A sentence of a passage: ``probability`` that it answers; ``covers`` each asked word 0..1.

    [start, end) and ``span`` are code points of the document. ``span`` is the answer itself, inside
    the sentence, where who, when, where or how many is asked and it was found with some confidence.
    ``states`` are the facts that the sentence is evidence of: subject, relation, object.
    """

    passage: StoredPassage
    start: int
    end: int
    text: str
    features: tuple[float, ...]
    covers: tuple[float, ...]
    probability: float
    span: tuple[int, int] | None = None
    states: frozenset[Fact] = frozenset()


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
    model: EvidenceModel | None = None,
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
    model:
        Other weights than those that ship.
    """
    read = read_sentences(question, candidates, named, facts, compared)
    if not read.sentences:
        return []
    shares, sufficient = (model or load_model()).judge(read.features, read.groups, read.pairs)
    states = _stated(facts)
    judged = [
        Quotable(
            passage=sentence.item.passage,
            start=sentence.start,
            end=sentence.end,
            text=sentence.text,
            features=tuple(features.tolist()),
            covers=tuple(sentence.covers.tolist()),
            probability=float(share) * sufficient,
            span=find_span(question.expected, read.wanted, sentence, read.weights),
            states=frozenset(
                fact
                for start, fact in states.get(sentence.item.passage.document_id, ())
                if sentence.start <= start < sentence.end
            ),
        )
        for sentence, features, share in zip(read.sentences, read.features, shares, strict=True)
    ]
    return sorted(judged, key=lambda item: (-item.probability, item.passage.row, item.start))


def sufficiency(judged: Sequence[Quotable]) -> float:
    """Return the probability, 0..1, that the judged sentences answer the question.

    Under ``load_model().threshold`` kgrag declines. Give all that ``judge_sentences`` returned: the
    probability is shared out among them.
    """
    return min(1.0, sum(item.probability for item in judged))


def choose(judged: Sequence[Quotable], *, limit: int = 4) -> list[Quotable]:
    """Return the sentences to quote: the best, then others that may answer too; none when unsure.

    In 15 of 100 questions of XQuAD it is the second or third sentence that holds the answer, and
    some questions need two. A sentence that repeats what is quoted is left out.
    """
    if not judged or sufficiency(judged) < load_model().threshold:
        return []
    floor = judged[0].probability * WEAKEST_OF_BEST
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


def _stated(facts: Sequence[Triplet]) -> dict[str, list[tuple[int, Fact]]]:
    """Return, for each document, where which fact is stated."""
    found: dict[str, list[tuple[int, Fact]]] = {}
    for fact in facts:
        for item in fact.evidence:
            key = (fact.subject.id, fact.relation, fact.object.id)
            found.setdefault(item.document_id, []).append((item.start, key))
    return found


def _repeats(item: Quotable, other: Quotable) -> bool:
    mine, theirs = set(stems(item.text)), set(stems(other.text))
    tells_nothing_new = bool(item.states) and item.states <= other.states
    share = REPEATS_FACTS if tells_nothing_new else REPEATS
    return len(mine & theirs) > share * min(len(mine), len(theirs))
