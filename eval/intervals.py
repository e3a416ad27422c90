"""Confidence intervals."""

import math

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
