"""Verify a library: does every store hold what it should, and does every span equal its quote?

``find_problems`` looks and changes nothing; ``repair`` mends what can be derived again from the
documents, the graph and the corrections in force.
"""

import sqlite3
import zlib
from collections import Counter

import numpy as np

from indexes.errors import DocumentNotFoundError
from indexes.lexical import count_stems, lexical_text
from indexes.library import Library
from indexes.migrations import PASSAGE_OPENINGS, PASSAGE_STEMS
from indexes.retractions import Retractions
from indexes.schema import transaction
from indexes.state import state_hash
from indexes.surfaces import NAMED, Surface

__all__ = ["find_problems", "repair", "state_hash"]


def find_problems(library: Library) -> list[str]:
    """Return a sentence for each problem found; none for a whole library."""
    try:
        problems = _damage(library)
        for table, label in _BESIDE_PASSAGES.items():
            problems += _difference(library, table, label)
        for look in (_wrong_stems, _wrong_vectors, _wrong_spans, _loose_evidence, _lost_originals):
            problems += look(library)
        if misplaced := library.graph.places.misplaced():
            problems.append(f"{len(misplaced)} names belong to another entity than they should")
        problems += _uncorrected(library)
        if wrong := _misplaced_mentions(library):
            problems.append(f"{wrong} mentions lie in another passage than they should")
        (miscounted,) = library.db.execute(
            f"SELECT count(*) FROM identities WHERE mentions <> ({NAMED})"
        ).fetchone()
        if miscounted or _surface_counts(library) != _counted_surfaces(library):
            problems.append("the counts of surfaces differ from the mentions")
        is_empty = library.documents.passage_count() == 0
        if library.uses_chroma and not is_empty and not library.chroma_is_usable():
            problems.append("Chroma is missing, stale or damaged: search is exact until a repair")
    except sqlite3.DatabaseError as error:
        return [f"the database is damaged: {error}"]
    return problems


def repair(library: Library) -> list[str]:
    """Mend what can be derived again; return the problems that are left.

    Crash-safe: it is one transaction, and Chroma after it. What is left needs the models
    (``kgrag rebuild``) or the files themselves.
    """
    with library.writing():
        with transaction(library.db):
            library.db.execute("REINDEX")
            _rebuild_lexical(library)
            _cut_quotations(library)
            _rebuild_surfaces(library)
            library.db.execute(f"UPDATE mentions SET (passage, place) = ({_PLACED})")
            library.corrections.conform()
            library.conversations.blank_outdated()
        library.rebuild_chroma()
    return find_problems(library)


def _damage(library: Library) -> list[str]:
    """Look at the database as SQLite sees it."""
    problems = [
        f"the database is damaged: {line}"
        for (line,) in library.db.execute("PRAGMA integrity_check(10)")
        if line != "ok"
    ]
    try:
        library.db.execute("INSERT INTO passage_stems (passage_stems) VALUES ('integrity-check')")
    except sqlite3.DatabaseError as error:
        problems.append(f"the lexical index is damaged: {error}")
    broken = library.db.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        problems.append(f"{len(broken)} rows refer to rows that do not exist: kgrag rebuild")
    return problems


_BESIDE_PASSAGES = {
    "passage_stems": "lexical index",
    "passage_openings": "index of openings",
    "vectors": "vector store",
    "passage_sentences": "store of sentences",
}


def _difference(library: Library, table: str, label: str) -> list[str]:
    is_lexical = table in ("passage_stems", "passage_openings")
    key = "rowid" if is_lexical else "passage"
    remedy = "kgrag check --repair" if is_lexical else "kgrag rebuild"
    missing = library.db.execute(
        f"SELECT count(*) FROM passages WHERE row NOT IN (SELECT {key} FROM {table})"
    ).fetchone()[0]
    extra = library.db.execute(
        f"SELECT count(*) FROM {table} WHERE {key} NOT IN (SELECT row FROM passages)"
    ).fetchone()[0]
    problems = []
    if missing:
        problems.append(f"{missing} passages are missing from the {label}: {remedy}")
    if extra:
        problems.append(f"the {label} holds {extra} passages that do not exist: {remedy}")
    return problems


_QUOTING = {"passages": "text", "evidence": "quote", "retracted_evidence": "quote"}


def _wrong_spans(library: Library) -> list[str]:
    """Compare every passage and quotation with the text of its document."""
    wrong = 0
    for row, text in library.db.execute("SELECT row, text FROM documents"):
        for table, column in _QUOTING.items():
            wrong += sum(
                text[start:end] != quote
                for start, end, quote in library.db.execute(
                    f"SELECT start, end, {column} FROM {table} WHERE document = ?", (row,)
                )
            )
    return [f"{wrong} quotations differ from the text at their offsets"] if wrong else []


