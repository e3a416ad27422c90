"""The sentences of passages and their vectors: what tells the best sentence of a passage.

Spans count from the start of the passage; a sentence's stems are so many of the passage's own in
the lexical index. Vectors are kept in half precision: they rank within a question, and the cosines
move by less than a thousandth.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexes.records import Passage
from indexes.text import sentences, words


@dataclass(frozen=True, slots=True)
class SentenceTable:
    """The sentences of one passage.

    ``starts``, ``ends`` are offsets within the passage, ``stems`` how many stems each has, int32
    (n,) each; ``vectors`` is float32 (n, dimension).
    """

    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    stems: NDArray[np.int32]
    vectors: NDArray[np.float32]


class SentenceStore:
    """The sentences as SQLite keeps them; the caller holds the transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def add(
        self,
        rows: Sequence[int],
        text: str,
        passages: Sequence[Passage],
        vectors: NDArray[np.float32],
    ) -> None:
        """Store the sentences of a document's passages.

        Parameters
        ----------
        rows, passages:
            The passages and the rows by which they are known.
        text:
            The document's text.
        vectors:
            Float32 (sentences of all passages in order, dimension).
        """
        values, first = [], 0
        for row, passage in zip(rows, passages, strict=True):
            last = first + len(passage.sentences)
            spans = [
                (start - passage.start, end - passage.start, len(words(text[start:end])))
                for start, end in passage.sentences
            ]
            kept = vectors[first:last].astype(np.float16)
            values.append((row, np.array(spans, np.int32).tobytes(), kept.tobytes()))
            first = last
        self._db.executemany("INSERT INTO passage_sentences VALUES (?, ?, ?)", values)

    def load(self, rows: Sequence[int]) -> dict[int, SentenceTable]:
        """Return the sentences of these passages; rows without any are left out."""
        found = self._db.execute(
            "SELECT passage, spans, vectors FROM passage_sentences WHERE passage IN "
            "(SELECT value FROM json_each(?))",
            (json.dumps(list(rows)),),
        )
        return {row: _table(spans, vectors) for row, spans, vectors in found}


def cut(text: str) -> NDArray[np.int32]:
    """Return the start, the end and the number of stems of each sentence of a text, (n, 3)."""
    spans = [(start, end, len(words(text[start:end]))) for start, end in sentences(text)]
    return np.array(spans, np.int32).reshape(-1, 3)


def _table(spans: bytes, vectors: bytes) -> SentenceTable:
    columns = np.frombuffer(spans, np.int32).reshape(-1, 3)
    matrix = np.frombuffer(vectors, np.float16).reshape(len(columns), -1)
    return SentenceTable(columns[:, 0], columns[:, 1], columns[:, 2], matrix.astype(np.float32))
