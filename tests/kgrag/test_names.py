import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgrag.names import acronym_of, is_acronym, normal_name, short_names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Эйлера", "Эйлер"),
        ("Екатериной II", "Екатерина II"),
        ("Владимиру Путину", "Владимир Путин"),
        ("Российской академии наук", "Российская академия наук"),
        ("Нью-Йорке", "Нью-Йорк"),
        ("Алёна Ёлкина", "Алена Елкина"),
        ("Euler's", "Euler"),
        ("Euler’s", "Euler"),
        ("the United Nations", "United Nations"),
        ("«Зенита»", "Зенит"),
        ("U.S.", "US"),
        ("J. K. Rowling", "J.K. Rowling"),
        ("Café", "cafe"),
        ("Sankt\n Petersburg", "Sankt Petersburg"),
    ],
)
def test_surfaces_of_one_name_meet(one: str, other: str) -> None:
    assert normal_name(one) == normal_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("МАИ", "май"), ("C", "C++"), ("Russia", "Russian"), ("Catherine I", "Catherine II")],
)
def test_different_names_stay_apart(one: str, other: str) -> None:
    assert normal_name(one) != normal_name(other)


def test_a_name_that_is_an_article_or_punctuation_keeps_something() -> None:
    assert [normal_name(name) for name in ("The The", "A", "!!!", " ")] == ["the", "a", "!!!", ""]


@given(st.text(max_size=30))
def test_no_text_breaks_a_name_and_only_blank_ones_vanish(surface: str) -> None:
    name = normal_name(surface)
    assert name == " ".join(name.split())
    assert bool(name) == bool(surface.strip())
    acronym_of(surface)
    is_acronym(surface)
    assert name not in short_names(surface) or " " not in name


@given(st.text("abcdeéÀ -.'’&+ 12«»", max_size=20))
def test_a_normal_name_is_its_own_normal_name_in_latin_script(surface: str) -> None:
    assert normal_name(normal_name(surface)) == normal_name(surface)


@given(st.text("абвеийонрстуя -", max_size=12))
def test_a_normal_name_is_its_own_normal_name_in_cyrillic_script(surface: str) -> None:
    for form in (surface, surface.title()):
        if not form.isupper():  # an acronym is no inflected word, its normal form may be one
            assert normal_name(normal_name(form)) == normal_name(form)


def test_an_endless_word_takes_no_time() -> None:
    assert normal_name("а" * 100_000) == "а" * 100_000


def test_loading_the_dictionaries_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        normal_name("Совершенно Новое Слово")
    assert not caplog.records


@pytest.mark.parametrize(
    ("name", "acronym"),
    [
        ("Imperial Academy of Sciences", "ias"),
        ("Российская академия наук", "ран"),
        ("Министерство иностранных дел", "мид"),
        ("Московский государственный университет имени Ломоносова", "мгу"),
        ("Euler", None),
        ("of the", None),
    ],
)
def test_the_acronym_of_a_name_takes_the_words_that_count(name: str, acronym: str | None) -> None:
    assert acronym_of(name) == acronym


def test_acronyms_are_told_from_words_and_numerals() -> None:
    assert all(map(is_acronym, ["UN", "U.S.", "НАТО", "МИДа", "NATO's", "AT&T"]))
    assert not any(map(is_acronym, ["II", "XIV", "Un", "A", "Euler", "United Nations", ""]))


@pytest.mark.parametrize(
    ("name", "shorter"),
    [
        ("Leonhard Euler", ("euler", "leonhard")),
        ("Catherine II of Russia", ("catherine",)),
        ("Catherine the Great", ("catherine",)),
        ("Екатерина II", ("екатерина",)),
        ("Charles de Gaulle", ("de gaulle", "gaulle", "charles")),
        ("Путин Владимир Владимирович", ("путин", "владимир")),
        ("Владимир Владимирович Путин", ("путин", "владимир")),
        ("Дрейк, Фрэнсис", ("дрейк", "фрэнсис")),
        ("President Obama", ("obama",)),
        ("Martin Luther King Jr.", ("king", "martin")),
        ("Euler", ()),
    ],
)
def test_a_person_is_called_again_by_shorter_names(name: str, shorter: tuple[str, ...]) -> None:
    assert short_names(name) == shorter
