"""Verify a library: does every store hold what it should, and does every span equal its quote?

``find_problems`` looks and changes nothing; ``repair`` mends what can be derived again from the
documents and the graph. ``state_hash`` is one digest of everything that a library knows.
"""

import hashlib
import json
from collections import Counter

from indexes.library import Library
from indexes.schema import transaction


def find_problems(library: Library) -> list[str]:
    """Return a sentence for each problem found; none for a whole library."""
    db = library.db
    problems = [
        f"the database is damaged: {line}"
        for (line,) in db.execute("PRAGMA integrity_check(10)")
        if line != "ok"
    ]
    broken = db.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        problems.append(f"{len(broken)} rows refer to rows that do not exist")
    for table, label in (("passage_stems", "lexical index"), ("vectors", "vector store")):
        problems += _difference(library, table, label)
    problems += _wrong_spans(library)
    if _surface_counts(library) != _counted_surfaces(library):
        problems.append("the counts of surfaces differ from the mentions")
    if not library.chroma_is_usable():
        problems.append("Chroma is missing, stale or damaged: search is exact until it is rebuilt")
    return problems


def repair(library: Library) -> list[str]:
    """Mend what can be derived again; return the problems that are left."""
    with library.writing():
        with transaction(library.db):
            _rebuild_lexical(library)
            _rebuild_surfaces(library)
        library.rebuild_chroma()
    return find_problems(library)


def state_hash(library: Library) -> str:
    """Return one digest of documents, passages, stems, vectors and graph.

    Rows are named by what they say, not by their numbers, so any history that ends in the same
    documents gives the same digest. Scores count to three decimals: a model's last bits depend on
    how texts were batched.
    """
    digest = hashlib.sha256()
    for query in _STATE:
        rows = library.db.execute(query).fetchall()
        lines = sorted(json.dumps([_plain(value) for value in row]) for row in rows)
        digest.update("\n".join([query, *lines, ""]).encode())
    return digest.hexdigest()


_STATE = (
    "SELECT id, media_type, language, title, text, pages, headings, outcome, reason FROM documents",
    "SELECT path, name, id FROM sources JOIN documents ON documents.row = document",
    "SELECT id, content FROM originals JOIN documents ON documents.row = document",
    "SELECT id, ordinal, start, end, passages.text, stems, vector FROM passages JOIN documents "
    "ON documents.row = document JOIN passage_stems ON rowid = passages.row "
    "JOIN vectors ON passage = passages.row",
    "SELECT key, entity FROM identities",
    "SELECT key, text, type, normal, count FROM surfaces JOIN identities ON row = identity",
    "SELECT id, start, end, type, round(score, 3), key FROM mentions JOIN documents "
    "ON documents.row = document JOIN identities ON identities.row = identity",
    "SELECT min(a.key, b.key), max(a.key, b.key), id FROM same_as JOIN identities a "
    "ON a.row = first JOIN identities b ON b.row = second JOIN documents "
    "ON documents.row = document",
    "SELECT id, s.key, relation, o.key, start, end, quote, extractor, round(score, 3) "
    "FROM evidence JOIN documents ON documents.row = document "
    "JOIN identities s ON s.row = subject JOIN identities o ON o.row = object",
    "SELECT count(*) FROM passage_stems",
    "SELECT count(*) FROM vectors",
    "SELECT key, value FROM manifest WHERE key <> 'version'",
)


def _plain(value: object) -> object:
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value


def _difference(library: Library, table: str, label: str) -> list[str]:
    key = "rowid" if table == "passage_stems" else "passage"
    missing = library.db.execute(
        f"SELECT count(*) FROM passages WHERE row NOT IN (SELECT {key} FROM {table})"
    ).fetchone()[0]
    extra = library.db.execute(
        f"SELECT count(*) FROM {table} WHERE {key} NOT IN (SELECT row FROM passages)"
    ).fetchone()[0]
    problems = []
    if missing:
        problems.append(f"{missing} passages are missing from the {label}")
    if extra:
        problems.append(f"the {label} holds {extra} passages that do not exist")
    return problems


def _wrong_spans(library: Library) -> list[str]:
    """Compare every passage and quotation with the text of its document."""
    wrong = 0
    for row, text in library.db.execute("SELECT row, text FROM documents"):
        for table, column in (("passages", "text"), ("evidence", "quote")):
            wrong += sum(
                text[start:end] != quote
                for start, end, quote in library.db.execute(
                    f"SELECT start, end, {column} FROM {table} WHERE document = ?", (row,)
                )
            )
    return [f"{wrong} quotations differ from the text at their offsets"] if wrong else []


Surface = tuple[int, str, str]


def _surface_counts(library: Library) -> dict[Surface, int]:
    rows = library.db.execute("SELECT identity, text, type, count FROM surfaces")
    return {(identity, text, type_): count for identity, text, type_, count in rows}


def _counted_surfaces(library: Library) -> dict[Surface, int]:
    counts: Counter[Surface] = Counter()
    for row, text in library.db.execute("SELECT row, text FROM documents"):
        for start, end, type_, identity in library.db.execute(
            "SELECT start, end, type, identity FROM mentions WHERE document = ?", (row,)
        ):
            counts[identity, text[start:end], type_] += 1
    return dict(counts)


def _rebuild_lexical(library: Library) -> None:
    library.db.execute("DELETE FROM passage_stems")
    rows = library.db.execute("SELECT row, text FROM passages ORDER BY row").fetchall()
    library.lexical.add([row for row, _ in rows], [text for _, text in rows])


def _rebuild_surfaces(library: Library) -> None:
    """Set the counts anew; a surface that was lost needs kgrag rebuild."""
    counted = _counted_surfaces(library)
    for surface in _surface_counts(library).keys() - counted.keys():
        library.db.execute(
            "DELETE FROM surfaces WHERE identity = ? AND text = ? AND type = ?", surface
        )
    for surface, count in counted.items():
        library.db.execute(
            "UPDATE surfaces SET count = ? WHERE identity = ? AND text = ? AND type = ?",
            (count, *surface),
        )
