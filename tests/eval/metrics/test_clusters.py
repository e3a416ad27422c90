"""Coreference measures against their formulas, as published, and every pairing of clusters.

The counts were also compared with scorch 0.2.0 on 4,500 random cases; it is no dependency, since it
installs a second "docopt" beside that of pymorphy2.
"""

from collections.abc import Callable
from itertools import permutations
from statistics import fmean

import pytest
import scipy.optimize  # noqa: F401 (loading it is no part of an example's time)
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.clusters import (
    b_cubed_counts,
    ceaf_e_counts,
    conll_counts,
    conll_f1,
    muc_counts,
)

Partition = list[set[int]]
Recall = Callable[[Partition, Partition], float]


@st.composite
def partition(draw: st.DrawFn) -> Partition:
    """Draw clusters of some of eight mentions, none of them empty."""
    labels = draw(st.lists(st.none() | st.integers(0, 4), min_size=8, max_size=8))
    return [
        {mention for mention, own in enumerate(labels) if own == label}
        for label in sorted({label for label in labels if label is not None})
    ]


def shares(counts: tuple[float, ...]) -> tuple[float, float]:
    """Return recall and precision of (right, predicted, wanted) or of B-cubed's four."""
    right, predicted, covered, wanted = (
        counts if len(counts) == 4 else (counts[0], counts[1], counts[0], counts[2])
    )
    return covered / max(wanted, 1e-12), right / max(predicted, 1e-12)


def parts(cluster: set[int], clusters: Partition) -> int:
    """Return into how many parts others cut a cluster, what they lack by itself each."""
    return len({next((n for n, c in enumerate(clusters) if m in c), f"alone {m}") for m in cluster})


def muc_recall(gold: Partition, found: Partition) -> float:
    links = sum(len(cluster) - 1 for cluster in gold)
    kept = sum(len(cluster) - parts(cluster, found) for cluster in gold)
    return kept / links if links else 0.0


def b_cubed_recall(gold: Partition, found: Partition) -> float:
    def of(mention: int, clusters: Partition) -> set[int]:
        return next((cluster for cluster in clusters if mention in cluster), set())

    mentions = [(mention, cluster) for cluster in gold for mention in cluster]
    return fmean(len(own & of(m, found)) / len(own) for m, own in mentions) if mentions else 0.0


def ceaf_e_recall(gold: Partition, found: Partition) -> float:
    few, many = sorted((gold, found), key=len)
    best = max(
        sum(2 * len(a & b) / (len(a) + len(b)) for a, b in zip(few, order, strict=True))
        for order in permutations(many, len(few))
    )
    return best / len(gold) if gold else 0.0


RECALLS: tuple[Recall, ...] = (muc_recall, b_cubed_recall, ceaf_e_recall)


@pytest.mark.parametrize(
    ("counts", "recall"),
    list(zip((muc_counts, b_cubed_counts, ceaf_e_counts), RECALLS, strict=True)),
)
@given(gold=partition(), found=partition())
def test_recall_and_precision_are_those_of_the_published_formulas(
    counts: Callable[[Partition, Partition], tuple[float, ...]],
    recall: Recall,
    gold: Partition,
    found: Partition,
) -> None:
    # Precision is recall with the sides exchanged (Pradhan et al. 2014).
    expected = recall(gold, found), recall(found, gold)
    assert shares(counts(gold, found)) == pytest.approx(expected)


@given(partition(), partition())
def test_the_average_is_that_of_three_harmonic_means(gold: Partition, found: Partition) -> None:
    pairs = [(recall(gold, found), recall(found, gold)) for recall in RECALLS]
    mean = fmean(2 * r * p / (r + p) if r + p else 0.0 for r, p in pairs)
    assert conll_f1(conll_counts(gold, found)) == pytest.approx(mean)


@given(partition())
def test_identical_clusters_are_all_right(gold: Partition) -> None:
    score = conll_f1(conll_counts(gold, [*reversed(gold)]))
    has_links = any(len(cluster) > 1 for cluster in gold)
    assert score == pytest.approx(1.0 if has_links else 2 / 3 if gold else 0.0)


@given(partition(), partition())
def test_scores_lie_within_0_and_1(gold: Partition, found: Partition) -> None:
    assert 0 <= conll_f1(conll_counts(gold, found)) <= 1 + 1e-9


def test_empty_clusters_and_repeated_mentions_count_for_nothing() -> None:
    assert conll_counts([{1, 2}, set()], [[1, 2, 2]]) == conll_counts([{1, 2}], [{1, 2}])


def test_a_mention_in_two_clusters_is_refused() -> None:
    with pytest.raises(ValueError, match="2 is in two clusters"):
        conll_counts([{1, 2}, {2, 3}], [])


def test_clusters_of_the_published_example() -> None:
    # Bagga and Baldwin 1998, figure 1 and its second response: all but the first five are joined.
    gold = [{1, 2, 3, 4, 5}, {6, 7}, {8, 9, 10, 11, 12}]
    found = [{1, 2, 3, 4, 5}, {6, 7, 8, 9, 10, 11, 12}]
    assert shares(muc_counts(gold, found)) == pytest.approx((1.0, 0.9))
    assert shares(b_cubed_counts(gold, found)) == pytest.approx((1.0, 0.7619), abs=5e-5)
