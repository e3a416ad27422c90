"""The SQLite schema of a library, as numbered migrations, and how it is opened.

SQLite is the truth: whatever another store holds is derived from here. Each migration runs in one
transaction together with the record that it has run (after sqlite-utils), so a crash leaves the
old schema or the new one.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from indexes.errors import (
    LibraryDamagedError,
    LibraryLockedError,
    LibraryMismatchError,
    StorageFullError,
)
from indexes.lexical import count_stems, opening_text

PASSAGE_STEMS = (
    "CREATE VIRTUAL TABLE passage_stems USING "
    "fts5(stems, tokenize = 'unicode61 remove_diacritics 0')"
)
PASSAGE_OPENINGS = PASSAGE_STEMS.replace("passage_stems", "passage_openings")
"""Both of the lexical index: derived, so a repair may make them anew."""

Migration = Callable[[sqlite3.Connection], None]

BUSY_TIMEOUT_S = 10.0

_NO_ROOM = frozenset(
    f"SQLITE_{name}" for name in "FULL IOERR_WRITE IOERR_FSYNC IOERR_SHMSIZE".split()
)


def _create_library(db: sqlite3.Connection) -> None:
    statements = """
    CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

    CREATE TABLE documents (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        media_type TEXT NOT NULL,
        language TEXT NOT NULL,
        title TEXT,
        text TEXT NOT NULL,
        pages TEXT NOT NULL,
        headings TEXT NOT NULL,
        outcome TEXT NOT NULL,
        reason TEXT
    );
    CREATE TABLE originals (
        document INTEGER PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
        content BLOB NOT NULL
    );
    CREATE TABLE sources (
        path TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE
    ) WITHOUT ROWID;
    CREATE INDEX sources_document ON sources (document);

    CREATE TABLE passages (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        start INTEGER NOT NULL,
        end INTEGER NOT NULL,
        text TEXT NOT NULL,
        UNIQUE (document, ordinal)
    );
    CREATE TABLE vectors (
        passage INTEGER PRIMARY KEY REFERENCES passages ON DELETE CASCADE,
        vector BLOB NOT NULL
    );

    CREATE TABLE identities (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE,
        entity TEXT NOT NULL
    );
    CREATE INDEX identities_entity ON identities (entity);
    CREATE TABLE surfaces (
        identity INTEGER NOT NULL REFERENCES identities,
        text TEXT NOT NULL,
        type TEXT NOT NULL,
        normal TEXT NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (identity, text, type)
    ) WITHOUT ROWID;
    CREATE INDEX surfaces_normal ON surfaces (normal);
    CREATE TABLE mentions (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
        start INTEGER NOT NULL,
        end INTEGER NOT NULL,
        type TEXT NOT NULL,
        score REAL NOT NULL,
        identity INTEGER NOT NULL REFERENCES identities
    );
    CREATE INDEX mentions_document ON mentions (document, start);
    CREATE INDEX mentions_identity ON mentions (identity, document);
    CREATE TABLE same_as (
        first INTEGER NOT NULL REFERENCES identities,
        second INTEGER NOT NULL REFERENCES identities,
        document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
        PRIMARY KEY (first, second, document)
    ) WITHOUT ROWID;
    CREATE INDEX same_as_second ON same_as (second);
    CREATE INDEX same_as_document ON same_as (document);

    CREATE TABLE evidence (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
        subject INTEGER NOT NULL REFERENCES identities,
        relation TEXT NOT NULL,
        object INTEGER NOT NULL REFERENCES identities,
        subject_mention INTEGER NOT NULL REFERENCES mentions,
        object_mention INTEGER NOT NULL REFERENCES mentions,
        start INTEGER NOT NULL,
        end INTEGER NOT NULL,
        quote TEXT NOT NULL,
        extractor TEXT NOT NULL,
        score REAL NOT NULL
    );
    CREATE INDEX evidence_document ON evidence (document, start);
    CREATE INDEX evidence_subject ON evidence (subject, relation);
    CREATE INDEX evidence_object ON evidence (object, relation);
    CREATE INDEX evidence_subject_mention ON evidence (subject_mention);
    CREATE INDEX evidence_object_mention ON evidence (object_mention);
    """
    for statement in statements.split(";\n"):
        if statement.strip():
            db.execute(statement)
    db.execute(PASSAGE_STEMS)


def _add_antecedents(db: sqlite3.Connection) -> None:
    """Let a mention refer to a name: its place among the document's mentions in text order."""
    db.execute("ALTER TABLE mentions ADD COLUMN antecedent INTEGER")


def _place_mentions(db: sqlite3.Connection) -> None:
    """Let passages know their sentences and headings, and mentions where in which passage they are.

    The vectors of the sentences are left to be made: here is no embedder.
    """
    statements = """
    ALTER TABLE passages ADD COLUMN context TEXT NOT NULL DEFAULT '';
    CREATE TABLE passage_sentences (
        passage INTEGER PRIMARY KEY REFERENCES passages ON DELETE CASCADE,
        spans BLOB NOT NULL,
        vectors BLOB NOT NULL
    );
    CREATE TABLE new_vectors (
        passage INTEGER PRIMARY KEY REFERENCES passages ON DELETE CASCADE,
        embedder TEXT NOT NULL,
        vector BLOB NOT NULL,
        spans BLOB NOT NULL,
        sentence_vectors BLOB NOT NULL
    );
    ALTER TABLE mentions ADD COLUMN passage INTEGER REFERENCES passages;
    ALTER TABLE mentions ADD COLUMN place INTEGER;
    UPDATE mentions SET (passage, place) = (
        SELECT passages.row, mentions.start - passages.start FROM passages
        WHERE passages.document = mentions.document AND passages.start <= mentions.start
        AND mentions.start < passages.end
    );
    DROP INDEX mentions_identity;
    CREATE INDEX mentions_identity ON mentions (identity, place, passage);
    CREATE INDEX mentions_passage ON mentions (passage, start);
    ALTER TABLE identities ADD COLUMN mentions INTEGER NOT NULL DEFAULT 0;
    UPDATE identities SET mentions = (
        SELECT coalesce(sum(count), 0) FROM surfaces WHERE identity = identities.row
    );
    DROP INDEX evidence_subject;
    CREATE INDEX evidence_subject ON evidence (subject, relation, object);
    ALTER TABLE sources ADD COLUMN modified TEXT;
    CREATE INDEX documents_language ON documents (language);
    CREATE TABLE stem_counts (stem TEXT PRIMARY KEY, passages INTEGER NOT NULL) WITHOUT ROWID;
    """
    for statement in statements.split(";\n"):
        if statement.strip():
            db.execute(statement)
    db.execute(PASSAGE_OPENINGS)
    indexed = db.execute("SELECT rowid, stems FROM passage_stems").fetchall()
    db.executemany(
        "INSERT INTO passage_openings (rowid, stems) VALUES (?, ?)",
        [(row, opening_text(text)) for row, text in indexed],
    )
    db.executemany(
        "INSERT INTO stem_counts VALUES (?, ?)",
        list(count_stems(text for _, text in indexed).items()),
    )


MIGRATIONS: tuple[Migration, ...] = (_create_library, _add_antecedents, _place_mentions)
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
