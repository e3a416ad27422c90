"""The lexical index: SQLite FTS5 over stemmed words, ranked by BM25, English and Russian alike."""

import sqlite3
from collections.abc import Sequence

from indexes.text import stems


def lexical_text(text: str) -> str:
    """Return what is indexed of a passage: its stems, separated by spaces."""
    return " ".join(stems(text))


class LexicalIndex:
    """Full text search over passages; the caller holds the transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def add(self, rows: Sequence[int], texts: Sequence[str]) -> None:
        """Index the texts of these passages."""
        self._db.executemany(
            "INSERT INTO passage_stems (rowid, stems) VALUES (?, ?)",
            [(row, lexical_text(text)) for row, text in zip(rows, texts, strict=True)],
        )

    def remove(self, rows: Sequence[int]) -> None:
        """Forget these passages."""
        self._db.executemany("DELETE FROM passage_stems WHERE rowid = ?", [(row,) for row in rows])

    def search(self, terms: Sequence[str], limit: int) -> list[tuple[int, float]]:
        """Return (passage row, BM25 score) of the passages with any of these stems, best first.

        The score is positive, and higher is better (FTS5's own is negated).
        """
        query = " OR ".join(dict.fromkeys(_phrase(term) for term in terms))
        if not query:
            return []
        found = self._db.execute(
            "SELECT rowid, -bm25(passage_stems) FROM passage_stems WHERE passage_stems MATCH ? "
            "ORDER BY bm25(passage_stems), rowid LIMIT ?",
            (query, limit),
        )
        return [(row, score) for row, score in found]

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Return in how many passages each of these stems occurs."""
        query = "SELECT count(*) FROM passage_stems WHERE passage_stems MATCH ?"
        return {
            term: int(self._db.execute(query, (_phrase(term),)).fetchone()[0])
            for term in dict.fromkeys(terms)
        }


def _phrase(term: str) -> str:
    """Quote a term: in quotes, nothing is an operator of FTS5's query language."""
    return '"' + term.replace('"', '""').replace("\0", " ") + '"'
