"""How the SQLite database of a library is opened, written to, and brought up to date.

SQLite is the truth: whatever another store holds is derived from here. Each migration runs in one
transaction together with the record that it has run (after sqlite-utils), so a crash leaves the
old schema or the new one.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexes.errors import (
    LibraryDamagedError,
    LibraryLockedError,
    LibraryMismatchError,
    StorageFullError,
)
from indexes.migrations import MIGRATIONS as MIGRATIONS

BUSY_TIMEOUT_S = 10.0

_NO_ROOM = frozenset(
    f"SQLITE_{name}" for name in "FULL IOERR_WRITE IOERR_FSYNC IOERR_SHMSIZE".split()
)

SCHEMA_VERSION = len(MIGRATIONS)


def connect(path: Path) -> sqlite3.Connection:
    """Open the library's database and bring its schema up to date.

    Raises
    ------
    LibraryDamagedError
        The file is no SQLite database, or a damaged one.
    LibraryMismatchError
        A newer kgrag wrote it.
    """
    with translated_errors(path):
        # One connection is shared by the threads of a process; Library serialises its use.
        db = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("PRAGMA secure_delete = ON")
            db.execute("PRAGMA cache_size = -32000")
            _migrate(db, path)
        except BaseException:  # Nobody else can close it, whatever ended the opening.
            db.close()
            raise
    return db


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        raise LibraryMismatchError(
            f"The library {path.parent} has schema {version}, and this kgrag knows schemas up to "
            f"{SCHEMA_VERSION}. Update kgrag to open it."
        )
    for number, migration in enumerate(MIGRATIONS[version:], start=version + 1):
        with transaction(db):
            # Another process may have migrated while this one waited for the lock.
            if int(db.execute("PRAGMA user_version").fetchone()[0]) < number:
                migration(db)
                db.execute(f"PRAGMA user_version = {number}")


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Run the block in one write transaction: all of it is kept, or nothing."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:  # All or nothing, also when Ctrl-C or a closed generator ends the block.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextmanager
def snapshot(db: sqlite3.Connection) -> Iterator[None]:
    """Let the block read the database as it is now, whatever is written meanwhile."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("COMMIT")


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Raise SQLite's errors as ours: full disk, damaged file, or another trouble with the file."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", "")
        if code in _NO_ROOM:
            raise StorageFullError(
                f"The disk that holds {path} is full. Nothing that was added before is lost; make "
                "room and run the same command again."
            ) from error
        if code.startswith("SQLITE_BUSY"):
            raise LibraryLockedError(
                f"Another process has kept {path} busy for {BUSY_TIMEOUT_S:.0f} s. Wait until it "
                "ends, then try again."
            ) from error
        raise LibraryDamagedError(
            f"The library database {path} cannot be read ({error}). kgrag check --repair mends "
            "what can be mended; if that fails too, restore the folder from a copy, or add the "
            "files to a new library."
        ) from error
