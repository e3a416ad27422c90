"""Binned scores against the definition, scikit-learn, and what kgrag's training reports."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.calibration import BINS, bin_scores, calibration_error, reliability

SCORED = st.lists(
    st.tuples(st.floats(0, 1) | st.sampled_from([0.0, 0.1, 0.5, 1.0]), st.booleans()), max_size=40
)
Scored = list[tuple[float, bool]]


def binned(scored: Scored) -> tuple[float, ...]:
    return bin_scores([score for score, _ in scored], [right for _, right in scored])


@given(SCORED.filter(bool))
def test_the_error_is_the_weighted_gap_between_score_and_truth(scored: Scored) -> None:
    bins: dict[int, Scored] = {}
    for score, right in scored:
        bins.setdefault(min(int(score * 10), 9), []).append((score, right))
    gaps = [
        len(own) / len(scored) * abs(np.mean([s for s, _ in own]) - np.mean([r for _, r in own]))
        for own in bins.values()
    ]
    assert calibration_error(binned(scored)) == pytest.approx(sum(gaps))
    rows = reliability(binned(scored))
    assert [row.count for row in rows] == [len(bins[at]) for at in sorted(bins)]
    assert all(row.low - 1e-9 <= row.score <= row.high + 1e-9 for row in rows)


@given(SCORED, SCORED)
def test_counts_of_two_cases_add_up(one: Scored, other: Scored) -> None:
    sums = np.add(binned(one), binned(other))
    assert sums == pytest.approx(np.array(binned(one + other)))
    assert 0 <= calibration_error(sums) <= 1


@given(SCORED.filter(bool))
def test_training_reports_the_same_table_and_error(scored: Scored) -> None:
    from kgrag.train import calibration

    scores, right = [score for score, _ in scored], [right for _, right in scored]
    # At a slope of 1 and no offset a score stays as it is, but for its last digits.
    inside = [min(max(score, 1e-6), 1 - 1e-6) for score in scores]
    table = [
        calibration.Bin(row.low, row.high, row.score, row.right, row.count)
        for row in reliability(bin_scores(inside, right))
    ]
    assert calibration.calibration_error(table) == pytest.approx(
        calibration_error(bin_scores(inside, right))
    )


def test_the_table_is_that_of_scikit_learn() -> None:
    module = pytest.importorskip("sklearn.calibration", reason="the extra “models” has it")
    generator = np.random.default_rng(1)
    scores = generator.random(500)
    right = generator.random(500) < scores**2
    share, score = module.calibration_curve(right, scores, n_bins=BINS)
    rows = reliability(bin_scores(scores, right))
    assert [row.right for row in rows] == pytest.approx(share)
    assert [row.score for row in rows] == pytest.approx(score)


def test_counts_stand_bin_by_bin() -> None:
    sums = bin_scores([0.05, 0.95, 1.0, 0.1], [False, True, False, True])
    assert len(sums) == 3 * BINS
    assert sums[:6] == (1, 0.05, 0, 1, 0.1, 1)
    assert sums[-3:] == (2, 1.95, 1)
    assert calibration_error(sums) == pytest.approx((0.05 + 0.9 + 0.95) / 4)


def test_nothing_scored_is_no_error() -> None:
    assert bin_scores([], []) == (0.0,) * 30
    assert calibration_error(bin_scores([], [])) == 0.0
    assert reliability(bin_scores([], [])) == []


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan")])
def test_a_score_that_is_no_probability_is_refused(score: float) -> None:
    with pytest.raises(ValueError, match=r"within 0\.\.1"):
        bin_scores([score], [True])
    with pytest.raises(ValueError, match="1 scores and 2 verdicts"):
        bin_scores([0.5], [True, False])
