"""What a question may read of a library: all of it, or the passages of a scope."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from indexes.documents import DocumentStore
from indexes.facts import GraphReader
from indexes.lexical import LexicalIndex
from indexes.library import Library
from indexes.schema import snapshot
from indexes.scope import Filter, Scope, choose
from indexes.sentences import SentenceStore
from indexes.vectors import ExactIndex, Hits


class View:
    """The reading side of every store, each limited alike."""

    def __init__(self, library: Library, scope: Scope | None = None) -> None:
        self._library = library
        self._scope = scope
        self.documents: DocumentStore = library.documents
        self.sentences: SentenceStore = library.sentences
        self.lexical = LexicalIndex(library.db, scope)
        self.graph = GraphReader(library.db, scope)

    def vectors_of(self, rows: Sequence[int], dimension: int) -> dict[int, NDArray[np.float32]]:
        """Return the vectors of these passages, float32 (dimension,) each."""
        found, matrix = self._library.vectors.load(dimension, rows)
        return dict(zip(found.tolist(), matrix, strict=True))

    def nearest(self, query: NDArray[np.float32], limit: int) -> Hits:
        """Return (passage row, cosine) of the passages nearest to a unit vector, best first."""
        if self._scope is None:
            return self._library.nearest(query, limit)
        # Chroma's filters slow it down a hundredfold; the chosen vectors are searched exactly.
        rows = [row for (row,) in self._library.db.execute(self._scope.passages)]
        return ExactIndex(*self._library.vectors.load(len(query), rows)).search(query, limit)


@contextmanager
def view(library: Library, wanted: Filter | None = None) -> Iterator[View]:
    """Give a view of the wanted documents, or of all, as they are now, while the block runs."""
    with snapshot(library.db), choose(library.db, wanted or Filter()) as scope:
        yield View(library, scope)