def _wrong_stems(library: Library) -> list[str]:
    rows = library.db.execute(
        "SELECT text, stems FROM passages JOIN passage_stems ON passage_stems.rowid = passages.row"
    )
    texts = [(lexical_text(text), held) for text, held in rows]
    wrong = sum(text != held for text, held in texts)
    problems = [f"{wrong} passages are wrongly indexed in the lexical index"] if wrong else []
    counted = dict(library.db.execute("SELECT stem, passages FROM stem_counts"))
    if not wrong and counted != count_stems(held for _, held in texts):
        problems.append("the counts of stems differ from the lexical index: kgrag check --repair")
    return problems


def _wrong_vectors(library: Library) -> list[str]:
    """Tell vectors of another length than most have, and those that are no numbers."""
    rows = library.db.execute("SELECT vector FROM vectors").fetchall()
    usual = Counter(len(vector) for (vector,) in rows).most_common(1)
    wrong = sum(
        len(vector) != usual[0][0]
        or len(vector) % 4 != 0
        or not np.isfinite(np.frombuffer(vector, np.float32)).all()
        for (vector,) in rows
    )
    return [f"{wrong} vectors are damaged: kgrag rebuild"] if wrong else []


def _loose_evidence(library: Library) -> list[str]:
    """Tell evidence whose quotation does not hold both of its mentions: no span, no edge."""
    loose = sum(
        library.db.execute(
            f"SELECT count(*) FROM {table} AS said JOIN mentions s ON s.row = subject_mention "
            "JOIN mentions o ON o.row = object_mention WHERE min(s.start, o.start) < said.start "
            "OR max(s.end, o.end) > said.end OR s.identity <> subject OR o.identity <> object "
            "OR s.document <> said.document OR o.document <> said.document"
        ).fetchone()[0]
        for table in ("evidence", "retracted_evidence")
    )
    return [f"{loose} facts are not stated where they say: kgrag rebuild"] if loose else []


def _uncorrected(library: Library) -> list[str]:
    """Tell what is not as the corrections in force have it, and answers about what is gone."""
    away, back = Retractions(library.db).misfiled()
    counts = {
        "{} documents mention another entity than a split says": len(
            library.corrections.misnamed()
        ),
        "{} pieces of evidence are there although they were retracted": len(away),
        "{} pieces of evidence are missing although nobody retracts them": len(back),
        "{} kept answers cite documents that are gone": library.conversations.outdated(),
    }
    return [
        text.format(count) + ": kgrag check --repair" for text, count in counts.items() if count
    ]


def _lost_originals(library: Library) -> list[str]:
    """Tell documents without a whole original, without which nothing can be rebuilt."""
    lost = 0
    for id_ in sorted(library.documents.ids()):
        try:
            library.documents.original(id_)
        except (DocumentNotFoundError, zlib.error):
            lost += 1
    return [f"the originals of {lost} documents are lost: add their files again"] if lost else []


def _surface_counts(library: Library) -> dict[Surface, int]:
    rows = library.db.execute("SELECT identity, text, type, count FROM surfaces")
    return {(identity, text, type_): count for identity, text, type_, count in rows}


def _counted_surfaces(library: Library) -> dict[Surface, int]:
    counts: Counter[Surface] = Counter()
    for row, text in library.db.execute("SELECT row, text FROM documents"):
        for start, end, type_, identity in library.db.execute(
            "SELECT start, end, type, identity FROM mentions WHERE document = ? "
            "AND antecedent IS NULL",
            (row,),
        ):
            counts[identity, text[start:end], type_] += 1
    return dict(counts)


_PLACED = (
    "SELECT passages.row, mentions.start - passages.start FROM passages WHERE passages.document = "
    "mentions.document AND passages.start <= mentions.start AND mentions.start < passages.end"
)


def _misplaced_mentions(library: Library) -> int:
    query = f"SELECT count(*) FROM mentions WHERE (passage, place) IS NOT ({_PLACED})"
    return int(library.db.execute(query).fetchone()[0])


def _rebuild_lexical(library: Library) -> None:
    for table, statement in (
        ("passage_stems", PASSAGE_STEMS),
        ("passage_openings", PASSAGE_OPENINGS),
    ):
        library.db.execute(f"DROP TABLE {table}")
        library.db.execute(statement)
    library.db.execute("DELETE FROM stem_counts")
    rows = library.db.execute("SELECT row, text FROM passages ORDER BY row").fetchall()
    library.lexical.add([row for row, _ in rows], [text for _, text in rows])


def _cut_quotations(library: Library) -> None:
    """Take passages and quotations from the text of their document again."""
    for table, column in _QUOTING.items():
        for row, text in library.db.execute("SELECT row, text FROM documents").fetchall():
            spans = library.db.execute(
                f"SELECT start, end, row FROM {table} WHERE document = ?", (row,)
            ).fetchall()
            library.db.executemany(
                f"UPDATE {table} SET {column} = ? WHERE row = ?",
                [(text[start:end], item) for start, end, item in spans],
            )


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
    library.db.execute(f"UPDATE identities SET mentions = ({NAMED})")
