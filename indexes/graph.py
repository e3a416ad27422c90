"""The cited graph: identities, mentions and evidence in SQLite; entities and triplets as views.

Each document says what its mentions stand for (identities) and which identities are one (same_as).
An entity is a component of identities under same_as, over all documents, and under the rules by
which users correct it (``indexes.components``); a triplet is all the evidence between two entities.
Both are functions of the documents that are there and of the rules in force, so any history gives
the graph of its survivors.
"""

import sqlite3
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

from indexes.components import id_of_key
from indexes.entities import EntityPlaces
from indexes.facts import GraphReader
from indexes.records import Mention, Resolution
from indexes.retractions import Retractions
from indexes.rules import RuleReader, base_key
from indexes.surfaces import Surface, Surfaces


class GraphStore(GraphReader):
    """Reads and writes the graph; the caller holds the transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        super().__init__(db)
        self.places = EntityPlaces(db)
        self._surfaces = Surfaces(db)
        self._rules = RuleReader(db)
        self._retractions = Retractions(db)

    def insert(
        self,
        document: int,
        text: str,
        resolution: Resolution,
        passages: Sequence[tuple[int, int, int]],
        *,
        extractor: str,
    ) -> None:
        """Store what was found in a document, and join the entities that it says are one.

        ``passages`` are the row, start and end of each of its passages, in order.
        """
        keys = {item.identity for item in resolution.mentions}
        keys.update(key for pair in resolution.same_as for key in pair)
        rows, touched = self._identity_rows(sorted(keys))
        mention_rows = self._insert_mentions(document, resolution, rows, passages)
        for first, second in resolution.same_as:
            pair = sorted((rows[first], rows[second]))
            touched.update(pair)
            self._db.execute("INSERT OR IGNORE INTO same_as VALUES (?, ?, ?)", (*pair, document))
        self._db.executemany(
            "INSERT INTO evidence (document, subject, relation, object, subject_mention, "
            "object_mention, start, end, quote, extractor, score) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    document,
                    rows[resolution.mentions[item.subject].identity],
                    item.relation,
                    rows[resolution.mentions[item.object].identity],
                    mention_rows[item.subject],
                    mention_rows[item.object],
                    item.start,
                    item.end,
                    text[item.start : item.end],
                    extractor,
                    item.score,
                )
                for item in resolution.relations
            ],
        )
        self.places.place_around(touched)
        if not self._rules.is_empty():
            self._retractions.settle("document = ?", (document,))

    def remove(self, document: int) -> None:
        """Forget what a document said; entities that only it held together fall apart again."""
        touched = {
            row
            for pair in self._db.execute(
                "SELECT first, second FROM same_as WHERE document = ?", (document,)
            )
            for row in pair
        }
        names = self._names_in(document)
        self._surfaces.take(names)
        for table in ("evidence", "retracted_evidence", "mentions", "same_as"):
            self._db.execute(f"DELETE FROM {table} WHERE document = ?", (document,))
        self._settle(touched, touched | {identity for identity, _, _ in names})

    def rekey(self, document: int) -> None:
        """Give a document's identities the keys that they have under the splits in force."""
        changed = self.due_keys(document)
        if not changed:
            return
        rows = self.places.rows_of(changed)
        new_rows, touched = self._identity_rows(sorted(changed.values()))
        moved = {rows[key]: new_rows[new] for key, new in changed.items()}
        self._move_names(document, moved)
        touched |= self._move_pairs(document, moved) | moved.keys()
        self._settle(touched, set(moved))
        self._retractions.settle("document = ?", (document,))

    def has_splits(self) -> bool:
        """Return whether any split is limited to some documents."""
        return self._rules.choose_documents()

    def due_keys(self, document: int) -> dict[str, str]:
        """Return the keys in a document that are not as the splits have them, and what they are."""
        keys = [
            key
            for (key,) in self._db.execute(
                "SELECT key FROM identities WHERE row IN (SELECT identity FROM mentions "
                "WHERE document = :row UNION SELECT first FROM same_as WHERE document = :row "
                "UNION SELECT second FROM same_as WHERE document = :row)",
                {"row": document},
            )
        ]
        due = self._rules.keys_in(document, map(base_key, keys))
        return {key: due[base_key(key)] for key in keys if due[base_key(key)] != key}

    def _move_names(self, document: int, moved: dict[int, int]) -> None:
        """Let what a document says of some identities be said of others."""
        names = {name: n for name, n in self._names_in(document).items() if name[0] in moved}
        normals = self._surfaces.normals(names)
        self._surfaces.take(names)
        self._surfaces.add(
            {(moved[row], text, type_): n for (row, text, type_), n in names.items()},
            {(moved[row], text, type_): form for (row, text, type_), form in normals.items()},
        )
        for table, column in (
            ("mentions", "identity"),
            ("evidence", "subject"),
            ("evidence", "object"),
            ("retracted_evidence", "subject"),
            ("retracted_evidence", "object"),
        ):
            self._db.executemany(
                f"UPDATE {table} SET {column} = ? WHERE document = ? AND {column} = ?",
                [(new, document, old) for old, new in moved.items()],
            )

    def _move_pairs(self, document: int, moved: dict[int, int]) -> set[int]:
        """Say the same_as pairs of a document of other identities; return all that it speaks of."""
        pairs = self._db.execute(
            "SELECT first, second FROM same_as WHERE document = ?", (document,)
        ).fetchall()
        new_pairs = [sorted(moved.get(row, row) for row in pair) for pair in pairs]
        self._db.execute("DELETE FROM same_as WHERE document = ?", (document,))
        self._db.executemany(
            "INSERT OR IGNORE INTO same_as VALUES (?, ?, ?)",
            [(*pair, document) for pair in new_pairs],
        )
        return {row for pair in (*pairs, *new_pairs) for row in pair}

    def _names_in(self, document: int) -> Counter[Surface]:
        """Count the names in a document."""
        return Counter(
            (identity, mention.text, mention.type)
            for mention, identity in self._stored_mentions(document, "identity")
            if mention.antecedent is None
        )

    def _settle(self, touched: set[int], left: set[int]) -> None:
        """Forget those that were left and that nobody speaks of; place what is around the rest."""
        gone = {row for row in left if not self._is_held(row)}
        beside = self.places.joined_by_rules(gone)
        self._db.executemany("DELETE FROM identities WHERE row = ?", [(row,) for row in gone])
        self.places.place_around((touched | beside) - gone)

    def _identity_rows(self, keys: Sequence[str]) -> tuple[dict[str, int], set[int]]:
        """Return the row of each key, and the new ones that a rule speaks of.

        A new key that no rule speaks of is an entity of its own.
        """
        rows: dict[str, int] = {}
        new: dict[str, int] = {}
        for key in keys:
            found = self._db.execute("SELECT row FROM identities WHERE key = ?", (key,)).fetchone()
            if found is None:
                cursor = self._db.execute(
                    "INSERT INTO identities (key, entity) VALUES (?, ?)", (key, id_of_key(key))
                )
                assert cursor.lastrowid is not None
                rows[key] = new[key] = cursor.lastrowid
            else:
                rows[key] = int(found[0])
        if not new or self._rules.is_empty():
            return rows, set()
        return rows, {new[key] for key in self._rules.known(new)}

    def _insert_mentions(
        self,
        document: int,
        resolution: Resolution,
        rows: dict[str, int],
        passages: Sequence[tuple[int, int, int]],
    ) -> list[int]:
        mention_rows = []
        names: Counter[Surface] = Counter()
        normals: dict[Surface, str] = {}
        places = _stored_order([item.mention for item in resolution.mentions])
        for item in resolution.mentions:
            mention, identity = item.mention, rows[item.identity]
            named = None if mention.antecedent is None else places[mention.antecedent]
            passage, place = _place_in(passages, mention.start)
            cursor = self._db.execute(
                "INSERT INTO mentions (document, start, end, type, score, identity, antecedent, "
                "passage, place) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    document,
                    mention.start,
                    mention.end,
                    mention.type,
                    mention.score,
                    identity,
                    named,
                    passage,
                    place,
                ),
            )
            assert cursor.lastrowid is not None
            mention_rows.append(cursor.lastrowid)
            if named is None:  # "she" is no name by which to find anybody
                name = identity, mention.text, mention.type
                names[name] += 1
                normals[name] = item.normal
        self._surfaces.add(names, normals)
        return mention_rows

    def _is_held(self, identity: int) -> bool:
        query = (
            "SELECT 1 FROM surfaces WHERE identity = :row UNION ALL SELECT 1 FROM same_as "
            "WHERE first = :row UNION ALL SELECT 1 FROM same_as WHERE second = :row LIMIT 1"
        )
        return self._db.execute(query, {"row": identity}).fetchone() is not None


def _place_in(
    passages: Sequence[tuple[int, int, int]], offset: int
) -> tuple[int | None, int | None]:
    """Return the row of the passage that holds an offset, and the offset within it."""
    index = bisect_right(passages, offset, key=lambda passage: passage[1]) - 1
    if index < 0 or offset >= passages[index][2]:
        return None, None
    return passages[index][0], offset - passages[index][1]


def _stored_order(mentions: Sequence[Mention]) -> list[int]:
    """Return the place of each mention in the order in which they are read again."""
    places = [0] * len(mentions)
    keys = [(mention.start, mention.end, mention.type) for mention in mentions]
    for place, index in enumerate(sorted(range(len(mentions)), key=keys.__getitem__)):
        places[index] = place
    return places
