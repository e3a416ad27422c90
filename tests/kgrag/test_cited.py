"""What a model writes, read as sentences with the numbers that they cite."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgrag.cited import CitedText, Written

NOTHING = "The documents do not say."


def read(text: str, *, size: int = 1, is_cut: bool = False) -> list[tuple[str, tuple[int, ...]]]:
    return [(item.text, item.numbers) for item in written(text, size=size, is_cut=is_cut)]


def written(text: str, *, size: int = 1, is_cut: bool = False) -> list[Written]:
    reader = CitedText({1, 2, 7, 12}, NOTHING)
    found = [w for at in range(0, len(text), size) for w in reader.feed(text[at : at + size])]
    return found + reader.finish(is_cut=is_cut)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Euler came. [1] He stayed. [2] [7]", [("Euler came.", (1,)), ("He stayed.", (2, 7))]),
        ("Euler came [1]. He stayed [2, 7].", [("Euler came.", (1,)), ("He stayed.", (2, 7))]),
        ("Эйлер приехал. [12]", [("Эйлер приехал.", (12,))]),
        ("One. Two. [1]", [("One.", (1,)), ("Two.", (1,))]),
        ("- Euler [1]\n- Anna [2]\n", [("Euler", (1,)), ("Anna", (2,))]),
        ("It cites nothing.", [("It cites nothing.", ())]),
        ("Twice. [1][1]", [("Twice.", (1,))]),
        ("<think>[2] hm</think> So it is. [1]", [("So it is.", (1,))]),
        ("", []),
        ("[1]", []),
    ],
)
def test_sentences_are_read_with_their_numbers(
    text: str, expected: list[tuple[str, tuple[int, ...]]]
) -> None:
    for size in (1, 3, 1000):
        assert read(text, size=size) == expected


def test_a_number_that_was_not_offered_is_dropped_and_remembered() -> None:
    assert written("Euler came. [99] [2]") == [Written("Euler came.", (2,), (99,))]


def test_a_sentence_comes_out_as_soon_as_the_next_one_has_begun() -> None:
    reader = CitedText({1, 2}, NOTHING)
    assert reader.feed("Euler came. [1]") == []  # a second number may follow
    assert reader.feed(" H") == [Written("Euler came.", (1,))]


def test_that_the_documents_do_not_say_is_no_sentence() -> None:
    reader = CitedText({1}, NOTHING)
    assert reader.feed("the documents do not say") + reader.finish() == []
    assert reader.says_nothing


def test_what_was_cut_off_before_its_numbers_is_left_out() -> None:
    assert read("Euler came. [1] He sta", is_cut=True) == [("Euler came.", (1,))]


@given(st.text(st.sampled_from("Aя .!?[]1279,;<>-\n\u2028"), max_size=60), st.integers(1, 7))
def test_whatever_is_written_only_offered_numbers_come_out_however_it_is_cut(
    text: str, size: int
) -> None:
    once = written(text, size=1000)
    assert written(text, size=size) == once
    for item in once:
        assert set(item.numbers) <= {1, 2, 7, 12}
        assert not re.search(r"\[\s*\d+\s*\]", item.text)
