"""Evidence of facts that a user took back: moved aside, so that nothing finds it any more.

A fact is retracted by the keys of its two entities as they were then. Evidence of it lies in
``retracted_evidence`` while any such rule is in force, and moves back when the last one is undone.
Splits that were made later change keys, but not what was retracted.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from indexes.rules import RuleReader, seen_by, views_of


class Stated(NamedTuple):
    """A piece of evidence, by its row, and the keys of what it states."""

    row: int
    subject: str
    relation: str
    object: str


class Retractions:
    """Moves evidence to where the rules have it; the caller holds the transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._rules = RuleReader(db)

    def settle(self, where: str = "1", values: Sequence[Any] = ()) -> None:
        """Move all evidence, or that of which this holds, to where the rules have it."""
        away, back = self.misfiled(where, values)
        self._move("evidence", "retracted_evidence", away)
        self._move("retracted_evidence", "evidence", back)

    def settle_rule(
        self, rule: int, roles: dict[tuple[str, int], list[str]], relation: str
    ) -> None:
        """Move what a rule that was just made or undone speaks of."""
        subjects = self._rules.variants(rule, roles.get(("subject", 0), ()))
        self.settle(
            "relation = ? AND subject IN (SELECT row FROM identities WHERE key IN "
            "(SELECT value FROM json_each(?)))",
            (relation, json.dumps(sorted(subjects))),
        )

    def misfiled(self, where: str = "1", values: Sequence[Any] = ()) -> tuple[list[int], list[int]]:
        """Return the evidence that is to be moved away, and that to be moved back, by row."""
        shown, hidden = (
            list(
                map(
                    Stated._make,
                    self._db.execute(
                        f"SELECT {table}.row, s.key, relation, o.key FROM {table} "
                        "JOIN identities s ON s.row = subject JOIN identities o ON o.row = object "
                        f"WHERE {where}",
                        tuple(values),
                    ),
                )
            )
            for table in ("evidence", "retracted_evidence")
        )
        retracted = self._retracted([*shown, *hidden])
        away = [item.row for item in shown if item.row in retracted]
        return away, [item.row for item in hidden if item.row not in retracted]

    def _retracted(self, stated: Sequence[Stated]) -> set[int]:
        """Return those of these pieces of evidence that a rule takes back."""
        rules = self._rules_about({item.subject for item in stated})
        return {
            item.row
            for item in stated
            for subject in (item.subject, *(key for _, key in views_of(item.subject)))
            for rule, objects in rules.get((item.relation, subject), ())
            if seen_by(rule, item.subject) == subject and seen_by(rule, item.object) in objects
        }

    def _rules_about(
        self, subjects: set[str]
    ) -> dict[tuple[str, str], list[tuple[int, frozenset[str]]]]:
        """Return the rules about these by relation and subject, each with its objects."""
        seen = subjects | {key for subject in subjects for _, key in views_of(subject)}
        found: dict[tuple[str, str], list[tuple[int, frozenset[str]]]] = defaultdict(list)
        objects: dict[int, frozenset[str]] = {}
        for rule, relation, key in self._db.execute(
            "SELECT correction, relation, key FROM correction_keys JOIN corrections "
            "ON corrections.id = correction WHERE role = 'subject' AND key IN "
            "(SELECT value FROM json_each(?))",
            (json.dumps(sorted(seen)),),
        ).fetchall():
            if rule not in objects:
                objects[rule] = frozenset(self._rules.keys_of(rule).get(("object", 0), ()))
            found[relation, key].append((rule, objects[rule]))
        return found

    def _move(self, source: str, target: str, rows: Sequence[int]) -> None:
        columns = (
            "row, document, subject, relation, object, subject_mention, object_mention, "
            "start, end, quote, extractor, score"
        )
        chosen = "(SELECT value FROM json_each(?))"
        self._db.execute(
            f"INSERT INTO {target} ({columns}) SELECT {columns} FROM {source} "
            f"WHERE row IN {chosen}",
            (json.dumps(list(rows)),),
        )
        self._db.execute(f"DELETE FROM {source} WHERE row IN {chosen}", (json.dumps(list(rows)),))
