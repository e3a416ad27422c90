import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgrag.extract.kinship import (
    CONTAINED,
    INITIALS,
    KIN,
    LEVELS,
    NONE,
    SAME,
    SHARED,
    beginnings,
    kinship,
)


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Муртаза Рахимов", "Рахимова", CONTAINED),
        ("Leonhard Euler", "Euler", CONTAINED),
        ("Бинга", "Бинг", SAME),
        ("США", "Соединённых Штатов Америки", INITIALS),
        ("General Motors", "GM", INITIALS),
        ("Президент Башкирии", "башкирского президента", SHARED),
        ("Америке", "американцами", KIN),
        ("Basel", "Paris", NONE),
        ("", "Paris", NONE),
    ],
)
def test_names_of_one_thing_read_alike(one: str, other: str, level: int) -> None:
    assert kinship(one, other) == kinship(other, one) == level


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_two_texts_have_a_level(one: str, other: str) -> None:
    assert 0 <= kinship(one, other) < LEVELS
    assert kinship(one, other) == kinship(other, one)
    assert all(begin in one.lower().replace("ё", "е") for begin in beginnings(one))
