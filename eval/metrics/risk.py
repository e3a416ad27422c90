"""How often answers are wrong when only the most confident ones are given.

Selective risk and coverage after Geifman and El-Yaniv 2017: with the k most confident of n answers
given, coverage is k / n and risk the share of wrong ones among the k. What shares one confidence
has no order: each value is the mean over all orders of the ties. The expected number of wrong
answers grows evenly within a tie, so this is exact.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def risk_coverage_curve(
    confidence: ArrayLike, wrong: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return coverage and risk, float (n,) each, from the most confident answer to all of them.

    Parameters
    ----------
    confidence:
        float (n,), higher is surer; on any scale, for only the order counts.
    wrong:
        float (n,): 1 for a wrong answer and 0 for a right one, or a loss between.

    Raises
    ------
    ValueError
        The two are not of one length, or a confidence is not a number.
    """
    surer, loss = np.asarray(confidence, np.float64), np.asarray(wrong, np.float64)
    if surer.shape != loss.shape or surer.ndim != 1:
        raise ValueError(f"confidence {surer.shape} and wrong {loss.shape} are not of one length")
    if np.isnan(surer).any():
        raise ValueError("a confidence is not a number")
    _, tie, size = np.unique(-surer, return_inverse=True, return_counts=True)
    mean = np.bincount(tie, loss, minlength=len(size)) / size
    given = np.arange(1, len(loss) + 1)
    return given / max(len(loss), 1), np.cumsum(np.repeat(mean, size)) / given


def risk_coverage_area(confidence: ArrayLike, wrong: ArrayLike) -> float:
    """Return the mean risk over the n coverages, 0..1; lower is better, and 0 without answers.

    A constant confidence gives the share of wrong answers.
    """
    _, risk = risk_coverage_curve(confidence, wrong)
    return float(risk.mean()) if len(risk) else 0.0
