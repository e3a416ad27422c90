import os
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from indexes import schema
from indexes.check import find_problems
from indexes.errors import (
    LibraryDamagedError,
    LibraryLockedError,
    LibraryMismatchError,
    StorageFullError,
)
from indexes.library import DATABASE, Library
from indexes.schema import SCHEMA_VERSION, connect, transaction, translated_errors
from tests.fakes import ROOT
from tests.indexes.samples import add, analysis, as_schema, plain_library, said


def test_each_migration_runs_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []

    def second(db: sqlite3.Connection) -> None:
        ran.append(2)
        db.execute("CREATE TABLE more (x)")

    connect(tmp_path / "db").close()
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, second))
    monkeypatch.setattr(schema, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    for _ in range(2):
        db = connect(tmp_path / "db")
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION + 1,)
        db.close()
    assert ran == [2]


def test_a_migration_that_fails_leaves_the_old_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE more (x)")
        db.execute("SELECT nonsense")

    connect(tmp_path / "db").close()
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, failing))
        patch.setattr(schema, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
        with pytest.raises(LibraryDamagedError):
            connect(tmp_path / "db")
    db = connect(tmp_path / "db")
    assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'more'").fetchone() == (0,)
    db.close()


def test_a_newer_schema_is_refused_with_both_numbers(tmp_path: Path) -> None:
    db = connect(tmp_path / "db")
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(LibraryMismatchError, match=f"schema 99.*up to {SCHEMA_VERSION}"):
        connect(tmp_path / "db")


@pytest.mark.parametrize(
    "content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\1" * 999]
)
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "db").write_bytes(content)
    with pytest.raises(LibraryDamagedError, match=r"db cannot be read.*kgrag check"):
        connect(tmp_path / "db")


def test_what_is_kept_is_synced_to_the_disk_and_wiped_when_deleted(tmp_path: Path) -> None:
    db = connect(tmp_path / "db")
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    assert {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted} == wanted
    db.close()


def test_a_transaction_keeps_all_or_nothing(tmp_path: Path) -> None:
    db = connect(tmp_path / "db")
    with pytest.raises(KeyboardInterrupt), transaction(db):
        db.execute("INSERT INTO manifest VALUES ('a', '1')")
        raise KeyboardInterrupt
    assert db.execute("SELECT * FROM manifest").fetchall() == []
    with transaction(db):
        db.execute("INSERT INTO manifest VALUES ('a', '1')")
    assert db.execute("SELECT * FROM manifest").fetchall() == [("a", "1")]
    db.close()


def test_a_busy_database_is_not_called_damaged(tmp_path: Path) -> None:
    one, other = connect(tmp_path / "db"), connect(tmp_path / "db")
    other.execute("PRAGMA busy_timeout = 1")
    with (
        transaction(one),
        pytest.raises(LibraryLockedError, match="busy"),
        translated_errors(tmp_path / "db"),
        transaction(other),
    ):
        pass
    one.close()
    other.close()


def fill_up(library: Library) -> None:
    for number in range(1000):
        add(library, f"{number}.txt", analysis(f"Document {number}. " + "More words. " * 300))


def test_a_full_database_is_told_and_keeps_what_was_added(library: Library) -> None:
    kept = add(library, "kept.txt", analysis("Euler came in 1727."))
    pages = library.db.execute("PRAGMA page_count").fetchone()[0]
    library.db.execute(f"PRAGMA max_page_count = {pages + 200}")
    with pytest.raises(StorageFullError, match="is full. Nothing that was added before is lost"):
        fill_up(library)
    library.db.execute("PRAGMA max_page_count = 1073741823")
    assert library.documents.get(kept).text == "Euler came in 1727."
    add(library, "more.txt", analysis("There is room again."))
    assert library.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def limited_child() -> None:
    """Fill a library until the operating system lets no file grow further."""
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    library = plain_library(Path(sys.argv[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    try:
        for number in range(1000):
            add(library, f"{number}.txt", analysis(f"Document {number}. " + "More words. " * 300))
            print(number, flush=True)  # noqa: T201
    except StorageFullError as error:
        print(f"full: {error}", flush=True)  # noqa: T201
    os._exit(0)


@pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
def test_a_disk_that_takes_no_more_loses_nothing_acknowledged(tmp_path: Path) -> None:
    code = "from tests.indexes.test_schema import limited_child; limited_child()"
    child = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    *acknowledged, last = child.stdout.splitlines()
    assert last.startswith("full: "), child.stderr
    assert "Nothing that was added before is lost" in last
    assert len(acknowledged) >= 1
    library = plain_library(tmp_path)
    there = {summary.name for summary in library.documents.summaries()}
    assert there == {f"{number}.txt" for number in acknowledged}
    assert library.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    add(library, "again.txt", analysis("The rerun goes on."))
    library.close()
    assert (tmp_path / DATABASE).is_file()


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_a_library_of_an_earlier_schema_becomes_what_it_would_be_today(
    tmp_path: Path, version: int
) -> None:
    text = "Euler met Gauss in Basel. Gauss left."
    names = [("Euler", "Q1"), ("Gauss", "person|gauss"), ("Basel", "city|basel")]
    with closing(plain_library(tmp_path)) as library:
        add(library, "a.txt", said(text, names, facts=[(0, "P26", 1)]))
        add(library, "b.txt", said("Gauss wrote.", [("Gauss", "person|gauss")]))
    as_schema(tmp_path / DATABASE, version)
    with closing(plain_library(tmp_path)) as library:
        assert library.db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        # Only vectors of sentences, which the third brought, cannot be made without an embedder.
        missing = "3 passages are missing from the store of sentences: kgrag rebuild"
        assert find_problems(library) == ([missing] if version < 3 else [])
        assert {row for row, _ in library.lexical.search(["gauss"], 5)} == {1, 2, 3}
        assert library.lexical.frequencies(["gauss", "left"]) == {"gauss": 3, "left": 1}
        (fact,) = library.graph.triplets()
        assert (fact.subject.name, fact.relation, fact.object.name) == ("Euler", "P26", "Gauss")
        with library.correcting() as corrections:
            corrections.retract("Q1", "P26", fact.object.id, what="Retracted")
        assert library.graph.triplets() == []
        assert library.conversations.list() == []
