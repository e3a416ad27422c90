"""The lexical index: SQLite FTS5 over stemmed words, ranked by BM25, English and Russian alike.

``passage_stems`` holds the stems of each passage, ``passage_openings`` only its first ones, which
say what it is about; ``stem_counts`` how many passages hold each stem, so that rarity costs a
lookup, and under the empty stem how many there are.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence

from indexes.scope import Scope
from indexes.text import stems

OPENING_STEMS = 16
"""A title and the first words of a text: a passage that names someone there is about them."""

RANKED = 5_000
"""Passages that a search ranks: common stems are left out where the rarer ones reach so many. FTS5
ranks about a million in a second."""


def lexical_text(text: str) -> str:
    """Return what is indexed of a passage: its stems, separated by spaces."""
    return " ".join(stems(text))


def opening_text(indexed: str) -> str:
    """Return the first stems of a passage, of which ``indexed`` holds all."""
    return " ".join(indexed.split(" ", OPENING_STEMS)[:OPENING_STEMS])


class LexicalIndex:
    """Full text search over passages; the caller holds the transaction.

    Within a scope, nothing but its passages exists.
    """

    def __init__(self, db: sqlite3.Connection, scope: Scope | None = None) -> None:
        self._db = db
        self._scope = scope
        self._and_chosen = f"AND rowid IN ({scope.passages})" if scope else ""

    def add(self, rows: Sequence[int], texts: Sequence[str]) -> None:
        """Index the texts of these passages."""
        indexed = [lexical_text(text) for text in texts]
        self._db.executemany(
            "INSERT INTO passage_stems (rowid, stems) VALUES (?, ?)",
            list(zip(rows, indexed, strict=True)),
        )
        self._db.executemany(
            "INSERT INTO passage_openings (rowid, stems) VALUES (?, ?)",
            [(row, opening_text(text)) for row, text in zip(rows, indexed, strict=True)],
        )
        self._count(count_stems(indexed))

    def remove(self, rows: Sequence[int]) -> None:
        """Forget these passages."""
        counts = count_stems(self._indexed(rows).values())
        for table in ("passage_stems", "passage_openings"):
            self._db.executemany(f"DELETE FROM {table} WHERE rowid = ?", [(row,) for row in rows])
        self._count({stem: -count for stem, count in counts.items()})
        self._db.execute("DELETE FROM stem_counts WHERE passages <= 0")

    def search(self, terms: Sequence[str], limit: int) -> list[tuple[int, float]]:
        """Return (passage row, BM25 score) of the passages with any of these stems, best first.

        The score is positive, and higher is better (FTS5's own is negated). Stems that are too
        common count only where the rarer ones find little.
        """
        counts = self.frequencies(terms)
        found = 0
        chosen: list[str] = []
        for term in sorted(counts, key=lambda term: (counts[term], term)):
            if chosen and found + counts[term] > RANKED:
                break
            found += counts[term]
            chosen.append(_phrase(term))
        if not found:
            return []
        rows = self._db.execute(
            "SELECT rowid, -bm25(passage_stems) FROM passage_stems WHERE passage_stems MATCH ? "
            f"{self._and_chosen} ORDER BY bm25(passage_stems), rowid LIMIT ?",
            (" OR ".join(chosen), limit),
        )
        return [(row, score) for row, score in rows]

    def opening_with(self, term: str, limit: int) -> list[tuple[int, list[str]]]:
        """Return (passage row, its first stems) of passages with this stem among them."""
        rows = self._db.execute(
            "SELECT rowid, stems FROM passage_openings WHERE passage_openings MATCH ? "
            f"{self._and_chosen} LIMIT ?",
            (_phrase(term), limit),
        )
        return [(row, indexed.split()) for row, indexed in rows]

    def stems_of(self, rows: Sequence[int]) -> dict[int, list[str]]:
        """Return the stems of these passages, in text order."""
        return {row: indexed.split() for row, indexed in self._indexed(rows).items()}

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Return in how many passages each of these stems occurs."""
        wanted = dict.fromkeys(terms)
        if self._scope:
            query = (
                f"SELECT count(*) FROM passage_stems WHERE passage_stems MATCH ? {self._and_chosen}"
            )
            return {
                term: int(self._db.execute(query, (_phrase(term),)).fetchone()[0])
                for term in wanted
            }
        found = dict(
            self._db.execute(
                "SELECT stem, passages FROM stem_counts WHERE stem IN "
                "(SELECT value FROM json_each(?))",
                (json.dumps(list(wanted)),),
            ).fetchall()
        )
        return {term: found.get(term, 0) if term else 0 for term in wanted}

    def passage_count(self) -> int:
        """Return how many passages there are."""
        query = "SELECT coalesce(sum(passages), 0) FROM stem_counts WHERE stem = ''"
        if self._scope:
            query = f"SELECT count(*) FROM ({self._scope.passages})"
        return int(self._db.execute(query).fetchone()[0])

    def _indexed(self, rows: Sequence[int]) -> dict[int, str]:
        return dict(
            self._db.execute(
                "SELECT rowid, stems FROM passage_stems WHERE rowid IN "
                "(SELECT value FROM json_each(?))",
                (json.dumps(list(rows)),),
            ).fetchall()
        )

    def _count(self, counts: dict[str, int]) -> None:
        self._db.executemany(
            "INSERT INTO stem_counts VALUES (?, ?) ON CONFLICT (stem) DO UPDATE "
            "SET passages = passages + excluded.passages",
            list(counts.items()),
        )


def count_stems(indexed: Iterable[str]) -> dict[str, int]:
    """Return in how many of these passages each stem occurs; the empty stem in each of them."""
    counts: Counter[str] = Counter()
    for text in indexed:
        counts.update({"", *text.split()})
    return dict(counts)


def _phrase(term: str) -> str:
    """Quote a term: in quotes, nothing is an operator of FTS5's query language."""
    return '"' + term.replace('"', '""').replace("\0", " ") + '"'
