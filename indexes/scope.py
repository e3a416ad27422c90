"""Limits a question to some of the documents: by document, folder, language, type or date.

The chosen passages stand in a temporary table of the connection while the question is answered;
every store that reads for it joins them, so that what is not chosen does not exist.
"""

import itertools
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?)?")
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents may answer; what is empty does not limit.

    Parameters
    ----------
    documents:
        Ids, or names.
    folder:
        Path below which a document's source lies, or the start of its name: "reports/2024".
    language:
        "en" or "ru".
    media_type:
        "application/pdf", or a part of it: "pdf".
    since, until:
        First and last day or moment (UTC) on which the file was last changed: "2024-01-31",
        "2024-01-31T18:30".
        Files of which that is unknown are left out.
    """

    documents: tuple[str, ...] = ()
    folder: str = ""
    language: str = ""
    media_type: str = ""
    since: str = ""
    until: str = ""

    def __post_init__(self) -> None:
        for name in ("since", "until"):
            _check_day(name, getattr(self, name))

    @property
    def is_empty(self) -> bool:
        """Return whether every document may answer."""
        return not any(getattr(self, item.name) for item in fields(self))


@dataclass(frozen=True, slots=True)
class Scope:
    """The chosen passages of one question, in ``temp.chosen`` under ``number``."""

    number: int

    @property
    def passages(self) -> str:
        """The query that gives their rows."""
        return f"SELECT passage FROM temp.chosen WHERE scope = {self.number}"


@contextmanager
def choose(db: sqlite3.Connection, wanted: Filter) -> Iterator[Scope | None]:
    """Choose the passages of the wanted documents while the block runs; None is all of them."""
    if wanted.is_empty:
        yield None
        return
    db.execute(
        "CREATE TEMP TABLE IF NOT EXISTS chosen "
        "(scope INTEGER, passage INTEGER, PRIMARY KEY (scope, passage)) WITHOUT ROWID"
    )
    scope = Scope(next(_numbers))
    where, values = _condition(wanted)
    db.execute(
        "INSERT INTO temp.chosen SELECT DISTINCT ?, passages.row FROM passages JOIN documents "
        "ON documents.row = passages.document JOIN sources ON sources.document = documents.row "
        f"WHERE {where}",
        (scope.number, *values),
    )
    try:
        yield scope
    finally:
        db.execute("DELETE FROM temp.chosen WHERE scope = ?", (scope.number,))


def _condition(wanted: Filter) -> tuple[str, list[str]]:
    parts: list[str] = []
    values: list[str] = []
    if wanted.documents:
        marks = ",".join("?" * len(wanted.documents))
        parts.append(f"(documents.id IN ({marks}) OR sources.name IN ({marks}))")
        values += [*wanted.documents, *wanted.documents]
    if wanted.folder:
        folder = wanted.folder.rstrip("/") + "/"
        parts.append("(instr(sources.path, ?) = 1 OR instr(sources.name, ?) = 1)")
        values += [folder, folder]
    if wanted.language:
        parts.append("documents.language = ?")
        values.append(wanted.language)
    if wanted.media_type:
        parts.append("instr(documents.media_type, ?) > 0")
        values.append(wanted.media_type)
    if wanted.since:
        parts.append("sources.modified >= ?")
        values.append(wanted.since)
    if wanted.until:
        parts.append("substr(sources.modified, 1, ?) <= ?")
        values += [str(len(wanted.until)), wanted.until]
    return " AND ".join(parts), values


def _check_day(name: str, value: str) -> None:
    if not value:
        return
    try:
        # Times are compared as they are written: other spellings that are ISO 8601 too will not do.
        if not _MOMENT.fullmatch(value):
            raise ValueError(value)
        datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(
            f"{name} is {value!r}, and must be a day or a moment as in 2024-01-31 or "
            "2024-01-31T18:30"
        ) from None
