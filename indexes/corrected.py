"""What a correction speaks of, as it is in the graph now: entities, their names, what states them.

A rule names identities by their keys as they were when it was made; splits that were made later may
have given some of them other keys (``RuleReader.variants``). What documents that were removed said
is not there: a rule may speak of nothing any more.
"""

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from indexes.corrections import CorrectionKind
from indexes.documents import NAME_SQL, page_number
from indexes.records import Evidence
from indexes.rules import RuleReader

Rows = tuple[int, ...]
"""Identities, by their rows; the one that gives the entity its id first."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction in force speaks of.

    ``one`` and ``other`` are: of a merge, what was kept and what was joined to it; of a split, what
    stays and what was split off; of a retraction, subject and object; of a renaming, what is called
    so, and nothing. ``relation`` is that of a retraction, ``name`` that of a renaming.
    """

    id: int
    kind: CorrectionKind
    one: Rows
    other: Rows
    relation: str | None
    name: str | None


class CorrectedReader:
    """Reads what corrections speak of through one connection; the caller holds a snapshot."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._rules = RuleReader(db)

    def all(self) -> list[Corrected]:
        """Return what each correction in force speaks of, the oldest first."""
        rows = self._db.execute("SELECT id, kind, relation, name FROM corrections ORDER BY id")
        return [self._corrected(*row) for row in rows.fetchall()]

    def entity_of(self, rows: Rows) -> str | None:
        """Return the id of the entity that the first of some identities belongs to."""
        query = "SELECT entity FROM identities WHERE row = ?"
        return str(self._db.execute(query, rows[:1]).fetchone()[0]) if rows else None

    def names_of(self, rows: Rows) -> list[str]:
        """Return what documents call some identities, the commonest name first."""
        query = (
            "SELECT text, sum(count) FROM surfaces WHERE identity IN "
            "(SELECT value FROM json_each(?)) GROUP BY text ORDER BY 2 DESC, 1"
        )
        found = self._db.execute(query, (json.dumps(rows),))
        return list(dict.fromkeys(" ".join(text.split()) for text, _ in found))

    def spans_stating(self, rows: Rows) -> set[tuple[str, int, int]]:
        """Return (document id, start, end) of the evidence of facts about some identities."""
        query = (
            "SELECT documents.id, start, end FROM evidence JOIN documents "
            "ON documents.row = document WHERE subject IN (SELECT value FROM json_each(:rows)) "
            "OR object IN (SELECT value FROM json_each(:rows))"
        )
        return set(self._db.execute(query, {"rows": json.dumps(rows)}).fetchall())

    def retracted_evidence(self, subject: Rows, relation: str, object_: Rows) -> list[Evidence]:
        """Return what stated a fact that was taken back, the surest first."""
        query = (
            f"SELECT documents.id, {NAME_SQL}, pages, start, end, quote, extractor, score "
            "FROM retracted_evidence JOIN documents ON documents.row = document "
            "WHERE relation = ? AND subject IN (SELECT value FROM json_each(?)) "
            "AND object IN (SELECT value FROM json_each(?)) "
            "ORDER BY score DESC, documents.id, start"
        )
        found = self._db.execute(query, (relation, json.dumps(subject), json.dumps(object_)))
        return [
            Evidence(
                id_, name or "", page_number(pages, start), start, end, quote, extractor, score
            )
            for id_, name, pages, start, end, quote, extractor, score in found
        ]

    def _corrected(
        self, id_: int, kind: CorrectionKind, relation: str | None, name: str | None
    ) -> Corrected:
        keys = self._rules.keys_of(id_)

        def of(role: str) -> list[str]:
            parts = sorted(part for key, part in keys if key == role)
            return [key for part in parts for key in keys[role, part]]

        if kind == "merge":
            one, other = of("keep"), [key for key in of("one") if key not in set(of("keep"))]
        elif kind == "split":
            one, other = of("rest"), of("left")
        elif kind == "retract":
            one, other = of("subject"), of("object")
        else:
            one, other = of("named"), []
        return Corrected(id_, kind, self._rows(id_, one), self._rows(id_, other), relation, name)

    def _rows(self, id_: int, keys: Sequence[str]) -> Rows:
        """Return the identities that have these keys, or had them when the rule was made."""
        later = sorted(self._rules.variants(id_, keys) - set(keys))
        return tuple(row for key in (*keys, *later) for row in self._rows_of([key]))

    def _rows_of(self, keys: Collection[str]) -> list[int]:
        query = "SELECT row FROM identities WHERE key IN (SELECT value FROM json_each(?))"
        return [row for (row,) in self._db.execute(query, (json.dumps(list(keys)),))]
