"""The quotations of many facts at once: the surest of each, as many as are wanted."""

import json
import sqlite3
from collections.abc import Collection, Sequence

from indexes.documents import NAME_SQL, page_number
from indexes.facts import FactKey
from indexes.records import Evidence

_SPANS = (
    "SELECT max(score) AS best, evidence.row, document FROM identities s "
    "JOIN evidence ON subject = s.row AND relation = ? JOIN identities o ON o.row = object "
    "JOIN documents ON documents.row = document WHERE s.entity = ? AND o.entity = ? {chosen}"
    "GROUP BY document, start, end ORDER BY best DESC, documents.id, start, end LIMIT ?"
)
# SQLite takes the other columns of the row that has the maximum.


class EvidenceReader:
    """Reads quotations through one connection.

    Parameters
    ----------
    db:
        The connection; the caller holds a snapshot.
    documents:
        Rows of the documents of which evidence is wanted; None is all.
    """

    def __init__(self, db: sqlite3.Connection, documents: Collection[int] | None = None) -> None:
        self._db = db
        self._documents = None if documents is None else json.dumps(sorted(documents))

    def of(self, facts: Sequence[FactKey], each: int) -> dict[FactKey, tuple[Evidence, ...]]:
        """Return the evidence of facts, at most ``each`` pieces of one, the surest first.

        One span of a document counts once. Facts that nothing states are left out.
        """
        rows = {fact: self._rows(fact, each) for fact in facts}
        found = self._read([row for wanted in rows.values() for row in wanted])
        return {
            fact: tuple(found[row] for row in wanted) for fact, wanted in rows.items() if wanted
        }

    def _rows(self, fact: FactKey, each: int) -> list[int]:
        subject, relation, object_ = fact
        chosen, values = "", [relation, subject, object_]
        if self._documents is not None:
            chosen = "AND document IN (SELECT value FROM json_each(?)) "
            values.append(self._documents)
        query = _SPANS.format(chosen=chosen)
        return [row for _, row, _ in self._db.execute(query, (*values, each))]

    def _read(self, rows: Sequence[int]) -> dict[int, Evidence]:
        found = self._db.execute(
            "SELECT row, document, start, end, quote, extractor, score FROM evidence "
            "WHERE row IN (SELECT value FROM json_each(?))",
            (json.dumps(list(rows)),),
        ).fetchall()
        # Apart, because a document's row is as long as its text.
        documents = {
            row: (id_, name or "", pages)
            for row, id_, name, pages in self._db.execute(
                f"SELECT row, id, {NAME_SQL}, pages FROM documents "
                "WHERE row IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted({document for _, document, *_ in found})),),
            )
        }
        evidence = {}
        for row, document, start, end, quote, extractor, score in found:
            id_, name, pages = documents[document]
            page = page_number(pages, start)
            evidence[row] = Evidence(id_, name, page, start, end, quote, extractor, score)
        return evidence
