"""Passage vectors: kept in SQLite, searched exactly with numpy or through Chroma.

SQLite holds the truth as float32 rows. ``ExactIndex`` is the oracle and the fallback.
``ChromaIndex`` is derived: it is used only if it holds exactly what was sealed after the last
write, because a truncated segment takes the whole process down (Chroma 1.5.9, SIGSEGV on open), and
only if its version is that of the rows; otherwise it is rebuilt from SQLite, and until then search
is exact.
"""

import hashlib
import json
import logging
import secrets
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection

Vectors = NDArray[np.float32]
Hits = list[tuple[int, float]]

_log = logging.getLogger(__name__)

_COLLECTION = "passages"
_DATABASE = "chroma.sqlite3"
_WRITTEN = "index_metadata.pickle"  # Made with the first writing of a segment.
# All of Chroma's tables that hold what it searches; it counts its openings in another.
_TABLES = "collections collection_metadata segments embeddings embeddings_queue max_seq_id".split()
_READ_BYTES = 64 << 20
_BATCH = 5_000  # Chroma 1.5.9 takes at most 5,461 rows at once.
# With 16 neighbours, 100 and 256, 3 in 2,000 near-duplicate sentences were missed; so none.
_HNSW: "CreateHNSWConfiguration" = {
    "space": "ip",
    "max_neighbors": 32,
    "ef_construction": 200,
    "ef_search": 400,
}


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
        wanted = "" if rows is None else "AND passage IN (SELECT value FROM json_each(?))"
        values = () if rows is None else (json.dumps(list(rows)),)
        # A vector of another length is damage: a check tells, a search goes on without it.
        found = self._db.execute(
            f"SELECT passage, vector FROM vectors WHERE length(vector) = ? {wanted} "
            "ORDER BY passage",
            (4 * dimension, *values),
        ).fetchall()
        matrix = np.frombuffer(b"".join(vector for _, vector in found), dtype=np.float32)
        ids = np.array([row for row, _ in found], dtype=np.int64)
        return ids, matrix.reshape(len(found), dimension)

    def dimension(self) -> int:
        """Return the dimension of what is stored; 1 where nothing is."""
        found = self._db.execute("SELECT length(vector) / 4 FROM vectors LIMIT 1").fetchone()
        return int(found[0]) if found else 1

    def is_empty(self) -> bool:
        """Return whether there is no vector."""
        return self._db.execute("SELECT 1 FROM vectors LIMIT 1").fetchone() is None


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
        self._home: Path | None = None
        self._seal = folder.with_name(folder.name + ".seal")
        self._collection: Collection | None = None
        self._client: Client | None = None
        self._count = 0
        self.version: str | None = None
        """The version of the rows that it holds; None while it may not be used."""

    def open(self, version: str) -> bool:
        """Open the collection if it is whole and holds this version; return whether it does."""
        self.close()
        self._home = self._sealed_home(version)
        if self._home is None:
            return False
        try:
            self._collection = self._connect(self._home).get_collection(
                _COLLECTION, embedding_function=None
            )
            self._count = self._collection.count()
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
        if not self._folder.is_dir():
            self._folder.unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)
        # A new name each time: within a process Chroma keeps what it once opened under a name.
        self._home = self._folder / secrets.token_hex(4)
        self._home.mkdir(parents=True)
        self._collection = self._connect(self._home).create_collection(
            _COLLECTION,
            embedding_function=None,
            configuration={"hnsw": _HNSW},
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
        self._count = self._collection.count()
        self.version = version

    def seal(self) -> None:
        """Record what the files are now: the next process opens them only as they are."""
        if self.version is None or self._home is None or self._seal.exists():
            return
        try:
            digests = _digests(self._home)
        except sqlite3.Error as error:
            _log.warning("Chroma is damaged, search is exact from now on: %s", error)
            self.close()
        else:
            sealed = {"version": self.version, "home": self._home.name, "digests": digests}
            self._write_seal(sealed)

    def _write_seal(self, sealed: Mapping[str, object]) -> None:
        self._seal.write_text(json.dumps(sealed), encoding="utf-8")

    def carry_on(self, before: str, version: str) -> None:
        """Hold what was held for the version before: not a row has changed, nor a file."""
        if self.version == before:
            self.version = version
        if self._seal.is_file():
            sealed = json.loads(self._seal.read_text(encoding="utf-8"))
            if sealed["version"] == before:
                self._write_seal(sealed | {"version": version})

    def search(self, query: Vectors, limit: int) -> list[int]:
        """Return the rows of the nearest passages, best first; equals in any order."""
        assert self._collection is not None
        if not self._count:
            return []
        # Counting takes Chroma longer than searching: it is done after each change only.
        found = self._collection.query(
            query_embeddings=[query.tolist()], n_results=min(limit, self._count), include=[]
        )
        return [int(row) for row in found["ids"][0]]

    def close(self) -> None:
        """Let go of the files."""
        self.version = None
        self._collection = None
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connect(self, home: Path) -> "Client":
        from chromadb import PersistentClient
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False)
        self._client = cast("Client", PersistentClient(str(home), settings=settings))
        return self._client

    def sealed_version(self) -> str | None:
        """Return the version that was sealed last, by whichever process; None without a seal."""
        try:
            return str(json.loads(self._seal.read_text(encoding="utf-8"))["version"])
        except (OSError, ValueError, TypeError, LookupError):
            return None

    def is_sealed(self, version: str) -> bool:
        """Return whether the files are whole and hold this version, without opening Chroma."""
        return self._sealed_home(version) is not None

    def _sealed_home(self, version: str) -> Path | None:
        """Return the folder that was sealed with this version, if it still is as it was."""
        try:
            sealed = json.loads(self._seal.read_text(encoding="utf-8"))
            home = self._folder / Path(str(sealed["home"])).name
            is_whole = sealed["version"] == version and sealed["digests"] == _digests(home)
            return home if is_whole else None
        except (OSError, ValueError, TypeError, LookupError, sqlite3.Error):
            return None


