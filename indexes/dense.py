"""Search by vectors: through Chroma while it holds exactly what SQLite holds, else exhaustively.

Whatever is wrong with Chroma, the answer is that of exact search: SQLite holds the truth.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexes.vectors import ChromaIndex, ExactIndex, Hits, VectorStore

_log = logging.getLogger(__name__)

_EQUAL = 1e-6
"""Cosines this close are equal: float32 sums differ in the last bits from order to order."""


class DenseIndex:
    """The vectors of one library, searched; safe from any thread.

    Parameters
    ----------
    folder:
        Where Chroma lives; None searches exactly.
    """

    def __init__(self, folder: Path | None) -> None:
        self._chroma = None if folder is None else ChromaIndex(folder)
        self._tried: str | None = None
        self._exact: tuple[str, ExactIndex] | None = None
        self._lock = threading.RLock()

    @property
    def uses_chroma(self) -> bool:
        """Whether searches should go through Chroma."""
        return self._chroma is not None

    def chroma_is_usable(self, version: str) -> bool:
        """Return whether searches of this version go through Chroma."""
        with self._lock:
            return self._chroma is not None and self._open_chroma(version)

    def nearest(
        self, vectors: VectorStore, version: str, query: NDArray[np.float32], limit: int
    ) -> Hits:
        """Return (passage row, cosine) of the passages nearest to a unit vector, best first."""
        with self._lock:
            if self._chroma is not None and self._open_chroma(version):
                try:
                    found = self._chroma.search(query, 2 * limit)
                except Exception as error:  # Chroma raises its own errors, SQLite's and the OS's.
                    _log.warning("Chroma failed, search is exact from now on: %s", error)
                    self._chroma.close()
                else:
                    # Chroma orders equals as it likes: rank twice as many as are wanted exactly.
                    ranked = ExactIndex(*vectors.load(len(query), found)).search(query, 2 * limit)
                    if len(ranked) < 2 * limit or ranked[-1][1] < ranked[limit - 1][1] - _EQUAL:
                        return ranked[:limit]
            if self._exact is None or self._exact[0] != version:
                self._exact = version, ExactIndex(*vectors.load(len(query)))
            return self._exact[1].search(query, limit)

    def update(
        self,
        vectors: VectorStore,
        before: str,
        version: str,
        added: Sequence[int],
        removed: Sequence[int],
    ) -> None:
        """Bring Chroma from the version before to this one, or build it anew where it is not."""
        if self._chroma is None:
            return
        with self._chroma_is_dispensable():
            if self._open_chroma(before):
                # What was added and removed again in one step is in neither.
                rows, matrix = vectors.load(vectors.dimension(), sorted(set(added) - set(removed)))
                self._chroma.change(added=rows, vectors=matrix, removed=removed, version=version)
            else:
                rows, matrix = vectors.load(vectors.dimension())
                self._chroma.rebuild(rows, matrix, version)

    def carry_on(self, before: str, version: str) -> None:
        """Take what holds for the version before for this one: no vector has changed."""
        with self._lock:
            if self._exact is not None and self._exact[0] == before:
                self._exact = version, self._exact[1]
        if self._chroma is not None:
            with self._chroma_is_dispensable():
                self._chroma.carry_on(before, version)

    def seal(self, vectors: VectorStore, version: str) -> None:
        """Seal Chroma's files as they are now; bring Chroma back first where it is not there."""
        if self._chroma is None:
            return
        self._chroma.seal()
        if not self._chroma.is_sealed(version) and not vectors.is_empty():
            self.rebuild(vectors, version)

    def rebuild(self, vectors: VectorStore, version: str) -> None:
        """Build Chroma anew and seal it."""
        if self._chroma is not None:
            with self._chroma_is_dispensable():
                rows, matrix = vectors.load(vectors.dimension())
                self._chroma.rebuild(rows, matrix, version)
                self._chroma.seal()

    def close(self) -> None:
        """Let go of Chroma's files."""
        with self._lock:
            if self._chroma is not None:
                self._chroma.close()

    def _open_chroma(self, version: str) -> bool:
        assert self._chroma is not None
        # Another process may have written and sealed it: once for each version that is sealed.
        known = (self._chroma.version, self._tried)
        if version not in known and self._chroma.sealed_version() == version:
            self._tried = version
            self._chroma.open(version)
        return self._chroma.version == version

    @contextmanager
    def _chroma_is_dispensable(self) -> Iterator[None]:
        """Go on without Chroma after any trouble in the block."""
        assert self._chroma is not None
        with self._lock:
            try:
                yield
            except Exception as error:  # Chroma raises its own errors, SQLite's and the OS's.
                _log.warning("Chroma could not be updated, search is exact: %s", error)
                self._chroma.close()
