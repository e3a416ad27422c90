"""A page without accounts and one with two users, and what stands behind them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from indexes import passwords
from tests.ui.guarded import BASE, Behind, accounts_of, client_of, log_in
from ui.accounts import Accounts
from ui.guard import Guard


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_LOG_N", 8)


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[Accounts]:
    opened = accounts_of(tmp_path, "anna", "Борис")
    yield opened
    opened.close()


@pytest.fixture
def local(behind: Behind) -> Iterator[TestClient]:
    """A client of a page without accounts."""
    with client_of(Guard(behind.app)) as client:
        yield client


@pytest.fixture
def guard(behind: Behind, accounts: Accounts) -> Guard:
    return Guard(behind.app, accounts=accounts)


@pytest.fixture
def stranger(guard: Guard) -> Iterator[TestClient]:
    with client_of(guard) as client:
        yield client


@pytest.fixture
def anna(guard: Guard) -> Iterator[TestClient]:
    yield from logged_in(guard, "anna")


@pytest.fixture
def boris(guard: Guard) -> Iterator[TestClient]:
    yield from logged_in(guard, "Борис")


def logged_in(guard: Guard, name: str) -> Iterator[TestClient]:
    with client_of(guard) as client:
        assert log_in(client, name).status_code == 303
        client.headers["origin"] = BASE
        yield client
