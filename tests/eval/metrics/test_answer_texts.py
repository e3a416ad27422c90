"""Answers against the published SQuAD script's rules, and the rules that are ours."""

import re
import string
from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eval.metrics.answers import (
    contains,
    exact_match,
    normal_answer,
    token_f1,
    without_citations,
)

ASCII = st.lists(
    st.sampled_from(["the", "a", "an", "The", "Euler", "U.S.", "1,000", "3.14", "x-ray", "Theta"])
    | st.text(string.ascii_letters + string.punctuation + string.digits, min_size=1, max_size=5),
    max_size=6,
).map(" ".join)


def published(answer: str) -> str:
    """Normalise by the rules of SQuAD v1.1: lower, punctuation, articles, white space."""
    lowered = answer.lower()
    without_marks = "".join(char for char in lowered if char not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", without_marks).split())


def published_f1(given_: str, wanted: str) -> float:
    one, other = published(given_).split(), published(wanted).split()
    same = sum((Counter(one) & Counter(other)).values())
    if same == 0:
        return 0.0
    precision, recall = same / len(one), same / len(other)
    return 2 * precision * recall / (precision + recall)


def is_ours(text: str) -> bool:
    """Return whether a rule of ours comes in: digits in groups, or nothing would be left."""
    return re.search(r"\d \d{3}", text) is not None or not published(text)


@given(ASCII)
def test_english_is_normalised_by_the_published_rules(text: str) -> None:
    assume(not is_ours(text))
    assert normal_answer(text) == published(text)


@given(ASCII, st.lists(ASCII, min_size=1, max_size=3))
def test_english_scores_are_the_published_ones(answer: str, expected: list[str]) -> None:
    assume(not any(map(is_ours, (answer, *expected))))
    assert exact_match(answer, expected) == any(
        published(answer) == published(other) for other in expected
    )
    assert token_f1(answer, expected) == pytest.approx(
        max(published_f1(answer, other) for other in expected)
    )


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("«Война и мир»", "война и мир", "ru"),
        ("Королёв", "КОРОЛЕВ", "ru"),
        ("Коро\u0301лев", "Королев", "ru"),
        ("1 000 рублей", "1000 рублей", "ru"),
        ("12\u00a0345\u00a0678", "12345678", "ru"),
        ("1\u202f000", "1,000", "en"),
        ("Basel…", "Basel", "en"),
        ("“The Elements”", "Elements", "en"),
        ("1914–1918", "1914-1918", "en"),
        ("ﬁnite", "finite", "en"),
        ("Ba\u00adsel", "Basel", "en"),
    ],
)
def test_ways_to_write_one_answer_are_one(one: str, other: str, language: str) -> None:
    assert exact_match(one, [other], language="ru" if language == "ru" else "en")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The", "A"),
        ("!!!", "?"),
        ("C", "D"),
        ("May 15, 200", "May 15200"),
        ("in 1939 200 men", "in 1939200 men"),
        ("3.141 592", "3.141592"),
        ("1914 1918", "19141918"),
        ("é", "e"),
        ("й", "и"),
    ],
)
def test_different_answers_stay_different(one: str, other: str) -> None:
    assert not exact_match(one, [other])


def test_articles_are_dropped_from_english_only() -> None:
    assert normal_answer("группа The Who", language="ru") == "группа the who"
    assert normal_answer("the band The Who") == "band who"
    assert normal_answer("витамин А", language="ru") == "витамин а"


@given(st.text(max_size=40))
def test_what_is_not_blank_is_never_normalised_to_nothing(text: str) -> None:
    assert bool(normal_answer(text)) == bool(text.strip())
    assert normal_answer(f"  {text}\n") == normal_answer(text)


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=3))
def test_f1_lies_within_0_and_1_and_is_1_for_the_same(answer: str, expected: list[str]) -> None:
    assert 0.0 <= token_f1(answer, expected) <= 1.0
    assume(normal_answer(answer))
    assert token_f1(answer, [*expected, answer]) == 1.0
    assert exact_match(answer, [*expected, answer])


@given(ASCII, ASCII, ASCII)
def test_an_answer_is_contained_whatever_stands_around_it(
    before: str, answer: str, after: str
) -> None:
    assume(not is_ours(f"{before} {answer} {after}") and published(answer))
    assert contains(f"{before} {answer} {after}", [answer])


def test_words_count_as_often_as_they_occur() -> None:
    assert token_f1("rose rose", ["rose rose rose"]) == pytest.approx(4 / 5)
    assert token_f1("Basel in Switzerland", ["Bern", "Basel"]) == pytest.approx(2 / 4)


@pytest.mark.parametrize(
    ("text", "answer", "stands"),
    [
        ("Leonhard Euler was born in Basel on 15 April 1707.", "Basel", True),
        ("He was born in Baselland.", "Basel", False),
        ("Euler's brother", "Euler", True),
        ("the war of 1914–1918", "1918", True),
        ("the war of 1914–1918", "1914-1918", True),
        ("it cost 1,000 francs", "1 000", True),
        ("it cost 1,000 francs", "1", False),
        ("a value of 3.14", "3", False),
        ("nothing", "", False),
        ("", "", False),
        ("a man", "A", False),
        ("A.", "A", True),
        ("he wrote The Elements", "Elements", True),
    ],
)
def test_an_answer_is_contained_as_whole_words(text: str, answer: str, stands: bool) -> None:
    assert contains(text, ["nowhere to be found", answer]) == stands


def test_without_an_expected_answer_nothing_is_right() -> None:
    assert not exact_match("", []) and not contains("Basel", [])
    assert token_f1("Basel", []) == 0.0


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Born in Basel. [1] He died in 1783. [2]", "Born in Basel. He died in 1783."),
        ("Born in Basel [1][2].", "Born in Basel."),
        ("Born in Basel [1, 2].", "Born in Basel."),
        ("Born in Basel [1–3].", "Born in Basel."),
        ("[1] Basel", "Basel"),
        ("an array[10000] of [sic]", "an array[10000] of [sic]"),
    ],
)
def test_citation_marks_are_taken_out(text: str, left: str) -> None:
    assert without_citations(text) == left
