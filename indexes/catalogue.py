"""The read-only catalogue of entities that mentions are linked to: one SQLite file.

Names are looked up by normal form, or by what they sound like: an FTS5 index over the sound keys of
their words, whose rows stand in the order of fame, so that the first hits are the best known. The
caller computes normal forms and keys, so that no model is needed here. The file is written once, by
``kgrag.train.catalogue`` or ``kgrag.train.wikidata``, and holds ten million names as well as ten.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexes.errors import ModelError

SCHEMA_VERSION = 2
MAX_NAMES = 500
"""Names in one query; SQLite before 3.32 takes no more than 999 parameters."""

SCHEMA = f"""
CREATE TABLE entities (
    id INTEGER PRIMARY KEY,  -- the number of the QID
    label_en TEXT,
    label_ru TEXT,
    description TEXT NOT NULL,
    type TEXT NOT NULL,  -- of the ontology, or empty
    type_group TEXT NOT NULL,  -- of the ontology, or unknown
    prior REAL NOT NULL
);
CREATE TABLE names (
    id INTEGER PRIMARY KEY,  -- the best known first
    name TEXT NOT NULL UNIQUE  -- normal form
);
CREATE TABLE aliases (
    name INTEGER NOT NULL REFERENCES names(id),
    entity INTEGER NOT NULL REFERENCES entities(id),
    prior REAL NOT NULL,
    PRIMARY KEY (name, entity)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE sounds USING fts5(
    keys, content='', detail=none, columnsize=0, tokenize='unicode61'
);  -- rowid: names.id
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
PRAGMA user_version = {SCHEMA_VERSION};
"""

_COLUMNS = "e.id, label_en, label_ru, description, type, type_group, e.prior"


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """An entity that a name may mean.

    ``type`` is one of the ontology or empty where it is not known so closely, ``type_group`` a
    group of the ontology, or ``unknown``. ``prior`` (0..1) says how often the entity is mentioned
    at all, on a logarithmic scale; ``alias_prior`` (0..1) is the smoothed share of the mentions
    with ``name``, the normal form under which it was found, that meant this entity.
    """

    wikidata: str
    label_en: str | None
    label_ru: str | None
    description: str
    type: str
    type_group: str
    prior: float
    alias_prior: float
    name: str

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
                "write it anew with: python -m kgrag.train.catalogue, or kgrag.train.wikidata"
            )
        return cls(connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @property
    def fingerprint(self) -> str:
        """A digest of what was written, made when it was written."""
        row = self._connection.execute(
            "SELECT value FROM about WHERE key = 'fingerprint'"
        ).fetchone()
        return str(row[0]) if row else "unknown"

    def candidates(self, normal_names: Iterable[str], limit: int = 20) -> list[CatalogueEntry]:
        """Return the entities with any of these names, the likeliest first; ties by QID number.

        An entity with several of the names has the highest of their alias priors.
        """
        names = sorted(set(normal_names))[:MAX_NAMES]
        return self._entries(f"n.name IN ({','.join('?' * len(names))})", names, limit)

    def sounding_like(self, keys: Sequence[str], limit: int = 10) -> list[CatalogueEntry]:
        """Return the entities with a name among whose words are all of these sound keys.

        Only the ``limit`` best known names are looked at: the order of fame, not of likeness.
        """
        if not keys:
            return []
        query = " ".join(f'"{key}"' for key in dict.fromkeys(keys[:MAX_NAMES]))
        rows = self._connection.execute(
            "SELECT rowid FROM sounds WHERE sounds MATCH ? LIMIT ?", (query, limit)
        ).fetchall()
        found = [number for (number,) in rows]
        return self._entries(f"a.name IN ({','.join('?' * len(found))})", found, limit)

    def _entries(
        self, condition: str, values: Sequence[str] | Sequence[int], limit: int
    ) -> list[CatalogueEntry]:
        rows = self._connection.execute(
            # SQLite takes the other columns of the row that has the maximum.
            f"SELECT {_COLUMNS}, max(a.prior) AS best, n.name FROM names AS n"
            " JOIN aliases AS a ON a.name = n.id JOIN entities AS e ON e.id = a.entity"
            f" WHERE {condition} GROUP BY e.id ORDER BY best DESC, e.prior DESC, e.id LIMIT ?",
            (*values, limit),
        )
        return [_entry(row) for row in rows]

    def entity(self, wikidata: str) -> CatalogueEntry | None:
        """Return the entity with this QID, its alias prior being 1, or None."""
        number = wikidata[1:]
        if not (wikidata.startswith("Q") and number.isascii() and number.isdigit()):
            return None
        row = self._connection.execute(
            f"SELECT {_COLUMNS}, 1.0, '' FROM entities AS e WHERE id = ?", (int(number),)
        ).fetchone()
        return _entry(row) if row else None


_Row = tuple[int, str | None, str | None, str, str, str, float, float, str]


def _entry(row: _Row) -> CatalogueEntry:
    number, label_en, label_ru, description, type_, type_group, prior, alias_prior, name = row
    return CatalogueEntry(
        wikidata=f"Q{number}",
        label_en=label_en,
        label_ru=label_ru,
        description=description,
        type=type_,
        type_group=type_group,
        prior=prior,
        alias_prior=alias_prior,
        name=name,
    )
