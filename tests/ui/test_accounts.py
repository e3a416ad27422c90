"""Users, sessions and tokens: who gets in, for how long, and what a stranger learns by trying."""

import base64
import logging
import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from indexes import passwords
from indexes.accounts import FILE, SESSIONS_EACH, AccountStore
from indexes.errors import AccountError
from indexes.passwords import hash_password, is_password
from tests.ui.guarded import PASSWORD, Behind, accounts_of, client_of, log_in, serving
from ui.accounts import SESSION_S, Accounts, LoginError, TooManyTriesError
from ui.guard import Guard

HERE = "192.0.2.7"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_LOG_N", 8)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(tmp_path: Path, clock: Clock) -> Iterator[Accounts]:
    opened = accounts_of(tmp_path, "anna", "Борис", now=clock, clock=clock)
    yield opened
    opened.close()


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_without_a_user_the_service_does_not_begin(tmp_path: Path) -> None:
    with pytest.raises(AccountError, match="kgrag user add"):
        Accounts.open(tmp_path)
    AccountStore.open(tmp_path).close()
    with pytest.raises(AccountError, match="kgrag user add"):
        Accounts.open(tmp_path)


# -- logging in -----------------------------------------------------------------------------------


def test_the_right_password_gives_a_session_of_that_user(accounts: Accounts) -> None:
    user = accounts.session_user(accounts.log_in("Anna", PASSWORD, HERE))
    assert user is not None
    assert (user.name, user.is_admin) == ("anna", True)


@pytest.mark.parametrize("name", ["anna", "nobody", "", "\ud800", "x" * 10_000])
def test_a_wrong_password_and_an_unknown_name_are_told_in_the_same_words(
    accounts: Accounts, name: str
) -> None:
    with pytest.raises(LoginError) as refused:
        accounts.log_in(name, "not the password", HERE)
    assert str(refused.value) == "The name or the password is wrong."


def test_an_unknown_name_takes_as_long_as_a_wrong_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_LOG_N", 15)
    opened = accounts_of(tmp_path, "anna")

    def seconds(name: str) -> float:
        taken = []
        for number in range(5):
            began = time.process_time()
            with pytest.raises(LoginError):
                opened.log_in(name, "not the password", f"192.0.2.{number}")
            taken.append(time.process_time() - began)
        return statistics.median(taken)

    known, unknown = seconds("anna"), seconds("nobody")
    opened.close()
    assert 0.67 < known / unknown < 1.5
    assert min(known, unknown) > 0.02


def test_guessing_is_slowed_more_and_more_and_a_success_ends_that(
    accounts: Accounts, clock: Clock
) -> None:
    waits: list[int] = []
    for _ in range(12):
        while True:
            try:
                accounts.log_in("anna", "wrong wrong", HERE)
            except TooManyTriesError as error:
                waits.append(error.wait_s)
                clock.now += error.wait_s
            except LoginError:
                break
    assert waits == [1, 2, 4, 8, 16, 32, 60]
    clock.now += 60
    accounts.log_in("anna", PASSWORD, HERE)
    for _ in range(5):
        with pytest.raises(LoginError):
            accounts.log_in("anna", "wrong wrong", HERE)


def test_while_it_is_slowed_the_right_password_is_not_looked_at(accounts: Accounts) -> None:
    for _ in range(5):
        with pytest.raises(LoginError):
            accounts.log_in("anna", "wrong wrong", HERE)
    with pytest.raises(TooManyTriesError):
        accounts.log_in("anna", PASSWORD, "198.51.100.1")
    accounts.log_in("Борис", PASSWORD, HERE)


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::{n}", "::ffff:192.0.2.7"])
def test_one_address_cannot_try_many_names(accounts: Accounts, address: str) -> None:
    for n in range(1, 21):
        with pytest.raises(LoginError):
            accounts.log_in(f"name {n}", "wrong wrong", address.format(n=n))
    with pytest.raises(TooManyTriesError):
        accounts.log_in("anna", PASSWORD, address.format(n=21))


def test_a_login_ends_the_session_that_the_browser_came_with(accounts: Accounts) -> None:
    first = accounts.log_in("anna", PASSWORD, HERE)
    second = accounts.log_in("anna", PASSWORD, HERE, before=first)
    assert accounts.session_user(first) is None
    assert accounts.session_user(second) is not None


def test_a_session_ends_after_thirty_days(accounts: Accounts, clock: Clock) -> None:
    secret = accounts.log_in("anna", PASSWORD, HERE)
    clock.now += SESSION_S - 1
    assert accounts.session_user(secret) is not None
    clock.now += 1
    assert accounts.session_user(secret) is None


def test_a_user_has_so_many_sessions_and_no_more(accounts: Accounts, clock: Clock) -> None:
    secrets = []
    for _ in range(SESSIONS_EACH + 1):
        secrets.append(accounts.log_in("anna", PASSWORD, HERE))
        clock.now += 1
    assert accounts.session_user(secrets[0]) is None
    assert all(accounts.session_user(secret) for secret in secrets[1:])


