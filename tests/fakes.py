"""Stand-ins for the parts that a test is not about."""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexes.text import stems


class HashEmbedder:
    """Counts the stems of a text in as many bins as there are dimensions: an ``Embedder``."""

    def __init__(self, dimension: int = 64) -> None:
        self.dimension = dimension
        self.fingerprint = f"hash-1:{dimension}"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for stem in stems(text):
                row[zlib.crc32(stem.encode()) % self.dimension] += 1
            row /= max(float(np.linalg.norm(row)), 1.0)
        return rows
