"""The risk-coverage curve against its definition, over every order of ties."""

from itertools import permutations
from random import Random
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.metrics.risk import risk_coverage_area, risk_coverage_curve

ANSWERS = st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.9]), st.booleans()), max_size=6)


def by_definition(wrong: list[bool]) -> list[float]:
    return [fmean(wrong[:k]) for k in range(1, len(wrong) + 1)]


@given(ANSWERS.filter(bool))
@settings(max_examples=50, deadline=None)
def test_values_are_the_means_over_every_order_of_ties(answers: list[tuple[float, bool]]) -> None:
    curves = [
        by_definition([wrong for _, wrong in order])
        for order in permutations(answers)
        if all(one[0] >= other[0] for one, other in zip(order, order[1:], strict=False))
    ]
    confidence, wrong = zip(*answers, strict=True)
    coverage, risk = risk_coverage_curve(confidence, wrong)
    assert coverage == pytest.approx(np.arange(1, len(answers) + 1) / len(answers))
    assert risk == pytest.approx(np.mean(curves, axis=0))
    assert risk_coverage_area(confidence, wrong) == pytest.approx(np.mean(curves))


@given(ANSWERS.filter(bool), st.randoms(use_true_random=False))
def test_neither_order_nor_scale_counts(answers: list[tuple[float, bool]], random: Random) -> None:
    confidence, wrong = zip(*answers, strict=True)
    area = risk_coverage_area(confidence, wrong)
    random.shuffle(answers)
    confidence, wrong = zip(*answers, strict=True)
    assert risk_coverage_area([7 * c**3 - 2 for c in confidence], wrong) == pytest.approx(area)


@given(st.lists(st.booleans(), min_size=1, max_size=20))
def test_a_constant_confidence_gives_the_share_of_wrong_answers(wrong: list[bool]) -> None:
    assert risk_coverage_area([0.3] * len(wrong), wrong) == pytest.approx(fmean(wrong))


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.lists(st.floats(0, 1), min_size=12))
def test_no_confidence_is_better_than_the_one_that_knows(
    wrong: list[bool], confidence: list[float]
) -> None:
    area = risk_coverage_area(confidence[: len(wrong)], wrong)
    best = risk_coverage_area([not is_wrong for is_wrong in wrong], wrong)
    worst = risk_coverage_area(wrong, wrong)
    assert best - 1e-9 <= area <= worst + 1e-9


def test_a_worked_curve() -> None:
    coverage, risk = risk_coverage_curve([0.9, 0.8, 0.7, 0.6], [0, 1, 0, 1])
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert risk == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert risk_coverage_area([0.9, 0.8, 0.7, 0.6], [0, 1, 0, 1]) == pytest.approx(1 / 3)


def test_no_answers_have_no_risk() -> None:
    coverage, risk = risk_coverage_curve([], [])
    assert len(coverage) == len(risk) == 0
    assert risk_coverage_area([], []) == 0.0


def test_what_cannot_be_ordered_is_refused() -> None:
    with pytest.raises(ValueError, match="not of one length"):
        risk_coverage_area([0.5], [1, 0])
    with pytest.raises(ValueError, match="not a number"):
        risk_coverage_area([0.5, float("nan")], [1, 0])
