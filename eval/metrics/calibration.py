"""Whether scores are probabilities: of what scores 0.8, eight in ten should be right.

Scores are counted in ten bins of equal width, three numbers a bin (how many, the sum of their
scores, how many were right), so that the counts of several cases add up.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS = 10
"""As in Guo et al. 2017 and Naeini et al. 2015, who take ten to fifteen."""


@dataclass(frozen=True, slots=True)
class Bin:
    """What scored within [low, high): the mean score, the share that was right, how many.

    The last bin holds the score 1.
    """

    low: float
    high: float
    score: float
    right: float
    count: int


def bin_scores(scores: Iterable[float], right: Iterable[bool]) -> tuple[float, ...]:
    """Return 30 counts: for each bin in turn how many, the sum of scores, and how many right.

    Raises
    ------
    ValueError
        A score is not within 0..1, or the two are not of one length.
    """
    given, truth = np.array([*scores], np.float64), np.array([*right], np.float64)
    if given.shape != truth.shape:
        raise ValueError(f"{len(given)} scores and {len(truth)} verdicts")
    if not ((given >= 0) & (given <= 1)).all():
        raise ValueError("a score is not within 0..1")
    at = np.minimum((given * BINS).astype(int), BINS - 1)
    columns = [np.bincount(at, weights, BINS) for weights in (np.ones_like(given), given, truth)]
    return tuple(np.stack(columns, axis=1).ravel().tolist())


def calibration_error(sums: ArrayLike) -> float:
    """Return the expected calibration error, 0..1; lower is better (Naeini et al. 2015).

    Sum over the bins of (count / all) * |mean score - share right|, which is the sum of |sum of
    scores - right| by all. 0 where nothing was scored.

    Parameters
    ----------
    sums:
        ``bin_scores``, added up, float (30,).
    """
    counts, scores, right = _columns(sums)
    return float(np.abs(scores - right).sum() / max(counts.sum(), 1e-12))


def reliability(sums: ArrayLike) -> list[Bin]:
    """Return the bins that hold anything, from the lowest scores up."""
    return [
        Bin(at / BINS, (at + 1) / BINS, float(scores / count), float(right / count), int(count))
        for at, (count, scores, right) in enumerate(_columns(sums).T)
        if count
    ]


def _columns(sums: ArrayLike) -> NDArray[np.float64]:
    """Return counts, sums of scores and right ones, float (3, BINS)."""
    return np.asarray(sums, np.float64).reshape(BINS, 3).T
