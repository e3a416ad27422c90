"""What entities are called: by the names in documents, unless users had a say.

A given name belongs to one identity, the first of the renamed entity's that is there, so that a
split leaves it with the rest. A merged entity is called what the one that was kept was called. Read
from the rules each time: there is nothing to keep in step.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from indexes.records import Entity
from indexes.rules import RuleReader

_MAX_ALIASES = 12

Named = tuple[str, str, str, int]
"""A surface, its type and normal form, and how often it stands for something."""


@dataclass(frozen=True, slots=True)
class ShownName:
    """What rules say of an entity's name.

    ``name`` is the one to show, or None where it is the best of ``rows``, identities that a merge
    kept; none of these, it is the best of all. ``given`` are all names that users gave, the newest
    first.
    """

    name: str | None
    given: tuple[str, ...]
    rows: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Naming:
    """A rename (``name`` is given) or a merge, and the identities that it speaks of: row, entity.

    The first of them carries a given name.
    """

    name: str | None
    held: tuple[tuple[int, str], ...]


class ShownNames:
    """Reads names from the rules through one connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._rules = RuleReader(db)

    def of(self, entities: Sequence[str]) -> dict[str, ShownName]:
        """Return what rules say of the names of these entities; most have no rule."""
        if self._rules.is_empty():
            return {}
        found = self._db.execute(
            "SELECT DISTINCT correction, entity FROM identities JOIN correction_keys USING (key) "
            "WHERE role IN ('named', 'keep') AND entity IN (SELECT value FROM json_each(?)) "
            "ORDER BY correction DESC",
            (json.dumps(list(entities)),),
        ).fetchall()
        namings = {id_: self._naming(id_) for id_ in dict.fromkeys(id_ for id_, _ in found)}
        by_entity: dict[str, list[_Naming]] = {}
        for id_, entity in found:
            by_entity.setdefault(entity, []).append(namings[id_])
        return {entity: _shown(entity, newest) for entity, newest in by_entity.items()}

    def meant(self, normals: Sequence[str]) -> list[tuple[str, str]]:
        """Return (normal name, entity) of the names that users gave, by their normal forms."""
        if self._rules.is_empty():
            return []
        found = self._db.execute(
            "SELECT normal, id FROM corrections WHERE normal IN (SELECT value FROM json_each(?))",
            (json.dumps(list(normals)),),
        ).fetchall()
        return [
            (normal, entity) for normal, id_ in found for _, entity in self._naming(id_).held[:1]
        ]

    def given(self) -> list[tuple[str, str, str]]:
        """Return (name, normal name, entity) of all names that users gave, the oldest first."""
        found = self._db.execute(
            "SELECT name, normal, id FROM corrections WHERE name IS NOT NULL ORDER BY id"
        ).fetchall()
        return [
            (name, normal, entity)
            for name, normal, id_ in found
            for _, entity in self._naming(id_).held[:1]
        ]

    def _naming(self, id_: int) -> _Naming:
        """Return the identities of a rule that are there: what a newer split took comes last."""
        (name,) = self._db.execute("SELECT name FROM corrections WHERE id = ?", (id_,)).fetchone()
        rows = self._db.execute(
            "SELECT identities.row, entity FROM correction_keys JOIN identities USING (key) "
            "WHERE correction = :id AND role IN ('named', 'keep') ORDER BY EXISTS "
            "(SELECT 1 FROM correction_keys AS newer WHERE newer.key = identities.key "
            "AND newer.role = 'left' AND newer.correction > :id), place",
            {"id": id_},
        )
        return _Naming(name, tuple(rows.fetchall()))


def _shown(entity: str, newest_first: Sequence[_Naming]) -> ShownName:
    """Follow the rules back: each merge leaves only what it kept, the first given name counts."""
    rows: frozenset[int] = frozenset()
    shown: str | None = None
    given = []
    for naming in newest_first:
        held = frozenset(row for row, where in naming.held if where == entity)
        carrier, where = naming.held[0]
        if naming.name is None:
            if shown is None:
                rows = rows & held or rows or held
        elif where == entity:
            given.append(naming.name)
            if shown is None and (not rows or carrier in rows):
                shown = naming.name
    return ShownName(shown, tuple(dict.fromkeys(given)), rows)


def entity_of(id_: str, surfaces: Sequence[Named]) -> Entity:
    """Name an entity by its surfaces."""
    type_, names = _type_and_names(surfaces)
    return Entity(
        id=id_,
        name=names[0],
        type=type_,
        aliases=tuple(names[1 : 1 + _MAX_ALIASES]),
        wikidata=id_ if id_.startswith("Q") else None,
    )


def called(
    entity: Entity, shown: ShownName, surfaces: Sequence[Named], kept: Sequence[Named]
) -> Entity:
    """Return an entity with the name and type that users would have it have."""
    type_, names = _type_and_names(kept or surfaces)
    name = shown.name or names[0]
    others = dict.fromkeys([*shown.given, *names, *_type_and_names(surfaces)[1]])
    others.pop(name, None)
    return replace(entity, name=name, type=type_, aliases=tuple(others)[:_MAX_ALIASES])


def _type_and_names(surfaces: Sequence[Named]) -> tuple[str, list[str]]:
    """Return the commonest type, and the names: nominative before inflected, full before short."""
    types: Counter[str] = Counter()
    names: Counter[tuple[str, str]] = Counter()
    for text, type_, normal, count in surfaces:
        types[type_] += count
        names[" ".join(text.split()), normal] += count
    type_ = min(types, key=lambda name: (-types[name], name))
    normals: Counter[str] = Counter()
    for (_, normal), count in names.items():
        normals[normal] += count

    def rank(name: tuple[str, str]) -> tuple[bool, int, bool, int, int, str]:
        text, normal = name
        is_short = type_ == "person" and " " not in normal
        is_inflected = text.lower().replace("ё", "е") != normal
        return (is_short, -normals[normal], is_inflected, -names[name], -len(text), text)

    return type_, list(dict.fromkeys(text for text, _ in sorted(names, key=rank)))
