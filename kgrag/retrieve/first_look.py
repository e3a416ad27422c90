"""The first look: each passage by itself, beside the question."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexes.facts import PlacedMention
from indexes.text import stems
from kgrag.candidates import Candidate
from kgrag.literals import LITERAL_TYPES
from kgrag.retrieve.asked import Asked

Floats = NDArray[np.float32]

FEATURES = (
    "bm25",  # over the best of the pool
    "bm25_share",  # over what a passage full of the words would get
    "covered",  # share of the question that the passage has, by rarity
    "sentence_covered",  # that its best sentence has
    "near",  # cosine with the passage, in standard deviations of the pool
    "sentence_near",  # with its best sentence
    "cosine",
    "sentence_cosine",
    "names_covered",  # share of the names and numbers asked for
    "rest_covered",  # of the other words
    "sentence_rest",  # of the other words, in the best sentence
    "title_asked",  # share of the title that the question has
    "asked_title",  # share of the question that the title has
    "title_both",  # the product of these two
    "about",  # the passage begins with an entity that the question names
    "mentions",  # share of the named entities that it mentions
    "close",  # share of the question's neighbouring words that are neighbours here
    "expected",  # it holds a thing of the kind asked for
    "first_name",  # share of the first name in it that the question has
    "first_names",  # times the share of the names covered
    "crossed",  # it is in another language
    "crossed_near",
    "crossed_sentence_near",
)
"""What a passage is first judged by; most lie within 0..1."""

_K1, _B, _USUAL_STEMS = 1.2, 0.75, 90
"""BM25's parameters, and the length of a usual passage."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at one passage leaves for later.

    ``covers`` are the asked words that the passage has, as a set of bits; ``sentence_covered`` the
    share of the question that each sentence has; ``about`` what the passage is about.
    """

    covers: int
    sentence_covered: list[float]
    sentence_cosines: Floats
    about: dict[str, float]
    own: list[float]
    bm25: float


def look(asked: Asked, candidate: Candidate) -> Look:
    """Mark where a passage has which of the asked words, and compare its sentences."""
    sentences = [0] * max(len(candidate.sentences.stems), 1)
    counts = [0] * len(asked.rarity)
    hits: list[tuple[int, int]] = []
    place = asked.place
    for at, stem in enumerate(candidate.stems):
        index = place.get(stem)
        if index is not None:
            sentences[candidate.sentence_of[at]] |= 1 << index
            counts[index] += 1
            hits.append((at, index))
    cosines = candidate.sentences.vectors @ asked.vector
    covers = 0
    for words in sentences:
        covers |= words
    heading = heading_end(candidate)
    about = subjects(candidate.placed, heading)
    return Look(
        covers,
        [asked.share(words) for words in sentences],
        cosines if len(cosines) else np.zeros(1, np.float32),
        about,
        _own(asked, candidate, covers, sentences, about, heading, _close(asked, hits)),
        _bm25(asked, counts, len(candidate.stems)),
    )


def first_features(asked: Asked, pool: Sequence[Candidate], looks: Sequence[Look]) -> Floats:
    """Return float32 (candidates, FEATURES)."""
    bm25 = np.array([seen.bm25 for seen in looks])
    cosines = np.array([item.vector @ asked.vector for item in pool])
    best = np.array([seen.sentence_cosines.max() for seen in looks])
    near, sentence_near = _standardised(cosines), _standardised(best)
    crossed = np.array([float(item.language != asked.question.language) for item in pool])
    upper = (_K1 + 1) * float(asked.rarity.sum()) or 1.0
    own = np.array([seen.own for seen in looks])
    return np.column_stack(
        [
            bm25 / (bm25.max() or 1.0),
            bm25 / upper,
            own[:, :2],
            near,
            sentence_near,
            cosines,
            best,
            own[:, 2:],
            crossed,
            crossed * near,
            crossed * sentence_near,
        ]
    ).astype(np.float32)


def subjects(mentions: Sequence[PlacedMention], opening: int) -> dict[str, float]:
    """Return what a passage is about, 0..1: what its heading and then its first mention are.

    Parameters
    ----------
    mentions:
        Of the passage, in text order.
    opening:
        Where the heading ends that the passage begins with; 0 without one.
    """
    found = {item.entity: 1.0 for item in mentions if item.place < opening}
    for item in mentions:
        if item.place >= opening and item.type not in LITERAL_TYPES:
            found.setdefault(item.entity, 0.5 if opening else 1.0)
            break
    return found


@lru_cache(maxsize=10_000)
def specificity(names: int) -> float:
    """Return what an entity counts for, 0..1, that the library names so often."""
    return 1.0 / (1.0 + math.log(max(names, 1)))


def heading_end(candidate: Candidate) -> int:
    """Return where the headings end that a passage begins with; 0 without any."""
    passage = candidate.passage
    end = 0
    for start, stop in zip(candidate.sentences.starts, candidate.sentences.ends, strict=True):
        if passage.start + start not in passage.headings:
            break
        end = int(stop)
    return end


def title_stems(candidate: Candidate, heading: int) -> frozenset[str]:
    """Return the stems of all that a passage stands under: file name, title and headings."""
    passage = candidate.passage
    name = passage.document_name.rpartition("/")[2].partition(".")[0]
    parts = (name, passage.title, passage.context, passage.text[:heading])
    return _stems_of(" ".join(parts))


def _own(
    asked: Asked,
    item: Candidate,
    covers: int,
    sentences: Sequence[int],
    about: dict[str, float],
    heading: int,
    close: float,
) -> list[float]:
    """Return the features that need nothing but this passage, from ``covered`` on."""
    share = asked.share
    names, others = share(asked.names), share(asked.others)
    names_covered = share(covers & asked.names) / names if names else 0.5
    title = title_stems(item, heading)
    title_asked = len(title & asked.stems) / len(title) if title else 0.0
    asked_title = share(sum(1 << asked.place[stem] for stem in title if stem in asked.place))
    first_name = _first_name(asked, item)
    return [
        share(covers),
        max(share(words) for words in sentences),
        names_covered,
        share(covers & asked.others) / others if others else 0.5,
        max(share(words & asked.others) for words in sentences) / others if others else 0.5,
        title_asked,
        asked_title,
        title_asked * asked_title,
        max((asked.named.get(entity, 0.0) * weight for entity, weight in about.items()), default=0),
        _mentions(asked, item),
        close,
        _expected(asked, item),
        first_name,
        first_name * names_covered,
    ]


def _bm25(asked: Asked, counts: Sequence[int], length: int) -> float:
    norm = _K1 * (1 - _B + _B * length / _USUAL_STEMS)
    return sum(
        float(rarity) * count * (_K1 + 1) / (count + norm)
        for rarity, count in zip(asked.rarity, counts, strict=True)
        if count
    )


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    standardised: NDArray[np.float64] = (values - values.mean()) / (values.std() + 1e-6)
    return standardised


def _mentions(asked: Asked, item: Candidate) -> float:
    total = sum(asked.named.values())
    if not total:
        return 0.0
    held = {mention.entity for mention in item.placed} & asked.named.keys()
    return sum(asked.named[entity] for entity in held) / total


def _close(asked: Asked, hits: Sequence[tuple[int, int]]) -> float:
    """Return the share of the question's neighbours that are at most two words apart here."""
    pairs = len(asked.rarity) - 1
    if pairs < 1:
        return 0.5
    held = {
        one
        for (at, one), (after, other) in (*pairwise(hits), *zip(hits, hits[2:], strict=False))
        if other == one + 1 and after - at <= 2
    }
    return len(held) / pairs


def _expected(asked: Asked, item: Candidate) -> float:
    expected = asked.question.expected
    if not expected:
        return 0.5
    text = item.passage.text
    return float(
        any(
            mention.is_name
            and mention.type in expected
            and not asked.stems.issuperset(_stems_of(text[mention.place : mention.end]))
            for mention in item.placed
        )
    )


def _first_name(asked: Asked, item: Candidate) -> float:
    if not item.placed:
        return 0.0
    first = item.placed[0]
    own = _stems_of(item.passage.text[first.place : first.end])
    return len(own & asked.stems) / len(own) if own else 0.0


@lru_cache(maxsize=50_000)
def _stems_of(text: str) -> frozenset[str]:
    """Return the stems of a name or a title; the same ones come back in question after question."""
    return frozenset(stems(text))
