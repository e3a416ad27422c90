"""Passwords: what is kept of them, and which are taken."""

import pytest

from indexes import passwords
from indexes.errors import AccountError
from indexes.passwords import hash_password, is_password

PASSWORD = "four words apart"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_LOG_N", 8)


def test_a_password_is_kept_with_the_costs_that_the_docstring_states(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passwords, "_LOG_N", 15)
    kept = hash_password(PASSWORD)
    assert kept.startswith("scrypt$15$8$1$")
    assert is_password(PASSWORD, kept)
    assert not is_password(PASSWORD + " ", kept)
    assert not is_password("", kept)


def test_one_password_is_kept_differently_each_time() -> None:
    assert hash_password(PASSWORD) != hash_password(PASSWORD)


def test_a_password_is_the_same_however_its_letters_are_composed() -> None:
    assert is_password("пароль и\u0306од", hash_password("пароль йод"))


@pytest.mark.parametrize("password", ["", "1234567", "x" * 201])
def test_a_password_of_the_wrong_length_is_refused_and_not_repeated(password: str) -> None:
    with pytest.raises(AccountError, match="8 to 200") as refused:
        hash_password(password)
    assert not password or password not in str(refused.value)


def test_a_longer_password_with_the_same_beginning_is_another() -> None:
    assert not is_password("x" * 201, hash_password("x" * 200))
