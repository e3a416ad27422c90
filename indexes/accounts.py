"""Who may ask: users, the sessions of their browsers, and the tokens of their programs.

    HOME/accounts.sqlite      this
    HOME/users/ID/LIBRARY/    the libraries of a user; ID is random and never used twice

Nothing in the file lets anybody in: passwords, sessions and tokens are kept as digests (see
``indexes.passwords``), and what is read out of it holds none of them.
"""

import secrets
import sqlite3
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from indexes.account_schema import connect, translated_errors
from indexes.errors import AccountError
from indexes.passwords import digest_of, new_secret
from indexes.schema import transaction

FILE = "accounts.sqlite"
TOKEN_PREFIX = "kgrag_"
SHOWN_CHARS = len(TOKEN_PREFIX) + 8
"""How much of a token is kept to tell it from others; 35 random characters stay unknown."""

NAME_CHARS = 64
TOKENS_EACH = 50
SESSIONS_EACH = 100
"""Browsers in which one user can be logged in; with one more, the oldest is logged out."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may ask; ``id`` is letters and digits and names a folder."""

    id: str
    name: str
    is_admin: bool


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A program's key, as it is listed: the beginning of it, and when it was made."""

    prefix: str
    made: str


class AccountStore:
    """The users of one service; safe to share between threads, and to use from two processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = connect(path)
        # Who asks is read at every request, and must not wait for what is being written.
        self._reading_db = connect(path)
        self._lock, self._reading_lock = threading.Lock(), threading.Lock()

    @classmethod
    def open(cls, home: str | Path, *, create: bool = True) -> Self:
        """Open the accounts in a folder.

        Raises
        ------
        AccountError
            They cannot be opened, or there are none and ``create`` is false.
        """
        path = Path(home).expanduser() / FILE
        if not create and not path.is_file():
            raise AccountError(
                f"There are no accounts in {path.parent}. The first one is made by "
                f"kgrag user add NAME --admin --home {path.parent}"
            )
        return cls(path)

    def close(self) -> None:
        """Close the file."""
        with self._lock, self._reading_lock:
            self._db.close()
            self._reading_db.close()

    # -- users -----------------------------------------------------------------------------------

    def add(self, name: str, password: str, *, is_admin: bool = False) -> User:
        """Add a user; ``password`` is what ``hash_password`` made of it.

        Raises
        ------
        AccountError
            The name is taken, empty, too long, or has characters that cannot be seen.
        """
        user = User(secrets.token_hex(8), _proper(name), is_admin)
        with self._writing() as db:
            if db.execute("SELECT 1 FROM users WHERE key = ?", (key_of(name),)).fetchone():
                raise AccountError(f"There is a user {user.name!r} already. Choose another name.")
            db.execute(
                "INSERT INTO users VALUES (?, ?, ?, ?, ?)",
                (user.id, user.name, key_of(name), password, is_admin),
            )
        return user

    def users(self) -> list[User]:
        """Return all users by name."""
        return [_user(row) for row in self._read("SELECT id, name, is_admin FROM users ORDER BY 2")]

    def get(self, name: str) -> User:
        """Return the user of a name; AccountError where there is none."""
        found = self.credentials(name)
        if found is None:
            raise AccountError(f"There is no user {name[:NAME_CHARS]!r}. See: kgrag user list")
        return found[0]

    def credentials(self, name: str) -> tuple[User, str] | None:
        """Return a user and what is kept of the password; None for an unknown name."""
        rows = self._read(
            "SELECT id, name, is_admin, password FROM users WHERE key = ?", (key_of(name),)
        )
        return (_user(rows[0]), str(rows[0][3])) if rows else None

    def set_password(self, user: User, password: str) -> None:
        """Keep another password; all of the user's sessions end. Tokens stay."""
        with self._writing() as db:
            db.execute("UPDATE users SET password = ? WHERE id = ?", (password, user.id))
            db.execute("DELETE FROM sessions WHERE user = ?", (user.id,))

    def remove(self, user: User) -> None:
        """Remove a user, with all sessions and tokens; libraries are left where they are."""
        with self._writing() as db:
            db.execute("DELETE FROM users WHERE id = ?", (user.id,))

    # -- sessions --------------------------------------------------------------------------------

    def begin_session(self, user: User, password: str, secret: str, *, expires: float) -> bool:
        """Keep a session until ``expires`` (seconds since 1970).

        ``password`` is what was kept when the user was asked for it. Returns False, and keeps
        nothing, where it was changed since: the change has ended all sessions, this one too.
        """
        with self._writing() as db:
            began = db.execute(
                "INSERT INTO sessions SELECT ?, id, ? FROM users WHERE id = ? AND password = ?",
                (digest_of(secret), int(expires), user.id, password),
            )
            db.execute(
                "DELETE FROM sessions WHERE digest IN (SELECT digest FROM sessions WHERE user = ? "
                "ORDER BY expires DESC, digest LIMIT -1 OFFSET ?)",
                (user.id, SESSIONS_EACH),
            )
            return began.rowcount == 1

    def session_user(self, secret: str, *, now: float) -> User | None:
        """Return whose session it is; None where it ended or never was."""
        rows = self._read(
            "SELECT id, name, is_admin FROM sessions JOIN users ON users.id = sessions.user "
            "WHERE digest = ? AND expires > ?",
            (digest_of(secret), int(now)),
        )
        return _user(rows[0]) if rows else None

    def end_session(self, secret: str) -> None:
        """End a session, if there is one."""
        with self._writing() as db:
            db.execute("DELETE FROM sessions WHERE digest = ?", (digest_of(secret),))

    def forget_ended(self, *, now: float) -> None:
        """Delete the sessions that have expired."""
        with self._writing() as db:
            db.execute("DELETE FROM sessions WHERE expires <= ?", (int(now),))

    # -- tokens ----------------------------------------------------------------------------------

    def make_token(self, user: User) -> str:
        """Return a new token: it can be shown now, and never again.

        Raises
        ------
        AccountError
            The user is gone, or has too many.
        """
        token = TOKEN_PREFIX + new_secret()
        made = datetime.now(UTC).isoformat(timespec="seconds")
        with self._writing() as db:
            (count,) = db.execute(
                "SELECT count(*) FROM tokens WHERE user = ?", (user.id,)
            ).fetchone()
            if count >= TOKENS_EACH:
                raise AccountError(f"{user.name!r} has {count} tokens; revoke one of them first.")
            kept = db.execute(
                "INSERT INTO tokens SELECT ?, id, ?, ? FROM users WHERE id = ?",
                (digest_of(token), token[:SHOWN_CHARS], made, user.id),
            )
            if kept.rowcount != 1:
                raise AccountError(f"There is no user {user.name!r} any more.")
        return token

    def token_user(self, token: str) -> User | None:
        """Return whose token it is."""
        rows = self._read(
            "SELECT id, name, is_admin FROM tokens JOIN users ON users.id = tokens.user "
            "WHERE digest = ?",
            (digest_of(token),),
        )
        return _user(rows[0]) if rows else None

    def tokens(self, user: User) -> list[ApiToken]:
        """Return a user's tokens, the newest first."""
        return [
            ApiToken(*row)
            for row in self._read(
                "SELECT prefix, made FROM tokens WHERE user = ? ORDER BY made DESC, prefix",
                (user.id,),
            )
        ]

    def remove_token(self, user: User, prefix: str) -> None:
        """Revoke the token that begins so; AccountError where the user has none."""
        with self._writing() as db:
            gone = db.execute("DELETE FROM tokens WHERE user = ? AND prefix = ?", (user.id, prefix))
            if gone.rowcount == 0:
                raise AccountError(f"{user.name!r} has no token {prefix[:40]!r}.")

    # -- the file --------------------------------------------------------------------------------

    def _read(self, statement: str, values: tuple[object, ...] = ()) -> list[tuple[str, ...]]:
        with self._reading_lock, translated_errors(self._path):
            return self._reading_db.execute(statement, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, translated_errors(self._path), transaction(self._db):
            yield self._db


def key_of(name: str) -> str:
    """Return what two ways to write one name share."""
    key = unicodedata.normalize("NFKC", name.strip()).casefold()
    return key.encode("utf-8", "replace").decode("utf-8")  # SQLite takes no lone surrogates.


def _proper(name: str) -> str:
    name = unicodedata.normalize("NFC", name.strip())
    if not 0 < len(name) <= NAME_CHARS or not name.isprintable() or not key_of(name):
        raise AccountError(
            f"{name[:NAME_CHARS]!r} cannot be a user's name: it has 1 to {NAME_CHARS} characters, "
            "all of which can be seen."
        )
    return name


def _user(row: tuple[str, ...]) -> User:
    return User(row[0], row[1], bool(row[2]))
