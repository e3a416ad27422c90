"""Confidence intervals against known values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.intervals import bootstrap, paired, wilson
from eval.measures import mean, quantile, ratio


def test_the_interval_of_eight_in_ten_is_the_published_one() -> None:
    # Agresti and Coull (1998): 8 of 10 gives 0.490 to 0.943.
    low, high = wilson(8, 10)
    assert low == pytest.approx(0.490, abs=5e-4)
    assert high == pytest.approx(0.943, abs=5e-4)


def test_nothing_measured_says_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_more_successes_than_trials_are_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        wilson(3, 2)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share(case: tuple[int, int]) -> None:
    low, high = wilson(*case)
    assert 0 <= low <= case[0] / case[1] <= high <= 1 or case[0] in (0, case[1])


def test_the_interval_of_a_sure_thing_is_a_point() -> None:
    counts = np.array([[2.0, 2.0]] * 30)
    assert bootstrap(counts, ratio(0, 1), seed=1) == (1.0, 1.0)


def test_the_interval_of_a_mean_is_that_of_the_normal_law() -> None:
    random = np.random.default_rng(4)
    counts = np.stack([random.normal(10.0, 2.0, 400), np.ones(400)], axis=1)
    low, high = bootstrap(counts, ratio(0, 1), seed=1, draws=4000)
    assert high - low == pytest.approx(2 * 1.96 * 2.0 / 20.0, rel=0.12)
    assert low < 10.0 < high


def test_fewer_texts_make_a_wider_interval() -> None:
    random = np.random.default_rng(5)
    counts = np.stack([random.uniform(0, 5, 400), np.full(400, 5.0)], axis=1)
    wide, narrow = (
        np.diff(np.array(bootstrap(counts[:size], ratio(0, 1), seed=1)))[0] for size in (20, 400)
    )
    assert wide > 3 * narrow


def test_a_difference_of_pairs_is_surer_than_that_of_two_samples() -> None:
    random = np.random.default_rng(6)
    one = random.normal(0.0, 1.0, (200, 1))
    other = one + random.normal(0.05, 0.1, (200, 1))
    found = paired(one, other, mean(), seed=1)
    assert found.value == pytest.approx(float((other - one).mean()))
    assert 0 < found.low < found.value < found.high < 0.1 and found.p < 0.01
    shuffled = paired(one, random.permutation(other), mean(), seed=1)
    assert shuffled.high - shuffled.low > 5 * (found.high - found.low)


def test_a_handful_of_cases_is_never_sure() -> None:
    one = np.zeros((4, 1))
    assert paired(one, one + 1, mean(), seed=1).p == 1 / 8


def test_nothing_differs_from_itself() -> None:
    rows = np.random.default_rng(7).normal(0.0, 1.0, (50, 1))
    found = paired(rows, rows, quantile(0.95), seed=1)
    assert (found.value, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_chance_is_called_a_difference_about_once_in_twenty() -> None:
    random = np.random.default_rng(8)
    seen = [
        paired(random.normal(0, 1, (60, 1)), random.normal(0, 1, (60, 1)), mean(), seed=seed).p
        for seed in range(200)
    ]
    assert 2 <= sum(p < 0.05 for p in seen) <= 22
