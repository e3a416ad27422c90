import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexes.catalogue import SCHEMA
from kgrag.names import normal_name
from kgrag.sounds import sound_keys


def keys(name: str) -> tuple[str, ...]:
    return sound_keys(normal_name(name))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Colorado", "Колорадо"),
        ("Boris Johnson", "Борисом Джонсоном"),
        ("Schroeder", "Schröder"),
        ("Germany", "Германия"),
        ("Washington", "Вашингтоне"),
        ("Philippe", "Filip"),
        ("Тянаньмэнь", "Тяньаньмэнь"),
        ("Dostoevsky", "Достоевского"),
        ("московский", "Москва"),
        ("Tchaikovsky", "Чайковскому"),
    ],
)
def test_names_that_sound_alike_meet(one: str, other: str) -> None:
    assert keys(one) == keys(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Madrid", "Moscow"), ("Euler", "Ольга"), ("Path 12", "Path 13")]
)
def test_names_that_sound_otherwise_stay_apart(one: str, other: str) -> None:
    assert keys(one) != keys(other)


def test_each_word_has_one_key_and_a_word_without_letters_none() -> None:
    assert keys("New York, New York & Co.") == ("nv", "ark", "k")
    assert sound_keys("") == sound_keys("— …") == ()


@given(st.text(max_size=40))
def test_any_text_gives_keys_of_letters_and_digits(text: str) -> None:
    for key in sound_keys(normal_name(text)):
        assert key.isalnum()
        assert key == key.lower()


@settings(deadline=None)  # opens a database
@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=4))
def test_any_name_is_found_by_its_own_keys(words: list[str]) -> None:
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    found = keys(" ".join(words))
    connection.execute("INSERT INTO sounds (rowid, keys) VALUES (1, ?)", (" ".join(found),))
    query = " ".join(f'"{key}"' for key in found)
    if found:
        rows = connection.execute("SELECT rowid FROM sounds WHERE sounds MATCH ?", (query,))
        assert rows.fetchall() == [(1,)]
    connection.close()
