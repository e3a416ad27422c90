"""Which names stand for an identity, and how often: counted over all documents.

References ("she") are no names. How many names stand for an identity in all is kept beside it:
common ones tell passages apart less.
"""

import sqlite3
from collections import Counter
from collections.abc import Mapping

Surface = tuple[int, str, str]
"""Identity, text, type."""

NAMED = "SELECT coalesce(sum(count), 0) FROM surfaces WHERE identity = identities.row"


class Surfaces:
    """Counts names; the caller holds the transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def add(self, counts: Mapping[Surface, int], normals: Mapping[Surface, str]) -> None:
        """Count names, each with its normal form."""
        self._db.executemany(
            "INSERT INTO surfaces VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET count = count + excluded.count",
            [(*surface, normals[surface], count) for surface, count in counts.items()],
        )
        self._count_in_all(counts, 1)

    def take(self, counts: Mapping[Surface, int]) -> None:
        """Take names back; one that stands nowhere any more is forgotten."""
        where = "WHERE identity = ? AND text = ? AND type = ?"
        self._db.executemany(
            f"UPDATE surfaces SET count = count - ? {where}",
            [(count, *surface) for surface, count in counts.items()],
        )
        self._db.executemany(f"DELETE FROM surfaces {where} AND count <= 0", list(counts))
        self._count_in_all(counts, -1)

    def normals(self, counts: Mapping[Surface, int]) -> dict[Surface, str]:
        """Return the normal forms of names that are counted."""
        query = "SELECT normal FROM surfaces WHERE identity = ? AND text = ? AND type = ?"
        found = {surface: self._db.execute(query, surface).fetchone() for surface in counts}
        # One that a damaged library has lost is its own, until it is built anew.
        return {surface: normal[0] if normal else surface[1] for surface, normal in found.items()}

    def _count_in_all(self, counts: Mapping[Surface, int], sign: int) -> None:
        in_all: Counter[int] = Counter()
        for (identity, _, _), count in counts.items():
            in_all[identity] += sign * count
        self._db.executemany(
            "UPDATE identities SET mentions = mentions + ? WHERE row = ?",
            [(count, identity) for identity, count in in_all.items()],
        )
