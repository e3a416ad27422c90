"""A library: one folder that holds everything known about a person's documents.

    library.sqlite   the truth: originals, documents, passages, graph, stems, vectors, manifest,
                     corrections, conversations
    chroma/          derived from the vectors; chroma.seal says what its files must be
    evaluation/      questions and runs: what they show of a document goes with it
    lock, lock.pid   held by the one process that is writing; conversations.lock likewise

Adding is one SQLite transaction for a group of documents, then Chroma. A crash between the two
leaves Chroma without a seal: the next opening searches exactly, and the next write builds Chroma
anew.
"""

import sqlite3
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexes import evaluations
from indexes.additions import Addition
from indexes.conversations import ConversationStore
from indexes.corrections import CorrectionStore
from indexes.dense import DenseIndex
from indexes.documents import DocumentStore
from indexes.errors import (
    DocumentNotFoundError,
    LibraryError,
    LibraryMismatchError,
    LibraryNotFoundError,
)
from indexes.graph import GraphStore
from indexes.lexical import LexicalIndex
from indexes.lock import conversations_held, held_alone
from indexes.new_vectors import NewVectorStore
from indexes.schema import connect, transaction, translated_errors
from indexes.sentences import SentenceStore
from indexes.storing import DocumentWriter
from indexes.vectors import Hits, VectorStore

DATABASE = "library.sqlite"

_OR_SETTINGS = {"embedder": " (or set [embed] in the settings back to what it was built with)"}


class Library:
    """The stores of one folder. Reading is safe from any thread; one process writes at a time."""

    def __init__(self, folder: Path, *, use_chroma: bool = True) -> None:
        self.folder = folder
        self._path = folder / DATABASE
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._write_lock = threading.RLock()
        self._dense = DenseIndex(folder / "chroma" if use_chroma else None)

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
        self._dense.close()
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

    @property
    def sentences(self) -> SentenceStore:
        """Sentences of passages, with their vectors."""
        return SentenceStore(self.db)

    @property
    def new_vectors(self) -> NewVectorStore:
        """Vectors of an embedder that the library is about to change to."""
        return NewVectorStore(self.db)

    @property
    def corrections(self) -> CorrectionStore:
        """Corrections of the graph; what writes goes through ``correcting``."""
        return CorrectionStore(self.db)

    @property
    def conversations(self) -> ConversationStore:
        """Kept conversations; written at any time, also while documents are being added."""
        return ConversationStore(self.db, self._path)

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
                    + _OR_SETTINGS.get(part, "")
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
            self._dense.seal(self.vectors, self.version)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._write_lock, held_alone(self.folder), translated_errors(self._path):
            yield

    def add(self, additions: Sequence[Addition]) -> None:
        """Store documents and their sources: all of them, or after an error none.

        A document that a source leaves behind without any other source is removed in the same step.
        """
        with self._writing(), ExitStack() as forgetting:
            writer, before = DocumentWriter(self.db, self._path), self.version
            added: list[int] = []
            rows: list[int] = []
            left: dict[int, str] = {}
            with transaction(self.db):
                for addition in additions:
                    row = writer.row_of(addition.content, added)
                    rows.append(row)
                    earlier = self.documents.set_source(
                        addition.source, addition.name, row, addition.modified
                    )
                    if earlier is not None:
                        left[earlier] = addition.name
                    sys.audit("kgrag.stored", addition.name)
                if self.graph.has_splits():  # which go by sources, and those have just changed
                    for source_row in {*left, *rows}:
                        self.graph.rekey(source_row)
                # Only now: a later addition may be the new home of a document that was left.
                orphans = [row for row in left if not self.documents.has_source(row)]
                gone = {self.documents.id_of(row): [left[row]] for row in orphans}
                forgetting.enter_context(evaluations.forgetting(self.folder, gone))
                removed = [row for orphan in orphans for row in writer.delete(orphan)]
                self._raise_version()
            sys.audit("kgrag.committed")
            self._dense.update(self.vectors, before, self.version, added, removed)
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
            gone = {document_id: [name for _, name, _ in self.documents.sources(document_id)]}
            with evaluations.forgetting(self.folder, gone), transaction(self.db):
                removed = DocumentWriter(self.db, self._path).delete(row)
                self._raise_version()
            sys.audit("kgrag.removed")
            self._dense.update(self.vectors, before, self.version, [], removed)

    @contextmanager
    def correcting(self) -> Iterator[CorrectionStore]:
        """Let the block correct the graph in one transaction: all of it is kept, or nothing."""
        with self._writing():
            before = self.version
            with transaction(self.db):
                yield self.corrections
                sys.audit("kgrag.correcting")
                self._raise_version()
            sys.audit("kgrag.corrected")
            self._dense.carry_on(before, self.version)
            sys.audit("kgrag.indexed")

    def replace_with(self, other: "Library") -> None:
        """Take over what another library holds in one transaction; Chroma is built anew from it.

        Conversations stay; answers that cite what the other library does not hold are blanked.
        """
        with self.writing():
            # A version that neither had: nothing derived from the old rows passes for the new.
            version = str(int(self.version) + 1)
            other.db.execute("INSERT OR REPLACE INTO manifest VALUES ('version', ?)", (version,))
            gone = {
                id_: [name for _, name, _ in self.documents.sources(id_)]
                for id_ in self.documents.ids() - other.documents.ids()
            }
            with evaluations.forgetting(self.folder, gone), conversations_held(self.folder):
                other.conversations.carry_over(self.conversations)
                # By SQLite, not by renaming the file: another process may have it open.
                other.db.backup(self.db)
            sys.audit("kgrag.replaced")
            self.rebuild_chroma()

    def switch_embedder(self, fingerprint: str) -> None:
        """Put the new vectors in the place of the old in one transaction; then build Chroma anew.

        Raises
        ------
        LibraryError
            Not every passage has a new vector; the library is as it was.
        """
        with self.writing():
            with transaction(self.db):
                self.new_vectors.take_over(fingerprint)
                self.db.execute(
                    "INSERT OR REPLACE INTO manifest VALUES ('embedder', ?)", (fingerprint,)
                )
                self._raise_version()
                sys.audit("kgrag.switching", "manifest")
            sys.audit("kgrag.switched")
            self.rebuild_chroma()
            sys.audit("kgrag.indexed")

    def _raise_version(self) -> None:
        self.db.execute(
            "INSERT INTO manifest VALUES ('version', '1') ON CONFLICT (key) DO UPDATE "
            "SET value = CAST(value AS INTEGER) + 1"
        )

    # -- vector search ---------------------------------------------------------------------------

    def nearest(self, query: NDArray[np.float32], limit: int) -> Hits:
        """Return (passage row, cosine) of the passages nearest to a unit vector, best first."""
        return self._dense.nearest(self.vectors, self.version, query, limit)

    @property
    def uses_chroma(self) -> bool:
        """Whether searches should go through Chroma."""
        return self._dense.uses_chroma

    def chroma_is_usable(self) -> bool:
        """Return whether searches do go through Chroma."""
        return self._dense.chroma_is_usable(self.version)

    def rebuild_chroma(self) -> None:
        """Build Chroma anew from the vectors in SQLite."""
        with self._writing():
            self._dense.rebuild(self.vectors, self.version)
