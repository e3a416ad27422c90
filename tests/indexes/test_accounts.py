"""The users that are kept: their names, their ids, and who else may write the file."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexes.account_schema import AccountsUnavailableError
from indexes.accounts import FILE, AccountStore
from indexes.errors import AccountError
from tests.fakes import ROOT

KEPT = "what is kept of a password"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AccountStore]:
    opened = AccountStore.open(tmp_path)
    opened.add("anna", KEPT, is_admin=True)
    opened.add("Борис", KEPT)
    yield opened
    opened.close()


@pytest.mark.parametrize("name", ["ANNA", " anna ", "ａｎｎａ"])
def test_two_ways_to_write_one_name_are_one_user(store: AccountStore, name: str) -> None:
    with pytest.raises(AccountError, match="already"):
        store.add(name, KEPT)


@pytest.mark.parametrize("name", ["", " ", "a\x00b", "a\nb", "a\u202eb", "x" * 65])
def test_a_name_that_cannot_be_read_is_refused(store: AccountStore, name: str) -> None:
    with pytest.raises(AccountError, match="name"):
        store.add(name, KEPT)


def test_ids_name_folders_and_are_not_given_twice(store: AccountStore) -> None:
    first = store.get("anna")
    assert first.id.isalnum()
    assert first.id.islower()
    store.remove(first)
    assert store.add("anna", KEPT).id != first.id


def test_nobody_else_on_the_machine_can_read_the_file(store: AccountStore, tmp_path: Path) -> None:
    files = list(tmp_path.glob(f"{FILE}*"))
    assert files
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)


def test_what_another_process_does_is_seen_at_once(store: AccountStore, tmp_path: Path) -> None:
    """Whatever SQLite's locks rest on must not be lost by opening the file twice in a process."""
    token = store.make_token(store.get("anna"))
    script = (
        "import sys; from indexes.accounts import AccountStore as S; s = S.open(sys.argv[1]); "
        "s.tokens(s.get('anna')) if sys.argv[2] == 'look' else s.remove(s.get('anna')); s.close()"
    )
    for what in ("look", "look", "remove"):
        assert store.token_user(token) is not None
        subprocess.run([sys.executable, "-c", script, str(tmp_path), what], check=True, cwd=ROOT)
    assert store.token_user(token) is None
    assert [user.name for user in store.users()] == ["Борис"]


def test_a_file_of_a_newer_kgrag_or_of_something_else_is_refused(tmp_path: Path) -> None:
    AccountStore.open(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(AccountError, match="99"):
        AccountStore.open(tmp_path)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / FILE).write_bytes(b"no database" * 100)
    with pytest.raises(AccountsUnavailableError):
        AccountStore.open(tmp_path / "other")
