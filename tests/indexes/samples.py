"""Analyses made by hand, for tests of the stores."""

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from indexes.additions import Addition, Analysis
from indexes.library import Library
from indexes.migrations import MIGRATIONS
from indexes.records import Document, Mention, MentionRelation, Passage, Resolution, ResolvedMention
from indexes.text import language_of, sentences
from tests.fakes import HashEmbedder


def document_of(text: str, name: str = "a.txt") -> Document:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document(f"sha256:{digest}", name, "text/plain", text)


def analysis(text: str, resolution: Resolution | None = None) -> Analysis:
    """Return what is known about a text: each of its sentences is a passage."""
    spans = sentences(text)
    return Analysis(
        document=document_of(text),
        language=language_of(text),
        title=None,
        original=text.encode(),
        passages=tuple(Passage(i, start, end) for i, (start, end) in enumerate(spans)),
        vectors=HashEmbedder().embed([text[start:end] for start, end in spans]),
        sentence_vectors=HashEmbedder().embed([text[start:end] for start, end in spans]),
        resolution=resolution or Resolution(),
        extractor="hand",
        outcome="indexed",
        reason=None,
    )


def said(
    text: str,
    names: Sequence[tuple[str, str]],
    *,
    facts: Sequence[tuple[int, str, int]] = (),
    same_as: Sequence[tuple[str, str]] = (),
    score: float = 0.5,
) -> Analysis:
    """Return an analysis with a mention for each (surface, identity), in text order.

    A fact's evidence is the whole text.
    """
    mentions = []
    at = 0
    for surface, identity in names:
        at = text.index(surface, at)
        mention = Mention(at, at + len(surface), surface, "person", 0.9)
        mentions.append(ResolvedMention(mention, identity, surface.lower()))
        at += len(surface)
    relations = [MentionRelation(s, r, o, 0, len(text), score) for s, r, o in facts]
    pairs = tuple((min(pair), max(pair)) for pair in same_as)
    return analysis(text, Resolution(tuple(mentions), tuple(relations), pairs))


def add(library: Library, source: str, content: Analysis | str) -> str:
    """Add one document; return its id."""
    library.add([Addition(source, source, content)])
    return content if isinstance(content, str) else content.document.id


def remove_all(library: Library) -> None:
    for id_ in sorted(library.documents.ids()):
        library.remove(id_)


def as_schema(path: Path, version: int) -> None:
    """Turn the database of a library into what an earlier kgrag would have written."""
    old = path.with_name("old.sqlite")
    with closing(sqlite3.connect(old, isolation_level=None)) as db:
        for migration in MIGRATIONS[:version]:
            migration(db)
        db.execute(f"PRAGMA user_version = {version}")
        tables = [
            name
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith(("sqlite_", "passage_stems_", "passage_openings_"))
        ]
        db.execute("ATTACH ? AS new", (str(path),))
        for table in tables:
            columns = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({table})"))
            if table in ("passage_stems", "passage_openings"):
                columns = f"rowid, {columns}"
            db.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
    for leftover in path.parent.glob(f"{path.name}*"):
        leftover.unlink()
    old.rename(path)


def plain_library(folder: Path) -> Library:
    """Open a library that searches vectors exactly."""
    return Library.open(folder, use_chroma=False)
