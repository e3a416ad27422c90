"""Which entity each identity belongs to: kept in step with documents and rules, near what changed.

What ``indexes.components`` computes is stored beside each identity, and computed anew for all that
may be one with what a change touched: its cost is that of the change, not of the library.
"""

import json
import sqlite3
from collections.abc import Iterable

from indexes.components import components, entities_of, id_of_key
from indexes.rules import JoinRule, RuleReader


class EntityPlaces:
    """Reads and writes the entities of identities; the caller holds the transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._rules = RuleReader(db)

    def misplaced(self) -> dict[int, str]:
        """Return the identities whose entity is not what documents and rules say, and which it is.

        None in a whole library: all that writes keeps them in place.
        """
        held = dict(self._db.execute("SELECT row, entity FROM identities"))
        due = self._entities_around(set(held))
        return {row: entity for row, entity in due.items() if held[row] != entity}

    def place(self, entities: dict[int, str]) -> None:
        """Give these identities these entities."""
        self._db.executemany(
            "UPDATE identities SET entity = ? WHERE row = ? AND entity <> ?",
            [(entity, row, entity) for row, entity in entities.items()],
        )

    def place_around(self, rows: set[int]) -> None:
        """Give these identities, and all that may be one with any of them, their entities."""
        self.place(self._entities_around(rows))

    def stated_as_one(self, entity: str) -> list[list[str]]:
        """Return the keys of an entity, apart where only a merge joins them.

        The group that gives the entity its id comes first, and its key first in it.
        """
        keys = self.keys_of(entity)
        pairs = {
            pair: count
            for pair, count in self._pairs_of(set(keys)).items()
            if keys.keys() >= set(pair)
        }
        splits = [rule for rule in self._rules.joining(keys.values()) if not rule.heads]
        splits.sort(key=lambda rule: -rule.id)
        groups = [sorted(keys[row] for row in rows) for rows in components(keys, pairs, splits)]
        for group in groups:
            group.sort(key=lambda key: (id_of_key(key) != entity, key))
        return sorted(groups, key=lambda group: (id_of_key(group[0]) != entity, group))

    def keys_of(self, entity: str) -> dict[int, str]:
        """Return the keys of an entity's identities, by row; none for an unknown entity."""
        query = "SELECT row, key FROM identities WHERE entity = ?"
        return dict(self._db.execute(query, (entity,)).fetchall())

    def rows_of(self, keys: Iterable[str]) -> dict[str, int]:
        """Return the rows of those of these keys that are there."""
        return dict(
            self._db.execute(
                "SELECT key, row FROM identities WHERE key IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(set(keys))),),
            ).fetchall()
        )

    def _entities_around(self, touched: set[int]) -> dict[int, str]:
        """Return the entity of these identities and of all that may be one with any of them."""
        keys: dict[int, str] = {}
        pairs: dict[tuple[int, int], int] = {}
        rules: dict[int, JoinRule] = {}
        no_rules = self._rules.is_empty()
        wave, seen = touched, set(touched)
        while wave:
            found = dict(
                self._db.execute(
                    "SELECT row, key FROM identities WHERE row IN (SELECT value FROM json_each(?))",
                    (json.dumps(sorted(wave)),),
                ).fetchall()
            )
            keys |= found
            said = self._pairs_of(wave)
            pairs |= said
            new = [] if no_rules else self._rules.joining(found.values())
            joined = {
                key for rule in new if rule.id not in rules for one in rule.one for key in one
            }
            rules |= {rule.id: rule for rule in new}
            beside = {row for pair in said for row in pair} | set(self.rows_of(joined).values())
            wave = beside - seen
            seen |= wave
        pairs = {pair: count for pair, count in pairs.items() if keys.keys() >= set(pair)}
        return entities_of(keys, pairs, rules.values())

    def _pairs_of(self, rows: set[int]) -> dict[tuple[int, int], int]:
        """Return each pair of which any of these is a part, with how many documents say it."""
        chosen = "(SELECT value FROM json_each(:rows))"
        return {
            (first, second): count
            for first, second, count in self._db.execute(
                "SELECT first, second, count(*) FROM same_as "
                f"WHERE first IN {chosen} GROUP BY first, second UNION "
                "SELECT first, second, count(*) FROM same_as "
                f"WHERE second IN {chosen} GROUP BY first, second",
                {"rows": json.dumps(sorted(rows))},
            )
        }

    def joined_by_rules(self, rows: set[int]) -> set[int]:
        """Return the identities that rules join with any of these."""
        if not rows or self._rules.is_empty():
            return set()
        query = "SELECT key FROM identities WHERE row IN (SELECT value FROM json_each(?))"
        keys = [key for (key,) in self._db.execute(query, (json.dumps(sorted(rows)),))]
        joined = {key for rule in self._rules.joining(keys) for group in rule.one for key in group}
        return set(self.rows_of(joined).values())
