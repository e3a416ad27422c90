"""The read-only catalogue of entities that mentions are linked to: one SQLite file.

Names are looked up by normal form; the caller computes it, so that no model is needed here. The
file is written once, by ``kgrag.train.catalogue``.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from indexes.errors import ModelError

SCHEMA_VERSION = 1
MAX_NAMES = 500
"""Names in one query; SQLite before 3.32 takes no more than 999 parameters."""

SCHEMA = f"""
CREATE TABLE entities (
    id INTEGER PRIMARY KEY,  -- the number of the QID
    label_en TEXT,
    label_ru TEXT,
    description TEXT NOT NULL,
    type_group TEXT NOT NULL,
    prior REAL NOT NULL
);
CREATE TABLE aliases (
    name TEXT NOT NULL,  -- normal form
    entity INTEGER NOT NULL REFERENCES entities(id),
    prior REAL NOT NULL,
    PRIMARY KEY (name, entity)
) WITHOUT ROWID;
PRAGMA user_version = {SCHEMA_VERSION};
"""


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """An entity that a name may mean.

    ``type_group`` is a group of the ontology, or ``unknown``. ``prior`` (0..1) says how often the
    entity is mentioned at all, on a logarithmic scale; ``alias_prior`` (0..1) is the smoothed share
    of the mentions with the name that meant this entity.
    """

    wikidata: str
    label_en: str | None
    label_ru: str | None
    description: str
    type_group: str
    prior: float
    alias_prior: float

    @property
    def label(self) -> str:
        """The English label, or the Russian one where there is no English one."""
        return self.label_en or self.label_ru or self.wikidata


class Catalogue:
    """An open catalogue; may be shared between threads."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> "Catalogue":
        """Open a catalogue for reading.

        Raises
        ------
        ModelError
            The file is missing, is no catalogue, or has another schema.
        """
        try:
            # immutable: never written to, so that it may lie in a read-only package folder.
            uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
            connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.Error as error:
            raise ModelError(f"The entity catalogue {path} cannot be read: {error}") from error
        if version != SCHEMA_VERSION:
            connection.close()
            raise ModelError(
                f"The entity catalogue {path} has schema {version}, expected {SCHEMA_VERSION}; "
                "write it anew with: python -m kgrag.train.catalogue"
            )
        return cls(connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def candidates(self, normal_names: Iterable[str], limit: int = 20) -> list[CatalogueEntry]:
        """Return the entities with any of these names, the likeliest first; ties by QID number.

        An entity with several of the names has the highest of their alias priors.
        """
        names = sorted(set(normal_names))[:MAX_NAMES]
        marks = ",".join("?" * len(names))
        rows = self._connection.execute(
            "SELECT e.id, label_en, label_ru, description, type_group, e.prior,"
            " max(a.prior) AS best FROM aliases AS a JOIN entities AS e ON e.id = a.entity"
            f" WHERE a.name IN ({marks})"
            " GROUP BY e.id ORDER BY best DESC, e.prior DESC, e.id LIMIT ?",
            (*names, limit),
        )
        return [_entry(row) for row in rows]

    def entity(self, wikidata: str) -> CatalogueEntry | None:
        """Return the entity with this QID, its alias prior being 1, or None."""
        number = wikidata[1:]
        if not (wikidata.startswith("Q") and number.isascii() and number.isdigit()):
            return None
        row = self._connection.execute(
            "SELECT id, label_en, label_ru, description, type_group, prior, 1.0"
            " FROM entities WHERE id = ?",
            (int(number),),
        ).fetchone()
        return _entry(row) if row else None


def _entry(row: tuple[int, str | None, str | None, str, str, float, float]) -> CatalogueEntry:
    number, label_en, label_ru, description, type_group, prior, alias_prior = row
    return CatalogueEntry(
        wikidata=f"Q{number}",
        label_en=label_en,
        label_ru=label_ru,
        description=description,
        type_group=type_group,
        prior=prior,
        alias_prior=alias_prior,
    )
