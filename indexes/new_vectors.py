"""The vectors of a new embedder, built beside the old ones until one step puts them in their place.

A row holds all that depends on the embedder of one passage, and which embedder that was. What is
removed from the library goes from here with it; what was added since is missing here, and must be
embedded before the switch. So building can stop and go on at any time, and nothing reads from here
but the switch.
"""

import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexes.errors import LibraryError
from indexes.schema import transaction
from indexes.sentences import cut


@dataclass(frozen=True, slots=True)
class Unembedded:
    """A passage that the new embedder has not seen: its row, its text and its sentences.

    ``sentences`` is int32 (n, 3): the start and end of each in the text, and how many stems it has.
    """

    row: int
    text: str
    sentences: NDArray[np.int32]

    @property
    def sentence_texts(self) -> list[str]:
        """The sentences as texts."""
        return [self.text[start:end] for start, end, _ in self.sentences.tolist()]


@dataclass(frozen=True, slots=True)
class Embedded:
    """A passage with its vector, float32 (dimension,), and its sentences' (n, dimension)."""

    passage: Unembedded
    vector: NDArray[np.float32]
    sentence_vectors: NDArray[np.float32]


class NewVectorStore:
    """The new vectors as SQLite keeps them; the caller of ``take_over`` holds the transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def forget_others(self, embedder: str) -> None:
        """Delete what another embedder made: its switch never came."""
        with transaction(self._db):
            self._db.execute("DELETE FROM new_vectors WHERE embedder <> ?", (embedder,))

    def count(self) -> int:
        """Return how many passages are embedded."""
        return int(self._db.execute("SELECT count(*) FROM new_vectors").fetchone()[0])

    def missing(self, *, after: int, limit: int) -> list[Unembedded]:
        """Return the first passages that are not embedded among those after a row, by row."""
        found = self._db.execute(
            "SELECT row, text, spans FROM passages LEFT JOIN passage_sentences ON passage = row "
            "WHERE row > ? AND row NOT IN (SELECT passage FROM new_vectors) ORDER BY row LIMIT ?",
            (after, limit),
        )
        # A passage that was stored before sentences were is cut as it would be today.
        return [
            Unembedded(
                row,
                text,
                cut(text) if spans is None else np.frombuffer(spans, np.int32).reshape(-1, 3),
            )
            for row, text, spans in found
        ]

    def add(self, embedder: str, items: Sequence[Embedded]) -> None:
        """Store what an embedder made of some passages."""
        values = [
            (
                item.passage.row,
                embedder,
                item.vector.tobytes(),
                item.passage.sentences.tobytes(),
                item.sentence_vectors.astype(np.float16).tobytes(),
            )
            for item in items
        ]
        with transaction(self._db):
            self._db.executemany("INSERT INTO new_vectors VALUES (?, ?, ?, ?, ?)", values)
        sys.audit("kgrag.embedded")

    def take_over(self, embedder: str) -> None:
        """Put what an embedder made in the place of all that was there.

        Raises
        ------
        LibraryError
            It has not embedded every passage.
        """
        (missing,) = self._db.execute(
            "SELECT count(*) FROM passages WHERE row NOT IN "
            "(SELECT passage FROM new_vectors WHERE embedder = ?)",
            (embedder,),
        ).fetchone()
        if missing:
            raise LibraryError(
                f"{missing} passages have no vectors by {embedder} yet, so the library is left as "
                "it was. Run it again: kgrag rebuild"
            )
        for statement in (
            "DELETE FROM vectors",
            "INSERT INTO vectors SELECT passage, vector FROM new_vectors",
            "DELETE FROM passage_sentences",
            "INSERT INTO passage_sentences SELECT passage, spans, sentence_vectors "
            "FROM new_vectors",
            "DELETE FROM new_vectors",
        ):
            self._db.execute(statement)
            sys.audit("kgrag.switching", statement)
