"""``kgrag user`` as a process: users come and go, and no password is said aloud."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from indexes.accounts import AccountStore
from indexes.passwords import is_password

PASSWORD = "four words apart"


def user(
    *arguments: str | Path, home: Path, text: str | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kgrag.cli", "user", *map(str, arguments), "--home", str(home)]
    return subprocess.run(
        command, input=text or "", capture_output=True, text=True, encoding="utf-8", timeout=60
    )


def typed(*arguments: str, home: Path, answers: list[str]) -> tuple[int, str]:
    """Run a command in a terminal and type into it; return its status and what was shown."""
    shown = b""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(
            sys.executable,
            [sys.executable, "-m", "kgrag.cli", "user", *arguments, "--home", str(home)],
        )
    waiting = list(answers)
    while True:
        try:
            part = os.read(terminal, 1024)
        except OSError:
            break
        if not part:
            break
        shown += part
        if waiting and shown.endswith(b": "):
            os.write(terminal, f"{waiting.pop(0)}\n".encode())
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


def kept(home: Path, name: str) -> str:
    store = AccountStore.open(home, create=False)
    found = store.credentials(name)
    store.close()
    assert found is not None
    return found[1]


def test_a_user_is_added_listed_given_another_password_and_removed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    added = user("add", "Анна", "--admin", "--password-stdin", home=home, text=PASSWORD + "\n")
    assert added.returncode == 0, added.stderr
    assert home.stat().st_mode & 0o077 == 0
    (listed,) = json.loads(user("list", "--json", home=home).stdout)
    assert (listed["name"], listed["is_admin"]) == ("Анна", True)
    assert is_password(PASSWORD, kept(home, "анна"))
    user("password", "АННА", "--password-stdin", home=home, text="five other words")
    assert is_password("five other words", kept(home, "анна"))
    documents = home / "users" / listed["id"] / "main"
    documents.mkdir(parents=True)
    removed = user("remove", "Анна", home=home)
    assert str(documents.parent) in removed.stdout
    assert documents.is_dir()
    assert json.loads(user("list", "--json", home=home).stdout) == []


def test_the_documents_of_a_user_go_only_when_told_to(tmp_path: Path) -> None:
    for name in ("anna", "boris"):
        user("add", name, "--password-stdin", home=tmp_path, text=PASSWORD)
    anna, boris = (item["id"] for item in json.loads(user("list", "--json", home=tmp_path).stdout))
    for id_ in (anna, boris):
        (tmp_path / "users" / id_ / "main").mkdir(parents=True)
    assert user("remove", "anna", "--documents", home=tmp_path).returncode == 0
    assert [path.name for path in (tmp_path / "users").iterdir()] == [boris]


def test_a_token_is_printed_once_and_a_running_service_sees_it_come_and_go(
    tmp_path: Path,
) -> None:
    user("add", "anna", "--password-stdin", home=tmp_path, text=PASSWORD)
    token = user("token", "anna", home=tmp_path).stdout.strip()
    store = AccountStore.open(tmp_path)
    found = store.token_user(token)
    assert found is not None
    listed = user("token", "anna", "--list", home=tmp_path).stdout
    assert token[:14] in listed
    assert token not in listed
    assert user("token", "anna", "--revoke", token[:14], home=tmp_path).returncode == 0
    assert store.token_user(token) is None
    store.close()


def test_a_password_is_typed_twice_and_never_shown(tmp_path: Path) -> None:
    status, shown = typed("add", "anna", home=tmp_path, answers=[PASSWORD, PASSWORD])
    assert status == 0, shown
    assert PASSWORD not in shown
    assert is_password(PASSWORD, kept(tmp_path, "anna"))
    status, shown = typed("password", "anna", home=tmp_path, answers=["five other words", "fife"])
    assert status == 1
    assert "differ" in shown
    assert is_password(PASSWORD, kept(tmp_path, "anna"))


@pytest.mark.parametrize(
    ("arguments", "text", "word"),
    [
        (["add", "anna", "--password-stdin"], PASSWORD, "already"),
        (["add", "boris", "--password-stdin"], "short", "8 to 200"),
        (["add", "boris", "--password-stdin"], "", "8 to 200"),
        (["add", "boris"], PASSWORD, "--password-stdin"),
        (["add", " ", "--password-stdin"], PASSWORD, "name"),
        (["password", "boris", "--password-stdin"], PASSWORD, "no user"),
        (["remove", "boris"], "", "no user"),
        (["token", "anna", "--revoke", "kgrag_x"], "", "no token"),
    ],
)
def test_a_failure_is_one_sentence_without_the_password(
    tmp_path: Path, arguments: list[str], text: str, word: str
) -> None:
    user("add", "anna", "--password-stdin", home=tmp_path, text=PASSWORD)
    done = user(*arguments, home=tmp_path, text=text)
    assert done.returncode == 1
    assert word in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not text or text not in done.stderr


def test_where_there_are_no_accounts_none_are_made_by_asking(tmp_path: Path) -> None:
    done = user("list", home=tmp_path / "none")
    assert done.returncode == 1
    assert "kgrag user add" in done.stderr
    assert not (tmp_path / "none").exists()
