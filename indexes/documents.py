"""Documents, their originals, sources and passages.

A source is where a document came from (a path, or the name of an upload). Two sources with the same
bytes share one document; a document without a source is gone.
"""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from indexes.errors import DocumentNotFoundError
from indexes.records import Document, Heading, Page, Passage


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A line of the list of documents."""

    id: str
    name: str
    media_type: str
    language: str
    characters: int
    pages: int
    passages: int
    mentions: int
    triplets: int
    outcome: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with its text and the row by which the indexes know it.

    ``headings`` are the starts of the document's headings within it, ``context`` those above it.
    """

    row: int
    document_id: str
    document_name: str
    title: str
    page: int | None
    start: int
    end: int
    text: str
    context: str
    headings: frozenset[int]


# A document's name is the least of its sources' names: it must not depend on their order.
NAME_SQL = "(SELECT min(name) FROM sources WHERE document = documents.row)"


class DocumentStore:
    """Reads and writes documents; the caller holds the transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def insert(
        self,
        document: Document,
        *,
        language: str,
        title: str | None,
        original: bytes,
        outcome: str,
        reason: str | None,
    ) -> int:
        """Store a new document without sources; return its row."""
        cursor = self._db.execute(
            "INSERT INTO documents (id, media_type, language, title, text, pages, headings, "
            "outcome, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                document.id,
                document.media_type,
                language,
                title,
                document.text,
                json.dumps([[page.number, page.start, page.end] for page in document.pages]),
                json.dumps([[head.level, head.start, head.end] for head in document.headings]),
                outcome,
                reason,
            ),
        )
        row = cursor.lastrowid
        assert row is not None
        self._db.execute("INSERT INTO originals VALUES (?, ?)", (row, zlib.compress(original, 1)))
        return row

    def insert_passages(self, document: int, text: str, passages: Iterable[Passage]) -> list[int]:
        """Store the passages of a document; return their rows, in order."""
        rows = []
        for item in passages:
            cursor = self._db.execute(
                "INSERT INTO passages (document, ordinal, start, end, text, context) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (
                    document,
                    item.ordinal,
                    item.start,
                    item.end,
                    text[item.start : item.end],
                    item.context,
                ),
            )
            assert cursor.lastrowid is not None
            rows.append(cursor.lastrowid)
        return rows

    def set_source(
        self, path: str, name: str, document: int, modified: str | None = None
    ) -> int | None:
        """Point a source at a document; return the other that it pointed at before, if any."""
        before = self._db.execute("SELECT document FROM sources WHERE path = ?", (path,)).fetchone()
        self._db.execute(
            "INSERT INTO sources (path, name, document, modified) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (path) DO UPDATE SET document = excluded.document, "
            "name = excluded.name, modified = excluded.modified",
            (path, name, document, modified),
        )
        return None if before is None or before[0] == document else int(before[0])

    def has_source(self, document: int) -> bool:
        """Return whether any source points at a document."""
        query = "SELECT 1 FROM sources WHERE document = ?"
        return self._db.execute(query, (document,)).fetchone() is not None

    def row_of(self, document_id: str) -> int | None:
        """Return the row of a document, or None."""
        found = self._db.execute(
            "SELECT row FROM documents WHERE id = ?", (document_id,)
        ).fetchone()
        return int(found[0]) if found else None

    def id_of(self, row: int) -> str:
        """Return the id of the document in a row."""
        (id_,) = self._db.execute("SELECT id FROM documents WHERE row = ?", (row,)).fetchone()
        return str(id_)

    def ids(self) -> set[str]:
        """Return the ids of all documents."""
        return {id_ for (id_,) in self._db.execute("SELECT id FROM documents")}

    def passage_rows(self, document: int) -> list[int]:
        """Return the rows of a document's passages, in order."""
        rows = self._db.execute(
            "SELECT row FROM passages WHERE document = ? ORDER BY ordinal", (document,)
        )
        return [row for (row,) in rows]

    def delete(self, document: int) -> None:
        """Delete a document and what hangs on it."""
        self._db.execute("DELETE FROM documents WHERE row = ?", (document,))

    def find(self, wanted: str) -> str:
        """Return the id of the document with this id, beginning of an id, or name.

        Raises
        ------
        DocumentNotFoundError
            There is none, or more than one.
        """
        rows = self._db.execute(
            "SELECT id FROM documents WHERE id = :wanted OR row IN "
            "(SELECT document FROM sources WHERE name = :wanted OR path = :wanted) ORDER BY id",
            {"wanted": wanted},
        ).fetchall()
        if not rows and len(wanted) >= 4:
            prefix = wanted if wanted.startswith("sha256:") else f"sha256:{wanted}"
            rows = self._db.execute(
                "SELECT id FROM documents WHERE substr(id, 1, ?) = ? ORDER BY id",
                (len(prefix), prefix),
            ).fetchall()
        if len(rows) == 1:
            return str(rows[0][0])
        if rows:
            raise DocumentNotFoundError(
                f"{len(rows)} documents are called {wanted!r}; give the id of one: "
                + ", ".join(row[0] for row in rows[:5])
            )
        raise DocumentNotFoundError(
            f"No document has the id or name {wanted!r}; kgrag list shows what is there."
        )

    def get(self, document_id: str) -> Document:
        """Return a document.

        Raises
        ------
        DocumentNotFoundError
            There is none with this id.
        """
        found = self._db.execute(
            f"SELECT id, {NAME_SQL}, media_type, text, pages, headings FROM documents WHERE id = ?",
            (document_id,),
        ).fetchone()
        if found is None:
            raise DocumentNotFoundError(f"No document has the id {document_id!r}.")
        return Document(
            id=found[0],
            name=found[1] or "",
            media_type=found[2],
            text=found[3],
            pages=tuple(Page(*page) for page in json.loads(found[4])),
            headings=tuple(Heading(*heading) for heading in json.loads(found[5])),
        )

    def original(self, document_id: str) -> bytes:
        """Return the bytes that were added."""
        found = self._db.execute(
            "SELECT content FROM originals JOIN documents ON documents.row = document WHERE id = ?",
            (document_id,),
        ).fetchone()
        if found is None:
            raise DocumentNotFoundError(f"No document has the id {document_id!r}.")
        return zlib.decompress(found[0])

    def kept_bytes(self) -> int:
        """Return the room that the originals take."""
        return int(self._db.execute("SELECT total(length(content)) FROM originals").fetchone()[0])

    def comes_from(self, document_id: str, path: str, modified: str | None) -> bool:
        """Return whether a source points at this document, with this time of its last change."""
        query = (
            "SELECT 1 FROM sources JOIN documents ON documents.row = document "
            "WHERE path = ? AND id = ? AND modified IS ?"
        )
        return self._db.execute(query, (path, document_id, modified)).fetchone() is not None

    def sources(self, document_id: str) -> list[tuple[str, str, str | None]]:
        """Return (path, name, time of last change) of each source of a document."""
        return self._db.execute(
            "SELECT path, name, modified FROM sources JOIN documents ON documents.row = document "
            "WHERE id = ? ORDER BY path",
            (document_id,),
        ).fetchall()

    def summaries(self) -> list[DocumentSummary]:
        """Return a line for each document, by name."""
        rows = self._db.execute(
            """SELECT id, names.name, media_type, language, length(text), json_array_length(pages),
            coalesce(p.n, 0), coalesce(m.n, 0), coalesce(f.n, 0), outcome, reason FROM documents
            LEFT JOIN (SELECT document, min(name) AS name FROM sources GROUP BY 1) AS names
                ON names.document = documents.row
            LEFT JOIN (SELECT document, count(*) AS n FROM passages GROUP BY 1) AS p
                ON p.document = documents.row
            LEFT JOIN (SELECT document, count(*) AS n FROM mentions GROUP BY 1) AS m
                ON m.document = documents.row
            LEFT JOIN (SELECT document, count(*) AS n FROM (SELECT DISTINCT document, subject,
                       relation, object FROM evidence) GROUP BY 1) AS f
                ON f.document = documents.row
            ORDER BY names.name, id"""
        )
        return [DocumentSummary(*row) for row in rows]

    def passages(self, rows: Sequence[int]) -> list[StoredPassage]:
        """Return passages by row, in the order asked for; unknown rows are left out."""
        found = self._db.execute(
            "SELECT row, document, start, end, text, context FROM passages "
            "WHERE row IN (SELECT value FROM json_each(?))",
            (json.dumps(list(rows)),),
        ).fetchall()
        # Apart, because a document's row is as long as its text.
        documents = {
            row: item
            for row, *item in self._db.execute(
                f"SELECT row, id, {NAME_SQL}, coalesce(title, ''), pages, headings FROM documents "
                "WHERE row IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted({document for _, document, *_ in found})),),
            )
        }
        by_row = {}
        for row, document, start, end, text, context in found:
            id_, name, title, pages, headings = documents[document]
            page = page_number(pages, start)
            begun = frozenset(head[1] for head in _read(headings) if start <= head[1] < end)
            by_row[row] = StoredPassage(
                row, id_, name, title, page, start, end, text, context, begun
            )
        return [by_row[row] for row in rows if row in by_row]

    def page_of(self, document_id: str, offset: int) -> int | None:
        """Return the number of the page that holds ``offset``; None where there are no pages."""
        query = "SELECT pages FROM documents WHERE id = ?"
        found = self._db.execute(query, (document_id,)).fetchone()
        return page_number(found[0], offset) if found else None

    def languages(self, rows: Sequence[int]) -> dict[int, str]:
        """Return the language of the document of each of these passages."""
        marks = ",".join("?" * len(rows))
        return dict(
            self._db.execute(
                "SELECT passages.row, language FROM passages JOIN documents "
                f"ON documents.row = document WHERE passages.row IN ({marks})",
                tuple(rows),
            ).fetchall()
        )

    def has_language(self, language: str) -> bool:
        """Return whether any document is in this language."""
        query = "SELECT 1 FROM documents WHERE language = ? LIMIT 1"
        return self._db.execute(query, (language,)).fetchone() is not None

    def is_empty(self) -> bool:
        """Return whether there is no document."""
        return self._db.execute("SELECT 1 FROM documents LIMIT 1").fetchone() is None

    def passage_count(self) -> int:
        """Return how many passages there are."""
        return int(self._db.execute("SELECT count(*) FROM passages").fetchone()[0])

    def spans(self, document: int) -> list[tuple[int, int]]:
        """Return the [start, end) of a document's passages, in order."""
        return self._db.execute(
            "SELECT start, end FROM passages WHERE document = ? ORDER BY ordinal", (document,)
        ).fetchall()


def page_number(pages: str, offset: int) -> int | None:
    """Return the number of the page that holds ``offset``; ``pages`` as they are stored."""
    number = None
    for item in _read(pages):
        if number is None or item[1] <= offset:
            number = int(item[0])
    return number


@lru_cache(maxsize=1_000)
def _read(stored: str) -> list[list[int]]:
    """Return stored pages or headings; many passages share a document's."""
    numbers: list[list[int]] = json.loads(stored)
    return numbers
