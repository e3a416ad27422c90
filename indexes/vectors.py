"""Passage vectors: kept in SQLite, searched exactly with numpy or through Chroma.

SQLite holds the truth as float32 rows. ``ExactIndex`` is the oracle and the fallback. ``ChromaIndex``
is derived: its files are used only if they are byte for byte what was sealed after the last write,
because a truncated segment takes the whole process down (Chroma 1.5.9, SIGSEGV on open), and only if
its version is that of the rows; otherwise it is rebuilt from SQLite, and until then search is exact.
"""

import hashlib
import json
import logging
import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

Vectors = NDArray[np.float32]
Hits = list[tuple[int, float]]

_log = logging.getLogger(__name__)

_COLLECTION = "passages"
_BATCH = 5_000  # Chroma 1.5.9 takes at most 5,461 rows at once.
_SEARCH_EF = 256  # HNSW candidates looked at: recall 1.0 up to 50 hits in our tests.


class VectorStore:
    """The vectors as SQLite keeps them; the caller holds the transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def add(self, rows: Sequence[int], vectors: Vectors) -> None:
        """Store one vector for each passage row; ``vectors`` is float32 (len(rows), dimension)."""
        self._db.executemany(
            "INSERT INTO vectors VALUES (?, ?)",
            [(row, vector.tobytes()) for row, vector in zip(rows, vectors, strict=True)],
        )

    def load(
        self, dimension: int, rows: Sequence[int] | None = None
    ) -> tuple[NDArray[np.int64], Vectors]:
        """Return the passage rows, ascending, and their vectors, float32 (rows, dimension)."""
        where = "" if rows is None else f"WHERE passage IN ({','.join('?' * len(rows))})"
        found = self._db.execute(
            f"SELECT passage, vector FROM vectors {where} ORDER BY passage", tuple(rows or ())
        ).fetchall()
        matrix = np.frombuffer(b"".join(vector for _, vector in found), dtype=np.float32)
        ids = np.array([row for row, _ in found], dtype=np.int64)
        return ids, matrix.reshape(len(found), dimension)


class ExactIndex:
    """Exhaustive search by inner product over a matrix in memory."""

    def __init__(self, rows: NDArray[np.int64], matrix: Vectors) -> None:
        self._rows = rows
        self._matrix = matrix

    def search(self, query: Vectors, limit: int) -> Hits:
        """Return (passage row, cosine) of the nearest passages, best first; ties by row."""
        scores = self._matrix @ query
        order = np.lexsort((self._rows, -scores))[:limit]
        return [(int(self._rows[index]), float(scores[index])) for index in order]


class ChromaIndex:
    """The same search through a Chroma collection in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seal = folder.with_name(folder.name + ".seal")
        self._collection: Collection | None = None
        self._client: Any = None
        self.version: str | None = None
        """The version of the rows that it holds; None while it may not be used."""

    def open(self, version: str) -> bool:
        """Open the collection if it is whole and holds this version; return whether it does."""
        self.close()
        if not self._is_sealed():
            return False
        try:
            self._collection = self._connect().get_collection(_COLLECTION, embedding_function=None)
            if (self._collection.metadata or {}).get("version") == version:
                self._collection.count()
                self.version = version
        except Exception as error:  # Chroma raises its own, SQLite's and the OS's errors here.
            _log.warning("Chroma cannot be used, search is exact: %s", error)
        if self.version is None:
            self.close()
        return self.version is not None

    def rebuild(self, rows: NDArray[np.int64], matrix: Vectors, version: str) -> None:
        """Build the collection anew from the truth."""
        self.close()
        self._seal.unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        self._collection = self._connect().create_collection(
            _COLLECTION,
            embedding_function=None,
            configuration={"hnsw": {"space": "ip", "ef_search": _SEARCH_EF}},
        )
        self.change(added=rows, vectors=matrix, removed=(), version=version)

    def change(
        self,
        *,
        added: Sequence[int] | NDArray[np.int64],
        vectors: Vectors,
        removed: Sequence[int],
        version: str,
    ) -> None:
        """Add and remove rows; from here to ``seal`` a crash leaves it unused and to be rebuilt."""
        assert self._collection is not None
        self._seal.unlink(missing_ok=True)
        for start in range(0, len(added), _BATCH):
            self._collection.add(
                ids=[str(row) for row in added[start : start + _BATCH]],
                embeddings=vectors[start : start + _BATCH],
            )
        for start in range(0, len(removed), _BATCH):
            self._collection.delete(ids=[str(row) for row in removed[start : start + _BATCH]])
        self._collection.modify(metadata={"version": version})
        self.version = version

    def seal(self) -> None:
        """Record what the files are now: the next process opens them only as they are."""
        if self.version is not None and not self._seal.exists():
            self._seal.write_text(json.dumps(self._digests()), encoding="utf-8")

    def search(self, query: Vectors, limit: int) -> Hits:
        """Return (passage row, cosine) of the nearest passages, best first; ties by row."""
        assert self._collection is not None
        count = self._collection.count()
        if not count:
            return []
        found = self._collection.query(
            query_embeddings=[query], n_results=min(limit, count), include=["distances"]
        )
        distances = (found["distances"] or [[]])[0]
        hits = [
            (int(row), 1.0 - float(distance))
            for row, distance in zip(found["ids"][0], distances, strict=True)
        ]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))

    def close(self) -> None:
        """Let go of the files."""
        self.version = None
        self._collection = None
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connect(self) -> Any:
        import chromadb

        self._client = chromadb.PersistentClient(
            str(self._folder), settings=chromadb.Settings(anonymized_telemetry=False)
        )
        return self._client

    def _is_sealed(self) -> bool:
        try:
            sealed = json.loads(self._seal.read_text(encoding="utf-8"))
            return bool(sealed) and sealed == self._digests() and self._is_database_whole()
        except (OSError, ValueError):
            return False

    def _is_database_whole(self) -> bool:
        try:
            with sqlite3.connect(self._folder / "chroma.sqlite3") as db:
                whole = db.execute("PRAGMA quick_check").fetchone() == ("ok",)
            db.close()
            return whole
        except sqlite3.Error:
            return False

    def _digests(self) -> dict[str, str]:
        """Return the digest of each segment file; Chroma's SQLite changes with each opening."""
        digests = {}
        for path in sorted(self._folder.rglob("*")):
            if path.is_file() and not path.name.startswith("chroma.sqlite3"):
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "blake2b").hexdigest()
                digests[path.relative_to(self._folder).as_posix()] = digest
        # A collection below Chroma's sync threshold has no segment files yet: never an empty seal.
        return {"sealed": "1", **digests}
