"""Typed spans found against gold ones: how many are right, predicted and wanted.

A span is [start, end) with a type. Each gold and each found span is matched at most once, and a
span that is given twice counts once. Offsets may count anything, as long as both lists count alike.
"""

from collections import Counter
from collections.abc import Hashable, Iterable

import numpy as np
from numpy.typing import NDArray

Span = tuple[int, int, str]
"""Start, end (exclusive), type."""

Counts = tuple[int, int, int]
"""How many are right, predicted and wanted: precision is right / predicted, recall right / wanted,
F1 2 * right / (predicted + wanted)."""

NONE = "none"
"""The type of what has no counterpart (``confusions``)."""


def strict_counts(gold: Iterable[Hashable], found: Iterable[Hashable]) -> Counts:
    """Count what is the same on both sides: of spans, the same borders and the same type.

    The rule of CoNLL-2003 (Tjong Kim Sang and De Meulder 2003). It serves for anything that is
    either right or wrong as a whole.
    """
    wanted, predicted = set(gold), set(found)
    return len(wanted & predicted), len(predicted), len(wanted)


def relaxed_counts(gold: Iterable[Span], found: Iterable[Span]) -> Counts:
    """Count spans that overlap by a character at least and have the same type.

    "Type" of MUC and of SemEval-2013 task 9 (Segura-Bedmar et al. 2013), nervaluate's "ent_type".
    As many are matched as can be, one to one (maximum bipartite matching), so that neither the
    order of the spans nor a long span over several others matters.
    """
    wanted, predicted = sorted(set(gold)), sorted(set(found))
    right = 0
    if wanted and predicted:
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import maximum_bipartite_matching

        joined = (_shared(wanted, predicted) > 0) & _same_type(wanted, predicted)
        right = int((maximum_bipartite_matching(csr_array(joined)) >= 0).sum())
    return right, len(predicted), len(wanted)


def confusions(gold: Iterable[Span], found: Iterable[Span]) -> list[tuple[str, str, int]]:
    """Return how often each gold type was found as each type, the right ones included.

    Overlapping spans are paired one to one: the same span first, then the same borders, then the
    same type, then the longest overlap.

    Returns
    -------
    list of (gold type, found type, count):
        The most frequent first. "none" is the gold type of what was invented and the found type of
        what was missed. The counts of a gold type add up to how many of it were wanted.
    """
    wanted, predicted = sorted(set(gold)), sorted(set(found))
    pairs: Counter[tuple[str, str]] = Counter()
    left, free = set(range(len(wanted))), set(range(len(predicted)))
    for one, other in _by_likeness(wanted, predicted):
        if one in left and other in free:
            left.remove(one)
            free.remove(other)
            pairs[wanted[one][2], predicted[other][2]] += 1
    pairs.update((wanted[at][2], NONE) for at in left)
    pairs.update((NONE, predicted[at][2]) for at in free)
    ordered = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    return [(*types, count) for types, count in ordered]


def _by_likeness(wanted: list[Span], predicted: list[Span]) -> list[tuple[int, int]]:
    """Return the indices of the spans that overlap, the most alike first."""
    if not wanted or not predicted:
        return []
    shared = _shared(wanted, predicted)

    def unlike(pair: tuple[int, int]) -> tuple[bool, bool, int, tuple[int, int]]:
        one, other = wanted[pair[0]], predicted[pair[1]]
        return one[:2] != other[:2], one[2] != other[2], -int(shared[pair]), pair

    rows, columns = (shared > 0).nonzero()
    return sorted(zip(rows.tolist(), columns.tolist(), strict=True), key=unlike)


def _shared(wanted: list[Span], predicted: list[Span]) -> NDArray[np.int64]:
    """Return by how much spans overlap, int (wanted, predicted); 0 or less where they do not."""
    one, other = (np.array([span[:2] for span in spans], np.int64) for spans in (wanted, predicted))
    shared: NDArray[np.int64] = np.minimum(one[:, None, 1], other[:, 1]) - np.maximum(
        one[:, None, 0], other[:, 0]
    )
    return shared


def _same_type(wanted: list[Span], predicted: list[Span]) -> NDArray[np.bool_]:
    """Return where types are the same, bool (wanted, predicted)."""
    same: NDArray[np.bool_] = np.array([span[2] for span in wanted])[:, None] == np.array(
        [span[2] for span in predicted]
    )
    return same