def test_a_new_password_ends_every_session_and_leaves_tokens(accounts: Accounts) -> None:
    user = accounts.store.get("anna")
    sessions = [accounts.log_in("anna", PASSWORD, HERE) for _ in range(2)]
    other = accounts.log_in("Борис", PASSWORD, HERE)
    token = accounts.store.make_token(user)
    accounts.change_password(user, PASSWORD, "five other words", HERE)
    assert [accounts.session_user(secret) for secret in sessions] == [None, None]
    assert accounts.session_user(other) is not None
    assert accounts.token_user(token) == user
    with pytest.raises(LoginError):
        accounts.log_in("anna", PASSWORD, HERE)
    accounts.log_in("anna", "five other words", HERE)


def test_a_login_with_a_password_that_is_being_changed_gives_no_session(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change_meanwhile(password: str, kept: str) -> bool:
        accounts.store.set_password(accounts.store.get("anna"), hash_password("five other words"))
        return is_password(password, kept)

    monkeypatch.setattr("ui.accounts.is_password", change_meanwhile)
    with pytest.raises(LoginError):
        accounts.log_in("anna", PASSWORD, HERE)


def test_a_removed_user_has_nothing_left(accounts: Accounts, tmp_path: Path) -> None:
    user = accounts.store.get("anna")
    session, token = accounts.log_in("anna", PASSWORD, HERE), accounts.store.make_token(user)
    accounts.store.remove(user)
    assert accounts.session_user(session) is None
    assert accounts.token_user(token) is None
    with pytest.raises(LoginError):
        accounts.log_in("anna", PASSWORD, HERE)
    with pytest.raises(AccountError):
        accounts.store.make_token(user)
    with closing(sqlite3.connect(tmp_path / FILE)) as db:
        for table in ("sessions", "tokens"):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


# -- tokens ---------------------------------------------------------------------------------------


def test_a_token_is_listed_by_its_beginning_and_ends_when_revoked(accounts: Accounts) -> None:
    user = accounts.store.get("anna")
    token = accounts.store.make_token(user)
    (listed,) = accounts.store.tokens(user)
    assert token.startswith(listed.prefix)
    assert len(token) - len(listed.prefix) >= 35
    with pytest.raises(AccountError):
        accounts.store.remove_token(accounts.store.get("Борис"), listed.prefix)
    assert accounts.token_user(token) == user
    accounts.store.remove_token(user, listed.prefix)
    assert accounts.token_user(token) is None


# -- secrets --------------------------------------------------------------------------------------


def test_no_secret_is_kept_as_it_is(accounts: Accounts, tmp_path: Path) -> None:
    session = accounts.log_in("anna", PASSWORD, HERE)
    token = accounts.store.make_token(accounts.store.get("anna"))
    kept = all_bytes(tmp_path)
    assert b"anna" in kept
    for secret in (PASSWORD, session, token):
        assert secret.encode() not in kept
        assert base64.b64encode(secret.encode()) not in kept
    assert token[14:].encode() not in kept


def test_no_secret_is_in_a_log_a_repr_or_an_error(
    accounts: Accounts, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    token = accounts.store.make_token(accounts.store.get("anna"))
    behind = Behind()
    told: list[str] = []
    with serving(Guard(behind.app, accounts=accounts), log_level="trace") as port:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            wrong = client.post("/login", data={"name": "anna", "password": "wrong wrong"})
            done = client.post("/login", data={"name": "anna", "password": PASSWORD})
            session = done.cookies["kgrag_session"]
            page = client.get("/account")
            client.get("/api/libraries", headers={"authorization": f"Bearer {token}"})
            bad = client.get("/api/libraries", headers={"authorization": "Bearer kgrag_bad"})
            told = [wrong.text, page.text, bad.text]
    told += [repr(accounts), repr(accounts.store), repr(accounts.store.users())]
    # The client, which is httpx here, logs what it sends.
    told += [r.getMessage() for r in caplog.records if not r.name.startswith("http")]
    told += [*capfd.readouterr()]
    log = "\n".join(told)
    assert "/api/libraries" in log
    assert behind.reached == [("GET", "/api/libraries")]
    for secret in (PASSWORD, "wrong wrong", session, token, "kgrag_bad"):
        assert secret not in log


def test_the_cookie_is_for_this_server_alone(accounts: Accounts) -> None:
    guard = Guard(Behind().app, accounts=accounts)
    with client_of(guard) as client:
        cookie = log_in(client, "anna").headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/", f"max-age={SESSION_S}"} <= set(
        cookie.split("; ")
    )
    assert "secure" not in cookie
    assert "domain" not in cookie
    with client_of(guard, "https://127.0.0.1:7860") as client:
        assert "; secure" in log_in(client, "anna").headers["set-cookie"].lower()
