"""Lays the mentions of some parts out for the relation model: who may be related to whom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexes.text import stems
from kgrag.extract.pairs import PLACE_SIZES, candidate_pairs, pair_places
from kgrag.extract.spans import TypedSpan
from kgrag.extract.tokens import Part

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

FLOOR = 0.05
"""Pairs with no relation above this are forgotten: no threshold is lower."""


@dataclass(frozen=True)
class Candidates:
    """The mentions of some parts, end to end, and the pairs of them worth scoring.

    ``mentions`` are int64 (M, 2), first and last token in the parts' tokens end to end; ``types``,
    ``names`` (equal where two mentions read alike), ``parts`` and ``scores`` (M,); ``pairs`` (P, 2)
    index them, ``places`` are (P, 5).
    """

    mentions: Integers
    types: Integers
    names: Integers
    parts: Integers
    scores: Floats
    pairs: Integers
    places: Integers


def collect(
    texts: Sequence[str],
    parts: Sequence[Part],
    spans: Sequence[Sequence[TypedSpan]],
    allowed: NDArray[np.bool_],
) -> Candidates:
    """Lay the mentions of parts out for the model; ``allowed`` as of ``candidate_pairs``."""
    numbers: dict[str, int] = {}
    mentions: list[tuple[int, int]] = []
    names: list[int] = []
    pairs = [np.zeros((0, 2), np.int64)]
    places = [np.zeros((0, len(PLACE_SIZES)), np.int64)]
    offset = 0
    for text, part, own in zip(texts, parts, spans, strict=True):
        surfaces = [_surface(text, part, span) for span in own]
        alike = [numbers.setdefault(_read_as(surface), len(numbers)) for surface in surfaces]
        near = candidate_pairs(own, part.sentence_of, allowed, surfaces)
        places.append(pair_places(near, own, part.sentence_of, alike, surfaces))
        pairs.append(near + len(mentions))
        mentions += [(span.first + offset, span.last + offset) for span in own]
        names += alike
        offset += len(part.tokens)
    flat = [span for own in spans for span in own]
    return Candidates(
        mentions=np.array(mentions, np.int64).reshape(-1, 2),
        types=np.array([span.type for span in flat], np.int64),
        names=np.array(names, np.int64),
        parts=np.repeat(np.arange(len(parts)), [len(own) for own in spans]),
        scores=np.array([span.score for span in flat], np.float32),
        pairs=np.concatenate(pairs),
        places=np.concatenate(places),
    )


def _read_as(surface: str) -> str:
    return " ".join(stems(surface)) or surface


def by_part(
    spans: Sequence[list[TypedSpan]], candidates: Candidates, scores: Floats
) -> Iterator[tuple[list[TypedSpan], int, NDArray[np.int64]]]:
    """Yield each part's mentions, the number of the first, and the rows of its likely pairs."""
    likely = np.flatnonzero(scores.max(axis=1, initial=0.0) >= FLOOR)
    firsts = np.cumsum([0, *(len(own) for own in spans)])
    bounds = np.searchsorted(candidates.parts[candidates.pairs[likely, 0]], range(len(spans) + 1))
    for number, own in enumerate(spans):
        yield own, int(firsts[number]), likely[bounds[number] : bounds[number + 1]]


def _surface(text: str, part: Part, span: TypedSpan) -> str:
    return text[part.tokens[span.first][0] : part.tokens[span.last][1]]
