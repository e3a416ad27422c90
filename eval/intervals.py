"""Confidence intervals and paired comparison, by drawing the cases anew."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

Z95 = 1.959964

DRAWS = 1000


def wilson(successes: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a proportion (E. B. Wilson, 1927), each end within 0..1."""
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is no proportion")
    if n == 0:
        return 0.0, 1.0
    share = successes / n
    centre = share + Z95**2 / (2 * n)
    spread = Z95 * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n * n))
    scale = 1 + Z95**2 / n
    return max((centre - spread) / scale, 0.0), min((centre + spread) / scale, 1.0)


@lru_cache(maxsize=4)
def drawings(n: int, *, seed: int, draws: int = DRAWS) -> Array:
    """Return how often each of n cases is drawn, with replacement: float (draws, n), read-only."""
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(n, [1 / n] * n, size=draws).astype(np.float64)
    drawn.flags.writeable = False
    return drawn


def bootstrap(
    rows: Array, statistic: Callable[[Array, Array], Array], *, seed: int, draws: int = DRAWS
) -> tuple[float, float]:
    """Return the 95 % interval of a statistic (percentiles; Efron, 1979).

    Parameters
    ----------
    rows:
        float (n, columns): what was counted of each case.
    statistic:
        Of rows and drawings: see ``eval.measures``.
    seed, draws:
        Of the drawing, and how often.
    """
    values = statistic(rows, drawings(len(rows), seed=seed, draws=draws))
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class Difference:
    """How much higher the second is than the first, its 95 % interval, and its two-sided p."""

    value: float
    low: float
    high: float
    p: float


def paired(
    one: Array,
    other: Array,
    statistic: Callable[[Array, Array], Array],
    *,
    seed: int,
    draws: int = 2 * DRAWS,
) -> Difference:
    """Compare a statistic of two runs over the same cases by the paired bootstrap.

    The cases are drawn once for both. ``p`` is twice the share of drawings in which the difference
    is not on the side of the one that was found (Efron and Tibshirani 1993; Koehn 2004). It is at
    least 1 / draws, for no more can be told, and 2 / 2**n, what all n cases on one side would give
    by exchanging the runs case by case: the bootstrap alone is too sure of a handful of cases.

    Parameters
    ----------
    one, other:
        float (n, columns), the same cases in the same order.
    """
    whole = np.ones((1, len(one)))
    value = float((statistic(other, whole) - statistic(one, whole))[0])
    drawn = drawings(len(one), seed=seed, draws=draws)
    values = statistic(other, drawn) - statistic(one, drawn)
    low, high = np.percentile(values, [2.5, 97.5])
    beyond = min(float((values <= 0).mean()), float((values >= 0).mean()))
    return Difference(
        value, float(low), float(high), min(max(2 * beyond, 1 / draws, 2.0 ** (1 - len(one))), 1.0)
    )
