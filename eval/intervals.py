"""Confidence intervals."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959964


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


def bootstrap(
    counts: NDArray[np.float64],
    statistic: Callable[[NDArray[np.float64]], float],
    *,
    seed: int,
    draws: int = 1000,
) -> tuple[float, float]:
    """Return the 95 % interval of a statistic of sums over texts (percentiles; Efron, 1979).

    Parameters
    ----------
    counts:
        float (texts, columns): what was counted in each text.
    statistic:
        Of the sums of the columns over a sample of texts, drawn with replacement.
    seed, draws:
        Of the drawing, and how often.
    """
    generator = np.random.default_rng(seed)
    weights = generator.multinomial(len(counts), [1 / len(counts)] * len(counts), size=draws)
    values = [statistic(sums) for sums in weights @ counts]
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
