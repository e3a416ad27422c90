"""Confidence intervals against known values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.intervals import wilson


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
