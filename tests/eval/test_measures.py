"""The statistics against numpy and scikit-learn, for one drawing and for many."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.measures import (
    MEASURES,
    Array,
    Measure,
    Statistic,
    area,
    calibration,
    f1,
    mean,
    quantile,
    ratio,
    value,
)
from eval.metrics.calibration import bin_scores, calibration_error
from eval.metrics.risk import risk_coverage_area

VALUES = st.lists(st.integers(0, 1000), min_size=1, max_size=30)
VERDICTS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30)


def of(statistic: Statistic, rows: Array) -> float:
    return float(statistic(rows, np.ones((1, len(rows))))[0])


@given(VALUES, st.sampled_from([0.01, 0.25, 0.5, 0.95, 1.0]))
def test_a_quantile_is_the_smallest_value_that_covers_it(values: list[int], share: float) -> None:
    rows = np.array(values, np.float64)[:, None]
    expected = np.quantile(rows[:, 0], share, method="inverted_cdf")
    assert of(quantile(share), rows) == expected


@given(VALUES, st.data())
def test_a_drawing_is_the_cases_as_often_as_they_were_drawn(
    values: list[int], data: st.DataObject
) -> None:
    n = len(values)
    times = st.lists(st.integers(0, 3), min_size=n, max_size=n).filter(any)
    drawn = np.array([data.draw(times) for _ in range(2)], np.float64)
    generator = np.random.default_rng(values[0])
    rows = np.column_stack([np.array(values), generator.integers(1, 9, (n, 3))]).astype(float)
    rows[:, 1] /= 10
    binned = np.array([bin_scores(generator.random(5), generator.random(5) < 0.5) for _ in values])
    for statistic, columns in (
        (mean(), rows),
        (ratio(0, 1), rows),
        (f1, rows),
        (quantile(0.5), rows),
        (area, rows[:, :2]),
        (calibration, binned),
    ):
        for got, counts in zip(statistic(columns, drawn), drawn.astype(int), strict=True):
            assert got == pytest.approx(of(statistic, np.repeat(columns, counts, axis=0)))


@given(VERDICTS)
@settings(deadline=None)
def test_f1_precision_and_recall_are_those_of_scikit_learn(
    verdicts: list[tuple[bool, bool]],
) -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="the extra “models” has it")
    rows = np.array([(a and b, b, a) for a, b in verdicts], np.float64)
    truth, said = zip(*verdicts, strict=True)
    precision, recall, score, _ = metrics.precision_recall_fscore_support(
        truth, said, average="binary", zero_division=0
    )
    assert of(f1, rows) == pytest.approx(score)
    assert of(ratio(0, 1), rows) == pytest.approx(precision)
    assert of(ratio(0, 2), rows) == pytest.approx(recall)


def test_nothing_by_nothing_is_nothing() -> None:
    rows = np.zeros((2, 4))
    for statistic in (f1, ratio(0, 1)):
        assert of(statistic, rows) == 0.0


def test_area_and_calibration_are_those_of_the_metrics() -> None:
    rows = np.array([[0.9, 0.0], [0.8, 1.0], [0.8, 0.0]])
    assert of(area, rows) == risk_coverage_area(*rows.T)
    binned = np.array([bin_scores([0.2, 0.9], [True, True]), bin_scores([0.4], [False])])
    assert of(calibration, binned) == pytest.approx(calibration_error(binned.sum(axis=0)))


@pytest.mark.parametrize("name", MEASURES)
def test_each_measure_is_a_number_of_some_columns(name: str) -> None:
    measure: Measure = MEASURES[name]
    width = {"calibration": 30, "clusters": 10, "risk": 2}.get(measure.counts, 4)
    rows = np.ones((3, width))
    assert np.isfinite(value(measure, rows))
    assert measure.title and measure.formula
    if measure.unit == "%":
        assert 0 <= value(measure, rows) <= 1
