"""The SQLite file of users, sessions and tokens, and how it is opened.

Only this machine's user may read it. It is separate from every library, so that a library can be
copied, sent or opened alone without anybody's password in it.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from indexes.errors import AccountError, StorageFullError
from indexes.schema import BUSY_TIMEOUT_S, transaction

SCHEMA_VERSION = 1


class AccountsUnavailableError(AccountError):
    """The file cannot be read or written: nothing that a user of the page can mend."""


_STATEMENTS = (
    """CREATE TABLE users (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        key TEXT NOT NULL UNIQUE,
        password TEXT NOT NULL,
        is_admin INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE sessions (
        digest BLOB PRIMARY KEY,
        user TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
        expires INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX sessions_user ON sessions (user, expires)",
    """CREATE TABLE tokens (
        digest BLOB PRIMARY KEY,
        user TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
        prefix TEXT NOT NULL,
        made TEXT NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX tokens_user ON tokens (user, prefix)",
)


def connect(path: Path) -> sqlite3.Connection:
    """Open the file, and make it where there is none.

    Raises
    ------
    AccountError
        It cannot be opened, is no such file, or a newer kgrag wrote it.
    """
    with translated_errors(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_private(path)
        db = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        try:
            for setting in (
                "journal_mode = WAL",
                "synchronous = FULL",
                "foreign_keys = ON",
                "secure_delete = ON",
            ):
                db.execute(f"PRAGMA {setting}")
            _make_tables(db, path)
        except BaseException:  # Nobody else can close it, whatever ended the opening.
            db.close()
            raise
    return db


def _make_private(path: Path) -> None:
    """Make the file for nobody else; SQLite gives its others (-wal, -shm) the same permissions.

    A file that is there is not touched: closing it would end the locks that SQLite holds on it for
    another connection of this process (POSIX), and what other processes write would be missed.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _make_tables(db: sqlite3.Connection, path: Path) -> None:
    with transaction(db):
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
        if version > SCHEMA_VERSION:
            raise AccountError(
                f"{path} has schema {version}, and this kgrag knows {SCHEMA_VERSION}. Update kgrag."
            )
        if version == 0:
            for statement in _STATEMENTS:
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Raise SQLite's and the file system's errors as ours."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL":
            raise StorageFullError(f"The disk that holds {path} is full; make room.") from error
        raise AccountsUnavailableError(
            f"The accounts in {path} cannot be read or written ({error}). Look whether the folder "
            "is yours, and whether another program keeps the file busy."
        ) from error
