"""Writes a catalogue: entities and names in, one SQLite file out, in memory that does not grow.

What is added waits in tables of the file itself. Finishing ranks the names by fame, turns the
weights of each name's entities into shares, and indexes how names sound. The file stands under its
name only when it is whole; the same input gives the same bytes.
"""

import hashlib
import math
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from indexes.catalogue import SCHEMA
from kgrag.sounds import sound_keys

MISSING_ENTITIES = 1.0
"""Weight of each name that is kept back for entities that the catalogue lacks."""

_WAITING = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE named (name TEXT NOT NULL, entity INTEGER NOT NULL, weight REAL NOT NULL);
CREATE TABLE unmeant (name TEXT PRIMARY KEY, weight REAL NOT NULL) WITHOUT ROWID;
"""

_FINISH = f"""
UPDATE entities SET prior = round(log1p(prior) /
    (SELECT max(log1p(max(prior)), 1e-9) FROM entities), 3);
CREATE TABLE merged AS SELECT name, entity, sum(weight) AS weight FROM named
    JOIN entities ON entities.id = entity GROUP BY name, entity ORDER BY name, entity;
DROP TABLE named;
INSERT INTO names (name) SELECT name FROM merged JOIN entities AS e ON e.id = entity
    GROUP BY name ORDER BY max(e.prior) DESC, name;
INSERT INTO aliases
    SELECT n.id, m.entity, round(m.weight / (sum(m.weight) OVER (PARTITION BY m.name)
        + coalesce(u.weight, 0) + {MISSING_ENTITIES}), 3)
    FROM merged AS m JOIN names AS n ON n.name = m.name
    LEFT JOIN unmeant AS u ON u.name = m.name ORDER BY n.id, m.entity;
DROP TABLE merged;
DROP TABLE unmeant;
INSERT INTO sounds (rowid, keys) SELECT id, sounds_of(name) FROM names;
INSERT INTO sounds (sounds) VALUES ('optimize');
"""


@dataclass(frozen=True, slots=True)
class EntityRow:
    """What the catalogue keeps of an entity; ``fame`` counts mentions, on any scale, from 0."""

    number: int
    label_en: str | None
    label_ru: str | None
    description: str
    type: str
    type_group: str
    fame: float


class CatalogueFile:
    """A catalogue that is being written; see ``writing``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def add(self, entity: EntityRow, names: Iterable[tuple[str, float]]) -> None:
        """Add an entity and its (normal name, weight); one that is there already is replaced."""
        self.connection.execute(
            "INSERT OR REPLACE INTO entities VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                entity.number,
                entity.label_en,
                entity.label_ru,
                entity.description,
                entity.type,
                entity.type_group,
                entity.fame,
            ),
        )
        self.connection.executemany(
            "INSERT INTO named VALUES (?, ?, ?)",
            [(name, entity.number, weight) for name, weight in names],
        )

    def add_unmeant(self, name: str, weight: float) -> None:
        """Say that a normal name meant, with this weight, something that has no entity."""
        self.connection.execute(
            "INSERT INTO unmeant VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET weight = weight + excluded.weight",
            (name, weight),
        )


@contextmanager
def writing(out: Path) -> Iterator[CatalogueFile]:
    """Write a catalogue; it replaces ``out`` when the block ends, and not if it raises."""
    partial = out.with_name(out.name + ".partial")
    partial.unlink(missing_ok=True)
    connection = sqlite3.connect(partial)
    try:
        connection.executescript(SCHEMA + _WAITING)
        connection.create_function(
            "sounds_of", 1, lambda name: " ".join(sound_keys(name)), deterministic=True
        )
        connection.create_function("log1p", 1, math.log1p, deterministic=True)
        connection.execute("BEGIN")
        yield CatalogueFile(connection)
        connection.commit()
        connection.executescript(_FINISH)
        connection.execute("INSERT INTO about VALUES ('fingerprint', ?)", (_digest(connection),))
        connection.commit()
        connection.execute("VACUUM")
        connection.close()
        partial.replace(out)
    finally:
        connection.close()
        partial.unlink(missing_ok=True)


def _digest(connection: sqlite3.Connection) -> str:
    digest = hashlib.sha256()
    for query in (
        "SELECT * FROM entities ORDER BY id",
        "SELECT id, name FROM names ORDER BY id",
        "SELECT * FROM aliases ORDER BY name, entity",
    ):
        for row in connection.execute(query):
            digest.update(repr(row).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]
