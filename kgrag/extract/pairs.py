"""Which two mentions a text may relate, and what the relation model is told of their places."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from kgrag.extract.kinship import LEVELS, NONE, SHARED, beginnings, kinship
from kgrag.extract.spans import TypedSpan

MAX_SENTENCES_APART = 2
"""96 % of NEREL's relations lie within two sentences of each other."""

MAX_PARTNERS = 24
"""A mention is paired with at most this many that follow it, which keeps long lists linear; 98.8 %
of NEREL's relations join mentions no further apart."""

NEAR_MENTIONS = 32
"""A mention's reading takes in this many before and after it."""

PLACE_SIZES = (4, 32, 2, 8, LEVELS)
"""Sizes of the five features of a pair: see ``pair_places``."""

_DISTANCE_STEPS = np.array([1, 2, 3, 4, 6, 8, 12, 18, 27, 40, 60, 90])
_BETWEEN_STEPS = np.array([1, 2, 3, 4, 6, 9, 14])


def candidate_pairs(
    mentions: Sequence[TypedSpan],
    sentence_of: Sequence[int],
    allowed: NDArray[np.bool_],
    surfaces: Sequence[str],
) -> NDArray[np.int64]:
    """Return the pairs (subject, object) worth scoring, int64 (n, 2), as indices of ``mentions``.

    Those near each other; and each mention with the last one further before that reads like it, for
    the names of one thing are joined across a text.

    Parameters
    ----------
    mentions, surfaces:
        In text order, and how they read.
    sentence_of:
        The sentence of each token.
    allowed:
        bool (types, types): whether any signature admits a subject and an object of these types.
    """
    pairs: list[tuple[int, int]] = []
    types = [mention.type for mention in mentions]
    places = [sentence_of[mention.first] for mention in mentions]
    may = allowed.tolist()
    for left, (type_, place) in enumerate(zip(types, places, strict=True)):
        row = may[type_]
        for right in range(left + 1, min(left + 1 + MAX_PARTNERS, len(mentions))):
            if places[right] - place > MAX_SENTENCES_APART:
                break
            if row[types[right]]:
                pairs.append((left, right))
            if may[types[right]][type_]:
                pairs.append((right, left))
    for left, right in _far_namesakes(types, places, surfaces):
        if may[types[left]][types[right]]:
            pairs += [(left, right), (right, left)]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _far_namesakes(
    types: Sequence[int], places: Sequence[int], surfaces: Sequence[str]
) -> Iterator[tuple[int, int]]:
    """Yield each mention with the last of its type out of reach that reads like it but differs."""
    last: dict[tuple[int, str], int] = {}
    for right, (type_, place) in enumerate(zip(types, places, strict=True)):
        keys = [(type_, begin) for begin in beginnings(surfaces[right])]
        for left in sorted({last[key] for key in keys if key in last}):
            far = place - places[left] > MAX_SENTENCES_APART or right - left > MAX_PARTNERS
            differs = surfaces[left] != surfaces[right]
            if far and differs and kinship(surfaces[left], surfaces[right]) >= SHARED:
                yield left, right
        last.update(dict.fromkeys(keys, right))


def pair_places(
    pairs: NDArray[np.int64],
    mentions: Sequence[TypedSpan],
    sentence_of: Sequence[int],
    names: Sequence[int],
    surfaces: Sequence[str],
) -> NDArray[np.int64]:
    """Return how subject and object lie to each other, int64 (n, 5), below PLACE_SIZES.

    The columns: sentences apart (3 for more than two); order with tokens apart in 12 steps (from 0:
    subject first, from 13: object first, 26: subject holds object, 27: object holds subject, 28:
    same tokens); whether they read alike (have one of ``names``); how many mentions begin between
    them, in 8 steps; for two of one type, the ``kinship`` of their ``surfaces``.
    """
    if not len(pairs):
        return np.zeros((0, len(PLACE_SIZES)), np.int64)
    first = np.array([mention.first for mention in mentions])
    last = np.array([mention.last for mention in mentions])
    sentence = np.array([sentence_of[mention.first] for mention in mentions])
    alike = np.array(names)
    one, two = pairs[:, 0], pairs[:, 1]
    apart = np.maximum(first[two] - last[one], first[one] - last[two])
    order = np.searchsorted(_DISTANCE_STEPS, apart, side="right") + np.where(
        first[one] < first[two], 0, 13
    )
    holds = (first[one] <= first[two]) & (last[two] <= last[one])
    held = (first[two] <= first[one]) & (last[one] <= last[two])
    order = np.where(holds, 26, np.where(held, 27, order))
    order = np.where(holds & held, 28, order)
    between = np.searchsorted(_BETWEEN_STEPS, np.abs(one - two), side="right")
    apart = np.minimum(np.abs(sentence[one] - sentence[two]), MAX_SENTENCES_APART + 1)
    kin = [
        kinship(surfaces[left], surfaces[right])
        if mentions[left].type == mentions[right].type
        else NONE
        for left, right in pairs.tolist()
    ]
    columns = [apart, order, alike[one] == alike[two], between, kin]
    return np.stack(columns, axis=1).astype(np.int64)
