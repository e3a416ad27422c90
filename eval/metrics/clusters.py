"""Coreference clusters against gold ones, by four measures and their CoNLL average.

A cluster is a collection of mentions (spans, or whatever names them); the mentions of the two sides
need not be the same. What was found twice counts once. Clusters of one mention count as they are
given: leave them out on both sides where the corpus does not annotate them. Formulas as in Pradhan
et al. 2014, "Scoring Coreference Partitions of Predicted Mentions: A Reference Implementation".
Counts add up over documents.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

Clusters = Iterable[Collection[Hashable]]


@dataclass(frozen=True, slots=True)
class _Sides:
    """Sizes of the gold and of the found clusters, and how many mentions each two share."""

    gold: Sequence[int]
    found: Sequence[int]
    shared: Counter[tuple[int, int]]


def muc_counts(gold: Clusters, found: Clusters) -> tuple[int, int, int]:
    """Count the links that hold clusters together: right, predicted, wanted (Vilain et al. 1995).

    A cluster of n mentions has n - 1 links. Of a gold cluster those are right that are left when
    the found clusters part it; the sum is the same seen from the found clusters, namely the
    mentions of both sides less the pairs of clusters that share any.
    """
    sides = _sides(gold, found)
    predicted, wanted = (sum(size - 1 for size in sizes) for sizes in (sides.found, sides.gold))
    return sides.shared.total() - len(sides.shared), predicted, wanted


def b_cubed_counts(gold: Clusters, found: Clusters) -> tuple[float, int, float, int]:
    """Sum over mentions how pure and how whole their clusters are (Bagga and Baldwin 1998).

    Returns
    -------
    (purity, predicted, wholeness, wanted):
        Precision is purity / predicted mentions, recall is wholeness / gold mentions. A mention of
        one side only adds 0.
    """
    sides = _sides(gold, found)
    purity = sum(n * n / sides.found[at] for (_, at), n in sides.shared.items())
    wholeness = sum(n * n / sides.gold[at] for (at, _), n in sides.shared.items())
    return purity, sum(sides.found), wholeness, sum(sides.gold)


def ceaf_e_counts(gold: Clusters, found: Clusters) -> tuple[float, int, int]:
    """Sum 2 * shared / (size + size) over the best pairing of clusters, one to one (Luo 2005).

    Returns
    -------
    (alike, predicted, wanted):
        Precision is alike / found clusters, recall is alike / gold clusters.
    """
    sides = _sides(gold, found)
    alike = 0.0
    if sides.shared:
        from scipy.optimize import linear_sum_assignment

        table = np.zeros((len(sides.gold), len(sides.found)))
        for (one, other), n in sides.shared.items():
            table[one, other] = 2.0 * n / (sides.gold[one] + sides.found[other])
        alike = float(table[linear_sum_assignment(table, maximize=True)].sum())
    return alike, len(sides.found), len(sides.gold)


def conll_counts(gold: Clusters, found: Clusters) -> tuple[float, ...]:
    """Return the ten counts of MUC, B-cubed and CEAF-e, of which ``conll_f1`` is made."""
    one, other = list(gold), list(found)
    return (*muc_counts(one, other), *b_cubed_counts(one, other), *ceaf_e_counts(one, other))


def conll_f1(sums: ArrayLike) -> float:
    """Return the mean of the F1 of MUC, B-cubed and CEAF-e, 0..1 (CoNLL-2012 shared task).

    Parameters
    ----------
    sums:
        ``conll_counts``, added up over documents, float (10,). Nothing by nothing is 0.
    """
    muc, b_cubed, ceaf_e = np.split(np.asarray(sums, np.float64), (3, 7))
    right, predicted, wanted = muc
    alike, found, gold = ceaf_e
    return (
        _f1(right, predicted, right, wanted) + _f1(*b_cubed) + _f1(alike, found, alike, gold)
    ) / 3


def _f1(right: float, predicted: float, covered: float, wanted: float) -> float:
    precision = right / predicted if predicted else 0.0
    recall = covered / wanted if wanted else 0.0
    return float(2 * precision * recall / max(precision + recall, 1e-12))


def _sides(gold: Clusters, found: Clusters) -> _Sides:
    one, other = _cluster_of(gold), _cluster_of(found)
    shared = Counter((at, other[mention]) for mention, at in one.items() if mention in other)
    return _Sides(_sizes(one), _sizes(other), shared)


def _cluster_of(clusters: Clusters) -> dict[Hashable, int]:
    """Return the number of each mention's cluster; clusters without mentions have none.

    Raises
    ------
    ValueError
        A mention is in two clusters.
    """
    cluster_of: dict[Hashable, int] = {}
    for number, cluster in enumerate(filter(None, map(frozenset, clusters))):
        for mention in cluster:
            if mention in cluster_of:
                raise ValueError(f"{mention!r} is in two clusters")
            cluster_of[mention] = number
    return cluster_of


def _sizes(cluster_of: dict[Hashable, int]) -> list[int]:
    counted = Counter(cluster_of.values())
    return [counted[number] for number in range(len(counted))]
