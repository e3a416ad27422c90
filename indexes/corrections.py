"""Corrections of the graph: made, listed and undone, as rules that the graph follows at once.

    merge    two entities are one        split    some names, or some documents, mean another one
    rename   an entity is called so      retract  a fact is taken back

Each is a row with the keys and sources that it speaks of (``indexes.rules``). Making and undoing
one both bring what it speaks of into line with the rules that are then in force, so that undoing
leaves no trace, in any order. The caller holds the transaction; names are given in words by it.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from indexes.errors import CorrectionError
from indexes.graph import GraphStore
from indexes.retractions import Retractions
from indexes.rules import RuleReader, own_key

CorrectionKind = Literal["merge", "split", "rename", "retract"]
Keys = dict[tuple[str, int], list[str]]
"""What a rule speaks of: keys by role and part; see ``RuleReader``."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction in force: ``made`` is UTC in ISO 8601, ``what`` one plain line."""

    id: int
    kind: CorrectionKind
    made: str
    what: str


class CorrectionStore:
    """Reads and writes corrections; the caller holds the transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._rules = RuleReader(db)
        self._graph = GraphStore(db)

    def in_force(self) -> list[Correction]:
        """Return the corrections in force, newest first."""
        rows = self._db.execute("SELECT id, kind, made, what FROM corrections ORDER BY id DESC")
        return [Correction(*row) for row in rows]

    def merge(self, keep: str, other: str, *, what: str) -> Correction:
        """Let two entities be one, whatever documents say; the id is that of the one to keep.

        Where both have a QID, that of ``keep`` stands for both; where only ``other`` has one, that
        is the entity's from now on.
        """
        kept, joined = (
            self._graph.places.stated_as_one(keep),
            self._graph.places.stated_as_one(other),
        )
        # What only earlier merges joined is not said anew: undoing those must take it apart again.
        groups = [[*kept[0], *joined[0]], *kept[1:], *joined[1:]]
        keys: Keys = {("one", part): group for part, group in enumerate(groups)}
        keys["keep", 0] = [key for group in kept for key in group]
        return self._make("merge", what, keys)

    def split(
        self, entity: str, *, names: Sequence[str], documents: Sequence[int], what: str
    ) -> Correction:
        """Let some names of an entity mean another one; or all, in some documents (rows).

        Raises
        ------
        CorrectionError
            Nothing that was chosen belongs to the entity, or nothing of it would be left.
        """
        keys = self._graph.places.keys_of(entity)
        chosen = self._named(keys, names) if names else set(keys)
        if documents:
            chosen = self._mentioned(chosen, documents)
        if not chosen:
            raise CorrectionError("None of the chosen documents mentions it: nothing to split off.")
        if not self._is_left(set(keys), chosen, documents):
            raise CorrectionError(
                "That is all there is of it: nothing would be left. Choose some of the documents "
                "that mention it, or other names; names for one entry of Wikidata go together."
            )
        groups = self._graph.places.stated_as_one(entity)
        taken = {keys[row] for row in chosen}
        if documents:
            return self._set_apart(groups, sorted(taken), documents, what)
        rest = [[key for key in group if key not in taken] for group in groups]
        return self._make("split", what, _parted([sorted(taken), *rest]))

    def _set_apart(
        self, groups: Sequence[Sequence[str]], taken: Sequence[str], documents: Sequence[int],
        what: str,
    ) -> Correction:  # fmt: skip
        """Split keys off in some documents, where they get keys of their own."""
        id_ = self._insert("split", what)
        own = [own_key(id_, key) for key in taken]
        self._insert_keys(id_, _parted([own, *groups]) | {("own", 0): list(taken)})
        self._db.execute(
            "INSERT INTO correction_sources SELECT ?, path FROM sources WHERE document IN "
            "(SELECT value FROM json_each(?))",
            (id_, json.dumps(list(documents))),
        )
        return self._made(id_)

    def rename(self, entity: str, name: str, normal: str, *, what: str) -> Correction:
        """Call an entity by a name, which questions may use too: ``normal`` is its normal form."""
        keys = [key for group in self._graph.places.stated_as_one(entity) for key in group]
        return self._make("rename", what, {("named", 0): keys}, name=name, normal=normal)

    def retract(self, subject: str, relation: str, object_: str, *, what: str) -> Correction:
        """Take a fact back.

        Raises
        ------
        CorrectionError
            No document states it.
        """
        subjects, objects = self._graph.places.keys_of(subject), self._graph.places.keys_of(object_)
        stated = self._db.execute(
            "SELECT 1 FROM evidence WHERE subject IN (SELECT value FROM json_each(?)) "
            "AND relation = ? AND object IN (SELECT value FROM json_each(?)) LIMIT 1",
            (json.dumps(list(subjects)), relation, json.dumps(list(objects))),
        ).fetchone()
        if stated is None:
            raise CorrectionError("No document states this fact (any more): nothing to take back.")
        keys = {("subject", 0): sorted(subjects.values()), ("object", 0): sorted(objects.values())}
        return self._make("retract", what, keys, relation=relation)

    def undo(self, id_: int) -> None:
        """Take a correction back: what it speaks of becomes what it would be without it.

        Raises
        ------
        CorrectionError
            There is none with this id.
        """
        query = "SELECT relation FROM corrections WHERE id = ?"
        found = self._db.execute(query, (id_,)).fetchone()
        if found is None:
            raise CorrectionError(f"There is no correction {id_}: it may have been undone already.")
        keys, documents = self._rules.keys_of(id_), self._rules.documents_of(id_)
        self._db.execute("DELETE FROM corrections WHERE id = ?", (id_,))
        self._bring_into_line(id_, keys, documents, found[0])

    def carry_over(self, other: "CorrectionStore") -> None:
        """Take the rules of another library, by their ids, into this one, which has none yet."""
        for table in ("corrections", "correction_keys", "correction_sources"):
            rows = other._db.execute(f"SELECT * FROM {table}").fetchall()
            if rows:
                marks = ",".join("?" * len(rows[0]))
                self._db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        self.conform()

    def conform(self) -> None:
        """Bring the whole graph into line with the rules in force."""
        for document in self.misnamed():
            self._graph.rekey(document)
        self._graph.places.place(self._graph.places.misplaced())
        Retractions(self._db).settle()

    def misnamed(self) -> list[int]:
        """Return the documents whose identities have not the keys that the splits give them."""
        apart = self._db.execute(
            "SELECT DISTINCT document FROM mentions WHERE identity IN "
            "(SELECT row FROM identities WHERE key LIKE 'split:%')"
        )
        documents = {row for (row,) in apart} | set(self._rules.chosen())
        return sorted(row for row in documents if self._graph.due_keys(row))

    # -- what a rule speaks of -------------------------------------------------------------------

    def _named(self, keys: Mapping[int, str], names: Sequence[str]) -> set[int]:
        """Return the identities of an entity for which any of these names stands."""
        known: dict[str, set[int]] = {}
        for row, text in self._db.execute(
            "SELECT identity, text FROM surfaces "
            "WHERE identity IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        ):
            known.setdefault(" ".join(text.split()), set()).add(row)
        wanted = [" ".join(name.split()) for name in names]
        for name in wanted:
            if name not in known:
                raise CorrectionError(f"No document calls it “{name}”: choose among its names.")
        return {row for name in wanted for row in known[name]}

    def _mentioned(self, rows: Iterable[int], documents: Sequence[int]) -> set[int]:
        found = self._db.execute(
            "SELECT DISTINCT identity FROM mentions WHERE document IN "
            "(SELECT value FROM json_each(?)) AND identity IN (SELECT value FROM json_each(?))",
            (json.dumps(list(documents)), json.dumps(sorted(rows))),
        )
        return {row for (row,) in found}

    def _is_left(self, all_: set[int], chosen: set[int], documents: Sequence[int]) -> bool:
        """Return whether any mention would be left if these were split off."""
        found = self._db.execute(
            "SELECT 1 FROM mentions WHERE identity IN (SELECT value FROM json_each(?)) AND NOT "
            "(identity IN (SELECT value FROM json_each(?)) AND "
            "(? OR document IN (SELECT value FROM json_each(?)))) LIMIT 1",
            (
                json.dumps(sorted(all_)),
                json.dumps(sorted(chosen)),
                not documents,
                json.dumps(list(documents)),
            ),
        )
        return found.fetchone() is not None

    # -- storing a rule --------------------------------------------------------------------------

    def _make(
        self,
        kind: CorrectionKind,
        what: str,
        keys: Keys,
        *,
        relation: str | None = None,
        name: str | None = None,
        normal: str | None = None,
    ) -> Correction:
        id_ = self._insert(kind, what, relation, name, normal)
        self._insert_keys(id_, keys)
        return self._made(id_)

    def _insert(
        self,
        kind: CorrectionKind,
        what: str,
        relation: str | None = None,
        name: str | None = None,
        normal: str | None = None,
    ) -> int:
        made = datetime.now(UTC).isoformat(timespec="seconds")
        cursor = self._db.execute(
            "INSERT INTO corrections (kind, made, what, relation, name, normal) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (kind, made, what, relation, name, normal),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def _insert_keys(self, id_: int, keys: Keys) -> None:
        self._db.executemany(
            "INSERT INTO correction_keys VALUES (?, ?, ?, ?, ?)",
            [
                (id_, role, part, place, key)
                for (role, part), group in keys.items()
                for place, key in enumerate(group)
            ],
        )

    def _made(self, id_: int) -> Correction:
        query = "SELECT id, kind, made, what, relation FROM corrections WHERE id = ?"
        *fields, relation = self._db.execute(query, (id_,)).fetchone()
        self._bring_into_line(
            id_, self._rules.keys_of(id_), self._rules.documents_of(id_), relation
        )
        return Correction(*fields)

    def _bring_into_line(
        self, id_: int, keys: Keys, documents: Sequence[int], relation: str | None
    ) -> None:
        for document in documents:
            self._graph.rekey(document)
        places = self._graph.places
        joined = {key for (role, _), group in keys.items() if role in _PLACING for key in group}
        # A split made later may have set some of them apart: those, too, are kept apart by this.
        places.place_around(set(places.rows_of(self._rules.variants(id_, joined)).values()))
        if relation is not None:
            Retractions(self._db).settle_rule(id_, keys, relation)


_PLACING = frozenset({"one", "left", "rest"})


def _parted(groups: Sequence[Sequence[str]]) -> Keys:
    """Return a split's keys: the first group leaves the others, and each is one in itself."""
    left, *rest = groups
    kept = [list(group) for group in (left, *rest) if group]
    keys: Keys = {("one", part): group for part, group in enumerate(kept)}
    return keys | {
        ("left", 0): list(left),
        ("rest", 0): [key for group in rest for key in group],
    }