def _digests(home: Path) -> dict[str, str]:
    """Return what each segment file is, and what Chroma's own database holds.

    Small collections are known by their contents; large ones, which would take seconds to read
    after each change, by sizes and times of change, and by how many rows the database has.
    """
    # Below its threshold of 1,000 rows Chroma writes no segment: the files that it makes at each
    # opening hold noise, and it does not read them.
    segments = [
        path
        for path in sorted(home.rglob("*"))
        if path.is_file() and path.with_name(_WRITTEN).exists()
    ]
    is_small = sum(path.stat().st_size for path in segments) <= _READ_BYTES
    file_digest, database_digest = (
        (_content_digest, _rows_digest) if is_small else (_change_digest, _count_digest)
    )
    digests = {path.relative_to(home).as_posix(): file_digest(path) for path in segments}
    database = home / _DATABASE
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as db:
        return {_DATABASE: database_digest(db)} | digests


def _content_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()


def _change_digest(path: Path) -> str:
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns}"


def _rows_digest(db: sqlite3.Connection) -> str:
    """Return the digest of the rows: the file itself changes with each opening.

    Raises
    ------
    sqlite3.Error
        The database cannot be read, or is damaged.
    """
    if db.execute("PRAGMA quick_check").fetchone() != ("ok",):
        raise sqlite3.DatabaseError("the database of Chroma is damaged")
    digest = hashlib.blake2b()
    for table in _TABLES:
        for row in db.execute(f"SELECT * FROM {table} ORDER BY rowid"):
            digest.update(repr(row).encode())
    return digest.hexdigest()


def _count_digest(db: sqlite3.Connection) -> str:
    counts = [
        db.execute(f"SELECT count(*), max(rowid) FROM {table}").fetchone() for table in _TABLES
    ]
    return json.dumps(counts)
