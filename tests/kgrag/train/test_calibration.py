import numpy as np
import pytest

from kgrag.extract.labels import calibrated
from kgrag.train.calibration import calibration_error, fit_scale, reliability


def _overconfident(count: int) -> tuple[list[float], list[bool]]:
    """Scores whose logits are twice what they should be."""
    random = np.random.default_rng(3)
    logits = random.normal(0.5, 1.0, count)
    right = random.uniform(size=count) < 1.0 / (1.0 + np.exp(-logits))
    return (1.0 / (1.0 + np.exp(-2.0 * logits))).tolist(), right.tolist()


def test_overconfident_scores_are_halved_in_their_logits() -> None:
    slope, offset = fit_scale(*_overconfident(20_000))
    assert slope == pytest.approx(0.5, abs=0.03)
    assert offset == pytest.approx(0.0, abs=0.05)


def test_after_calibration_a_score_is_the_share_that_is_right() -> None:
    scores, right = _overconfident(20_000)
    before = calibration_error(reliability(scores, right, (1.0, 0.0)))
    after = calibration_error(reliability(scores, right, fit_scale(scores, right)))
    assert before > 0.05
    assert after < 0.02


def test_a_few_scores_are_left_as_they_are() -> None:
    assert fit_scale([0.9] * 5, [True] * 5) == (1.0, 0.0)
    assert calibrated(0.9, (1.0, 0.0)) == pytest.approx(0.9)


def test_scores_that_never_err_keep_a_finite_slope() -> None:
    slope, _ = fit_scale([0.9, 0.1] * 50, [True, False] * 50)
    assert np.isfinite(slope)
    assert calibrated(1.0, (slope, 0.0)) <= 1.0


def test_the_table_counts_every_score_once() -> None:
    scores, right = _overconfident(500)
    table = reliability([*scores, 0.0, 1.0], [*right, False, True], (1.0, 0.0))
    assert sum(row.count for row in table) == 502
    assert all(row.low <= row.score <= row.high for row in table)


def test_scores_that_are_almost_all_close_to_one_do_not_run_away() -> None:
    random = np.random.default_rng(5)
    scores = (1.0 - random.exponential(1e-4, 5000)).clip(0.7, 1.0).tolist()
    right = (random.uniform(size=5000) < 0.85).tolist()
    slope, offset = fit_scale(scores, right)
    assert abs(slope) < 10 and abs(offset) < 20
    mean = sum(calibrated(score, (slope, offset)) for score in scores) / len(scores)
    assert mean == pytest.approx(0.85, abs=0.02)
