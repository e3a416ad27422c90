"""From scores to probabilities: Platt's scaling, and how reliable the result is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgrag.extract.labels import Scale, calibrated

NEWTON_STEPS = 50
RIDGE = 1e-3
"""Keeps the slope finite where scores tell right from wrong perfectly."""

SMALLEST_SAMPLE = 30
"""With fewer, scores stay as they are."""


def fit_scale(scores: Sequence[float], right: Sequence[bool]) -> Scale:
    """Return slope and offset for the logit of a score, by maximum likelihood (Platt 1999)."""
    if len(scores) < SMALLEST_SAMPLE:
        return 1.0, 0.0
    inside = np.clip(np.array(scores, np.float64), 1e-6, 1.0 - 1e-6)
    inputs = np.stack([np.log(inside / (1.0 - inside)), np.ones(len(inside))], axis=1)
    targets = np.array(right, np.float64)
    weights = np.array([1.0, 0.0])
    for _ in range(NEWTON_STEPS):
        chances = 1.0 / (1.0 + np.exp(-inputs @ weights))
        slope = inputs.T @ (targets - chances) - RIDGE * weights
        curve = (inputs.T * (chances * (1.0 - chances))) @ inputs + RIDGE * np.eye(2)
        step = np.linalg.solve(curve, slope)
        before = _loss(inputs, targets, weights)
        while _loss(inputs, targets, weights + step) > before and np.abs(step).max() > 1e-9:
            step /= 2.0  # A full step may overshoot where most scores are almost 1.
        weights += step
        if np.abs(step).max() < 1e-9:
            break
    return float(weights[0]), float(weights[1])


def _loss(
    inputs: NDArray[np.float64], targets: NDArray[np.float64], weights: NDArray[np.float64]
) -> float:
    """Return the negative log likelihood, with the ridge that ``fit_scale`` puts on it."""
    logits = inputs @ weights
    fit = np.logaddexp(0.0, logits) - targets * logits
    return float(fit.sum() + RIDGE * (weights @ weights) / 2.0)


@dataclass(frozen=True)
class Bin:
    """What was scored between ``low`` and ``high``: the mean score, the share right, how many."""

    low: float
    high: float
    score: float
    right: float
    count: int


def reliability(
    scores: Sequence[float], right: Sequence[bool], scale: Scale, bins: int = 10
) -> list[Bin]:
    """Return a reliability table of calibrated scores, without empty bins."""
    chances = np.array([calibrated(score, scale) for score in scores])
    targets = np.array(right, np.float64)
    number = np.minimum((chances * bins).astype(int), bins - 1)
    return [
        Bin(
            low=index / bins,
            high=(index + 1) / bins,
            score=float(chances[number == index].mean()),
            right=float(targets[number == index].mean()),
            count=int((number == index).sum()),
        )
        for index in range(bins)
        if (number == index).any()
    ]


def calibration_error(table: Sequence[Bin]) -> float:
    """Return the expected calibration error, 0..1 (Naeini et al. 2015)."""
    total = sum(row.count for row in table)
    return sum(row.count * abs(row.score - row.right) for row in table) / max(total, 1)
