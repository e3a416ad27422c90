"""The schema of a library's database, as numbered migrations: each makes the one before newer.

A migration that was released is never changed: libraries that it made are out there.
"""

import sqlite3
from collections.abc import Callable

from indexes.lexical import count_stems, opening_text

PASSAGE_STEMS = (
    "CREATE VIRTUAL TABLE passage_stems USING "
    "fts5(stems, tokenize = 'unicode61 remove_diacritics 0')"
)
PASSAGE_OPENINGS = PASSAGE_STEMS.replace("passage_stems", "passage_openings")
"""Both of the lexical index: derived, so a repair may make them anew."""

Migration = Callable[[sqlite3.Connection], None]


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


def _add_corrections(db: sqlite3.Connection) -> None:
    """Let users correct the graph, and keep conversations.

    A correction is a rule: it names identities by their keys and documents by their sources, which
    come back when a document is added again. Evidence that a rule takes back stands apart, so that
    no reader has to know of it.
    """
    statements = """
    CREATE TABLE corrections (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        made TEXT NOT NULL,
        what TEXT NOT NULL,
        relation TEXT,
        name TEXT,
        normal TEXT
    );
    CREATE INDEX corrections_normal ON corrections (normal);
    CREATE TABLE correction_keys (
        correction INTEGER NOT NULL REFERENCES corrections ON DELETE CASCADE,
        role TEXT NOT NULL,
        part INTEGER NOT NULL,
        place INTEGER NOT NULL,
        key TEXT NOT NULL,
        PRIMARY KEY (correction, role, part, place)
    ) WITHOUT ROWID;
    CREATE INDEX correction_keys_key ON correction_keys (key, role);
    CREATE TABLE correction_sources (
        correction INTEGER NOT NULL REFERENCES corrections ON DELETE CASCADE,
        path TEXT NOT NULL,
        PRIMARY KEY (correction, path)
    ) WITHOUT ROWID;
    CREATE INDEX correction_sources_path ON correction_sources (path);

    CREATE TABLE retracted_evidence (
        row INTEGER PRIMARY KEY,
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
    CREATE INDEX retracted_document ON retracted_evidence (document);
    CREATE INDEX retracted_subject ON retracted_evidence (subject, relation);
    CREATE INDEX retracted_object ON retracted_evidence (object);
    CREATE INDEX retracted_subject_mention ON retracted_evidence (subject_mention);
    CREATE INDEX retracted_object_mention ON retracted_evidence (object_mention);

    CREATE TABLE conversations (
        id TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        begun TEXT NOT NULL,
        changed TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE turns (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        conversation TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,
        question TEXT NOT NULL,
        content TEXT
    );
    CREATE INDEX turns_conversation ON turns (conversation);
    CREATE TABLE turn_documents (
        document TEXT NOT NULL,
        turn INTEGER NOT NULL REFERENCES turns ON DELETE CASCADE,
        PRIMARY KEY (document, turn)
    ) WITHOUT ROWID;
    CREATE INDEX turn_documents_turn ON turn_documents (turn);
    """
    for statement in statements.split(";\n"):
        if statement.strip():
            db.execute(statement)


MIGRATIONS: tuple[Migration, ...] = (
    _create_library,
    _add_antecedents,
    _place_mentions,
    _add_corrections,
)
