"""Kept conversations: questions, and their answers as JSON that nobody here looks into.

An answer quotes documents. Removing one of those, or replacing it, blanks the answer in the same
transaction and leaves no byte of it in the database (``secure_delete``; SQLite's log goes with the
last connection). The question stays: that is the user's own.

Conversations are written in short transactions of their own, also while documents are being added:
they wait for the group that is being stored, not for the whole run. They raise no version, for
nothing that is searched has changed.
"""

import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from indexes.errors import ConversationError
from indexes.lock import conversations_held
from indexes.schema import transaction, translated_errors

MAX_CONVERSATIONS = 5_000
MAX_TURNS = 1_000
MAX_TITLE_CHARS = 200
MAX_QUESTION_CHARS = 20_000
MAX_CONTENT_CHARS = 8_000_000
"""All far beyond what anybody needs; an answer with all its facts is some ten thousand long."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A line of the list: ``begun`` and ``changed`` are UTC in ISO 8601, ``turns`` is a count."""

    id: str
    title: str
    begun: str
    changed: str
    turns: int


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A question and its answer; ``content`` is None once a document that it cites is gone."""

    question: str
    content: str | None


class ConversationStore:
    """Reads and writes conversations; only ``forget`` and ``blank`` expect a transaction."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._path = path

    def begin(self, title: str) -> str:
        """Begin a conversation; return its id, which nobody can guess.

        Raises
        ------
        ConversationError
            The title is empty, or there are too many conversations.
        """
        id_, now, title = secrets.token_hex(8), _now(), _title(title)
        with self._writing():
            (count,) = self._db.execute("SELECT count(*) FROM conversations").fetchone()
            if count >= MAX_CONVERSATIONS:
                raise ConversationError(
                    f"There are {count} conversations already. Remove some, then begin another."
                )
            self._db.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?)", (id_, title, now, now)
            )
        return id_

    def append(self, id_: str, question: str, content: str, documents: Sequence[str]) -> None:
        """Keep a question with its answer, which quotes these documents (ids).

        Where one of them has been removed meanwhile, the question is kept alone.

        Raises
        ------
        ConversationError
            There is no such conversation, or it takes no more.
        """
        if len(content) > MAX_CONTENT_CHARS:
            raise ConversationError(
                f"The answer has {len(content)} characters; no more than {MAX_CONTENT_CHARS} are "
                "kept."
            )
        cited = sorted(set(documents))
        with self._writing():
            if self._must_exist(id_).turns >= MAX_TURNS:
                raise ConversationError(
                    f"This conversation has {MAX_TURNS} questions: begin another one."
                )
            marks = ",".join("?" * len(cited))
            query = f"SELECT count(*) FROM documents WHERE id IN ({marks})"
            are_there = self._db.execute(query, cited).fetchone()[0] == len(cited)
            cursor = self._db.execute(
                "INSERT INTO turns (conversation, question, content) VALUES (?, ?, ?)",
                (id_, _storable(question)[:MAX_QUESTION_CHARS], content if are_there else None),
            )
            self._db.executemany(
                "INSERT INTO turn_documents VALUES (?, ?)",
                [(document, cursor.lastrowid) for document in cited if are_there],
            )
            self._db.execute("UPDATE conversations SET changed = ? WHERE id = ?", (_now(), id_))

    def turns(self, id_: str) -> list[StoredTurn]:
        """Return the questions of a conversation with their answers, in order.

        Raises
        ------
        ConversationError
            There is none with this id.
        """
        with translated_errors(self._path):
            self._must_exist(id_)
            query = "SELECT question, content FROM turns WHERE conversation = ? ORDER BY row"
            return [StoredTurn(*row) for row in self._db.execute(query, (id_,))]

    def get(self, id_: str) -> Conversation:
        """Return what the list says of a conversation.

        Raises
        ------
        ConversationError
            There is none with this id.
        """
        with translated_errors(self._path):
            return self._must_exist(id_)

    def rename(self, id_: str, title: str) -> None:
        """Give a conversation another title.

        Raises
        ------
        ConversationError
            There is none with this id, or the title is empty.
        """
        title = _title(title)
        with self._writing():
            self._must_exist(id_)
            self._db.execute("UPDATE conversations SET title = ? WHERE id = ?", (title, id_))

    def remove(self, id_: str) -> None:
        """Remove a conversation and leave no byte of it.

        Raises
        ------
        ConversationError
            There is none with this id.
        """
        with self._writing():
            self._must_exist(id_)
            self._db.execute("DELETE FROM conversations WHERE id = ?", (id_,))

    def list(self) -> "list[Conversation]":
        """Return all conversations, the one that changed last first."""
        with translated_errors(self._path):
            rows = self._db.execute(
                f"{_LISTED} ORDER BY changed DESC, "
                "(SELECT max(row) FROM turns WHERE conversation = conversations.id) DESC, id"
            )
            return [Conversation(*row) for row in rows]

    # -- when documents go -----------------------------------------------------------------------

    def forget(self, document: int) -> None:
        """Blank the answers that cite a document (row); the caller holds the transaction."""
        self.blank("SELECT id FROM documents WHERE row = ?", (document,))

    def blank(self, documents: str, values: Sequence[object] = ()) -> None:
        """Blank the answers that cite documents of a query; the caller holds the transaction."""
        turns = [
            (turn,)
            for (turn,) in self._db.execute(
                f"SELECT DISTINCT turn FROM turn_documents WHERE document IN ({documents})",
                tuple(values),
            )
        ]
        self._db.executemany("UPDATE turns SET content = NULL WHERE row = ?", turns)
        # An id is a digest of the document: it goes as well.
        self._db.executemany("DELETE FROM turn_documents WHERE turn = ?", turns)

    def blank_outdated(self) -> None:
        """Blank the answers that cite what is not there; the caller holds the transaction."""
        self.blank(_GONE)

    def outdated(self) -> int:
        """Return how many answers cite documents that are not there: none in a whole library."""
        query = f"SELECT count(DISTINCT turn) FROM turn_documents WHERE document IN ({_GONE})"
        return int(self._db.execute(query).fetchone()[0])

    def carry_over(self, other: "ConversationStore") -> None:
        """Take the conversations of another library into this one, which has none.

        The caller keeps others from writing meanwhile (``conversations_held``).
        """
        with transaction(self._db):
            for table in ("conversations", "turns", "turn_documents"):
                rows = other._db.execute(f"SELECT * FROM {table}").fetchall()
                if rows:
                    marks = ",".join("?" * len(rows[0]))
                    self._db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
            self.blank_outdated()

    def _must_exist(self, id_: str) -> Conversation:
        found = self._db.execute(f"{_LISTED} WHERE id = ?", (_storable(id_),)).fetchone()
        if found is None:
            raise ConversationError("There is no such conversation: it may have been removed.")
        return Conversation(*found)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with (
            translated_errors(self._path),
            conversations_held(self._path.parent),
            transaction(self._db),
        ):
            yield


_LISTED = (
    "SELECT id, title, begun, changed, "
    "(SELECT count(*) FROM turns WHERE conversation = conversations.id) FROM conversations"
)
_GONE = "SELECT document FROM turn_documents EXCEPT SELECT id FROM documents"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _title(text: str) -> str:
    title = " ".join(_storable(text).split())
    if not title:
        raise ConversationError("A conversation needs a title.")
    return title if len(title) <= MAX_TITLE_CHARS else title[: MAX_TITLE_CHARS - 1] + "…"


def _storable(text: str) -> str:
    """Return the text with halves of characters, which SQLite cannot store, replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
