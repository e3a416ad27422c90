"""A document in all stores at once: written whole, and removed without a trace."""

import sqlite3
from pathlib import Path

from indexes.additions import Analysis
from indexes.conversations import ConversationStore
from indexes.documents import DocumentStore
from indexes.errors import DocumentNotFoundError
from indexes.graph import GraphStore
from indexes.lexical import LexicalIndex
from indexes.sentences import SentenceStore
from indexes.vectors import VectorStore


class DocumentWriter:
    """Writes documents through one connection; the caller holds the transaction."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._documents = DocumentStore(db)
        self._graph = GraphStore(db)
        self._lexical = LexicalIndex(db)
        self._vectors = VectorStore(db)
        self._sentences = SentenceStore(db)
        self._conversations = ConversationStore(db, path)

    def row_of(self, content: Analysis | str, added: list[int]) -> int:
        """Return the row of a document, which is stored first where it is not there.

        The rows of its new passages are put into ``added``.

        Raises
        ------
        DocumentNotFoundError
            It is given by its id, and is not there.
        """
        id_ = content if isinstance(content, str) else content.document.id
        row = self._documents.row_of(id_)
        if row is not None:
            return row
        if isinstance(content, str):
            raise DocumentNotFoundError(f"No document has the id {content!r}.")
        document = content.document
        row = self._documents.insert(
            document,
            language=content.language,
            title=content.title,
            original=content.original,
            outcome=content.outcome,
            reason=content.reason,
        )
        rows = self._documents.insert_passages(row, document.text, content.passages)
        texts = [document.text[passage.start : passage.end] for passage in content.passages]
        self._lexical.add(rows, texts)
        self._vectors.add(rows, content.vectors)
        self._sentences.add(rows, document.text, content.passages, content.sentence_vectors)
        spans = [
            (passage_row, passage.start, passage.end)
            for passage_row, passage in zip(rows, content.passages, strict=True)
        ]
        self._graph.insert(
            row, document.text, content.resolution, spans, extractor=content.extractor
        )
        added += rows
        return row

    def delete(self, document: int) -> list[int]:
        """Delete a document from every store, and what was kept of it; return its passages."""
        rows = self._documents.passage_rows(document)
        self._lexical.remove(rows)
        self._graph.remove(document)
        self._conversations.forget(document)
        self._documents.delete(document)
        return rows
