"""A library: one folder that holds everything known about a person's documents.

    library.sqlite   the truth: originals, documents, passages, graph, stems, vectors, manifest
    chroma/          derived from the vectors; chroma.seal says what its files must be
    lock, lock.pid   held by the one process that is writing

Adding is one SQLite transaction for a group of documents, then Chroma. A crash between the two
leaves Chroma without a seal: the next opening searches exactly, and the next write builds Chroma
anew.
"""

import errno
import logging
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from indexes.documents import DocumentStore
from indexes.errors import (
    DocumentNotFoundError,
    LibraryError,
    LibraryLockedError,
    LibraryMismatchError,
    LibraryNotFoundError,
    StorageFullError,
)
from indexes.graph import GraphStore
from indexes.lexical import LexicalIndex
from indexes.records import Document, Passage, Resolution
from indexes.schema import connect, transaction, translated_errors
from indexes.vectors import ChromaIndex, ExactIndex, Hits, VectorStore

_log = logging.getLogger(__name__)

DATABASE = "library.sqlite"

_EQUAL = 1e-6
"""Cosines this close are equal: float32 sums differ in the last bits from order to order."""

StoredOutcome = Literal["indexed", "indexed_partial", "empty"]


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that is known about one document: ``vectors`` is float32 (passages, dimension)."""

    document: Document
    language: str
    title: str | None
    original: bytes
    passages: tuple[Passage, ...]
    vectors: NDArray[np.float32]
    resolution: Resolution
    extractor: str
    outcome: StoredOutcome
    reason: str | None


@dataclass(frozen=True, slots=True)
class Addition:
    """A source and its document: analysed, or by id where the library holds it already."""

    source: str
    name: str
    content: Analysis | str


class Library:
    """The stores of one folder. Reading is safe from any thread; one process writes at a time."""

    def __init__(self, folder: Path, *, use_chroma: bool = True) -> None:
        self.folder = folder
        self._path = folder / DATABASE
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._write_lock = threading.RLock()
        self._index_lock = threading.RLock()
        self._exact: tuple[str, ExactIndex] | None = None
        self._chroma = ChromaIndex(folder / "chroma") if use_chroma else None
        self._tried_chroma = False

    @classmethod
    def open(cls, folder: Path, *, create: bool = True, use_chroma: bool = True) -> "Library":
        """Open the library in a folder, or make one.

        Raises
        ------
        LibraryNotFoundError
            There is none, and ``create`` is off.
        LibraryDamagedError, LibraryMismatchError, LibraryError
            It cannot be read, a newer kgrag wrote it, or the folder cannot be used.
        """
        if not create and not (folder / DATABASE).is_file():
            raise LibraryNotFoundError(
                f"There is no library in {folder}. Add documents first: kgrag add PATH"
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(f"The library folder {folder} cannot be made: {error}") from error
        library = cls(folder, use_chroma=use_chroma)
        library.db  # noqa: B018  opens the file, so that a damaged one is told at once
        return library

    def close(self) -> None:
        """Let go of every file."""
        with self._index_lock:
            if self._chroma is not None:
                self._chroma.close()
        for db in self._connections:
            db.close()
        self._connections.clear()
        self._local = threading.local()

    # -- stores ----------------------------------------------------------------------------------

    @property
    def db(self) -> sqlite3.Connection:
        """The calling thread's connection: nobody sees another thread's open transaction."""
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = connect(self._path)
            self._connections.append(db)
        return db

    @property
    def documents(self) -> DocumentStore:
        """Documents, originals, sources, passages."""
        return DocumentStore(self.db)

    @property
    def graph(self) -> GraphStore:
        """Mentions, entities, triplets."""
        return GraphStore(self.db)

    @property
    def lexical(self) -> LexicalIndex:
        """Stemmed full text."""
        return LexicalIndex(self.db)

    @property
    def vectors(self) -> VectorStore:
        """Passage vectors."""
        return VectorStore(self.db)

    # -- manifest --------------------------------------------------------------------------------

    def manifest(self) -> dict[str, str]:
        """Return what the library was built with, and its version."""
        return dict(self.db.execute("SELECT key, value FROM manifest"))

    @property
    def version(self) -> str:
        """A number that each write raises."""
        found = self.db.execute("SELECT value FROM manifest WHERE key = 'version'").fetchone()
        return str(found[0]) if found else "0"

    def pin(self, **fingerprints: str) -> None:
        """Record what builds this library; refuse anything else from then on.

        Raises
        ------
        LibraryMismatchError
            The library was built with another extractor or embedder.
        """
        held = self.manifest()
        for part, value in fingerprints.items():
            if held.get(part, value) != value:
                raise LibraryMismatchError(
                    f"The library {self.folder} was built with the {part} {held[part]}, and this "
                    f"kgrag uses {value}. Rebuild it with: kgrag rebuild"
                )
        if not fingerprints.keys() <= held.keys():
            with self._writing(), transaction(self.db):
                for item in fingerprints.items():
                    self.db.execute("INSERT OR IGNORE INTO manifest VALUES (?, ?)", item)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Raise SQLite's errors as ours while the block reads.

        Raises
        ------
        LibraryDamagedError
            The database cannot be read.
        """
        with translated_errors(self._path):
            yield

    # -- writing ---------------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the library for writing; on leaving, Chroma is brought back if need be, and sealed.

        Raises
        ------
        LibraryLockedError
            Another process holds it; the message names its process id.
        StorageFullError
            The disk is full; what was acknowledged before is kept.
        """
        with self._writing():
            yield
            if self._chroma is not None:
                self._chroma.seal()
                if not self._chroma.is_sealed(self.version) and self.documents.passage_count():
                    self.rebuild_chroma()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        holder = self.folder / "lock.pid"
        with self._write_lock, _disk_errors(self.folder):
            lock = FileLock(self.folder / "lock", timeout=0, is_singleton=True)
            try:
                lock.acquire()
            except Timeout:
                pid = holder.read_text(encoding="utf-8") if holder.is_file() else "unknown"
                raise LibraryLockedError(
                    f"The library {self.folder} is being written to by another process "
                    f"({pid}). Wait until it ends, then try again."
                ) from None
            try:
                holder.write_text(str(os.getpid()), encoding="utf-8")
                with translated_errors(self._path):
                    yield
            finally:
                lock.release()

    def add(self, additions: Sequence[Addition]) -> None:
        """Store documents and their sources: all of them, or after an error none.

        A document that a source leaves behind without any other source is removed in the same step.
        """
        with self._writing():
            before = self.version
            added: list[int] = []
            left: dict[int, None] = {}
            with transaction(self.db):
                for addition in additions:
                    row = self._document_row(addition.content, added)
                    earlier = self.documents.set_source(addition.source, addition.name, row)
                    if earlier is not None:
                        left[earlier] = None
                    sys.audit("kgrag.stored", addition.name)
                # Only now: a later addition may be the new home of a document that was left.
                orphans = [row for row in left if not self.documents.has_source(row)]
                removed = [row for orphan in orphans for row in self._delete(orphan)]
                self._raise_version()
            sys.audit("kgrag.committed")
            self._update_chroma(before, added, removed)
            sys.audit("kgrag.indexed")

    def remove(self, document_id: str) -> None:
        """Remove a document, all its sources, and every trace of it.

        Raises
        ------
        DocumentNotFoundError
            There is none with this id.
        """
        with self._writing():
            row = self.documents.row_of(document_id)
            if row is None:
                raise DocumentNotFoundError(f"No document has the id {document_id!r}.")
            before = self.version
            with transaction(self.db):
                removed = self._delete(row)
                self._raise_version()
            sys.audit("kgrag.removed")
            self._update_chroma(before, [], removed)

    def replace_with(self, other: "Library") -> None:
        """Take over what another library holds in one transaction; Chroma is built anew from it."""
        with self.writing():
            # A version that neither had: nothing derived from the old rows passes for the new.
            version = str(int(self.version) + 1)
            other.db.execute("INSERT OR REPLACE INTO manifest VALUES ('version', ?)", (version,))
            # By SQLite, not by renaming the file: another process may have it open.
            other.db.backup(self.db)
            sys.audit("kgrag.replaced")
            self.rebuild_chroma()

    def _document_row(self, content: Analysis | str, added: list[int]) -> int:
        id_ = content if isinstance(content, str) else content.document.id
        row = self.documents.row_of(id_)
        if row is not None:
            return row
        if isinstance(content, str):
            raise DocumentNotFoundError(f"No document has the id {content!r}.")
        document = content.document
        row = self.documents.insert(
            document,
            language=content.language,
            title=content.title,
            original=content.original,
            outcome=content.outcome,
            reason=content.reason,
        )
        rows = self.documents.insert_passages(row, document.text, content.passages)
        texts = [document.text[passage.start : passage.end] for passage in content.passages]
        self.lexical.add(rows, texts)
        self.vectors.add(rows, content.vectors)
        self.graph.insert(row, document.text, content.resolution, extractor=content.extractor)
        added += rows
        return row

    def _delete(self, document: int) -> list[int]:
        rows = self.documents.passage_rows(document)
        self.lexical.remove(rows)
        self.graph.remove(document)
        self.documents.delete(document)
        return rows

    def _raise_version(self) -> None:
        self.db.execute(
            "INSERT INTO manifest VALUES ('version', '1') ON CONFLICT (key) DO UPDATE "
            "SET value = CAST(value AS INTEGER) + 1"
        )

    # -- vector search ---------------------------------------------------------------------------

    def nearest(self, query: NDArray[np.float32], limit: int) -> Hits:
        """Return (passage row, cosine) of the passages nearest to a unit vector, best first."""
        version = self.version
        with self._index_lock:
            if self._chroma is not None and self._open_chroma(version):
                try:
                    found = self._chroma.search(query, 2 * limit)
                except Exception as error:  # Chroma raises its own errors, SQLite's and the OS's.
                    _log.warning("Chroma failed, search is exact from now on: %s", error)
                    self._chroma.close()
                else:
                    # Chroma orders equals as it likes: rank twice as many as are wanted exactly.
                    ranked = ExactIndex(*self.vectors.load(len(query), found)).search(
                        query, 2 * limit
                    )
                    if len(ranked) < 2 * limit or ranked[-1][1] < ranked[limit - 1][1] - _EQUAL:
                        return ranked[:limit]
            return self._exact_index(version, len(query)).search(query, limit)

    def rebuild_chroma(self) -> None:
        """Build Chroma anew from the vectors in SQLite."""
        if self._chroma is not None:
            with self._writing(), self._chroma_is_dispensable():
                rows, matrix = self.vectors.load(self._dimension())
                self._chroma.rebuild(rows, matrix, self.version)
                self._chroma.seal()

    @property
    def uses_chroma(self) -> bool:
        """Whether searches should go through Chroma."""
        return self._chroma is not None

    def chroma_is_usable(self) -> bool:
        """Return whether searches do go through Chroma."""
        with self._index_lock:
            return self._chroma is not None and self._open_chroma(self.version)

    def _open_chroma(self, version: str) -> bool:
        assert self._chroma is not None
        if not self._tried_chroma:
            self._tried_chroma = True
            self._chroma.open(version)
        return self._chroma.version == version

    def _exact_index(self, version: str, dimension: int) -> ExactIndex:
        if self._exact is None or self._exact[0] != version:
            self._exact = version, ExactIndex(*self.vectors.load(dimension))
        return self._exact[1]

    def _update_chroma(self, before: str, added: list[int], removed: list[int]) -> None:
        """Bring Chroma from the version before to this one, or build it anew where it is not."""
        if self._chroma is None:
            return
        with self._chroma_is_dispensable():
            if self._open_chroma(before):
                # What was added and removed again in one step is in neither.
                rows, matrix = self.vectors.load(
                    self._dimension(), sorted(set(added) - set(removed))
                )
                self._chroma.change(
                    added=rows, vectors=matrix, removed=removed, version=self.version
                )
            else:
                rows, matrix = self.vectors.load(self._dimension())
                self._chroma.rebuild(rows, matrix, self.version)

    @contextmanager
    def _chroma_is_dispensable(self) -> Iterator[None]:
        """Go on without Chroma after any trouble in the block: SQLite holds the truth."""
        assert self._chroma is not None
        with self._index_lock:
            try:
                yield
            except Exception as error:  # Chroma raises its own errors, SQLite's and the OS's.
                _log.warning("Chroma could not be updated, search is exact: %s", error)
                self._chroma.close()

    def _dimension(self) -> int:
        found = self.db.execute("SELECT length(vector) / 4 FROM vectors LIMIT 1").fetchone()
        return int(found[0]) if found else 1


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
            raise
        raise StorageFullError(
            f"The library folder {folder} could not be written to ({error}). Nothing that was "
            "added before is lost; make room and run the same command again."
        ) from error
