"""What documents say of one entity: by which names, how often, and which of them."""

import json
import sqlite3
from collections.abc import Sequence

from indexes.documents import NAME_SQL

_IDENTITIES = "(SELECT row FROM identities WHERE entity = ?)"


def names_of(db: sqlite3.Connection, entity: str, limit: int) -> list[tuple[str, int]]:
    """Return (name, how often) of an entity, the commonest first."""
    query = (
        f"SELECT text, sum(count) FROM surfaces WHERE identity IN {_IDENTITIES} "
        "GROUP BY text ORDER BY 2 DESC, 1 LIMIT ?"
    )
    return db.execute(query, (entity, limit)).fetchall()


def documents_mentioning(
    db: sqlite3.Connection, entity: str, limit: int
) -> list[tuple[str, str, int]]:
    """Return (id, name, how often it mentions the entity) of documents, most mentions first."""
    query = (
        f"SELECT documents.id, {NAME_SQL}, n FROM (SELECT document, count(*) AS n FROM mentions "
        f"WHERE identity IN {_IDENTITIES} GROUP BY document) JOIN documents "
        "ON documents.row = document ORDER BY n DESC, documents.id LIMIT ?"
    )
    return db.execute(query, (entity, limit)).fetchall()


def document_names(db: sqlite3.Connection, rows: Sequence[int]) -> list[tuple[str, str]]:
    """Return (id, name) of the documents in these rows, by name."""
    query = (
        f"SELECT id, {NAME_SQL} AS name FROM documents "
        "WHERE row IN (SELECT value FROM json_each(?)) ORDER BY name, id"
    )
    return db.execute(query, (json.dumps(list(rows)),)).fetchall()
