"""A random walk with restarts on a sparse matrix: personalised PageRank (Page et al. 1999)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Key = str | tuple[str, str, str]
"""The id of an entity, or subject, relation and object of a triplet."""


class Nodes:
    """Numbers of nodes, passages first, and the ties between them."""

    def __init__(self, passages: int) -> None:
        self.numbers: dict[Key, int] = {}
        self._passages = passages
        self._ends: tuple[list[int], list[int]] = [], []
        self._strengths: list[float] = []

    @property
    def count(self) -> int:
        """How many nodes there are."""
        return self._passages + len(self.numbers)

    def number(self, key: Key) -> int:
        """Return the number of a node, a new one if need be."""
        return self.numbers.setdefault(key, self.count)

    def join(self, one: int, other: int, strength: float) -> None:
        """Tie two nodes, both ways; ``strength`` is above 0."""
        self._ends[0].append(one)
        self._ends[1].append(other)
        self._strengths.append(strength)

    def transitions(self) -> Any:  # noqa: ANN401  scipy has no types
        """Return the sparse matrix whose columns say where a step from each node goes."""
        from scipy.sparse import csr_matrix

        one, other = (np.array(ends, np.int64) for ends in self._ends)
        sources, targets = np.concatenate([one, other]), np.concatenate([other, one])
        strengths = np.tile(np.array(self._strengths), 2)
        out = np.bincount(sources, strengths, minlength=self.count)
        return csr_matrix(
            (strengths / out[sources], (targets, sources)), shape=(self.count, self.count)
        )


def walk(matrix: Any, start: Floats, damping: float, steps: int) -> Floats:  # noqa: ANN401
    """Return where the walk is after some steps, float64 (nodes,).

    Parameters
    ----------
    matrix:
        As ``Nodes.transitions`` gives it; what comes to a node without ties is lost.
    start:
        Where it starts, and starts anew.
    damping:
        How often it goes on instead, 0..1; each step leaves ``damping`` of the error.
    """
    at = start
    for _ in range(steps):
        at = (1.0 - damping) * start + damping * (matrix @ at)
    return at
