"""Numbers are worded alike everywhere."""

import math

import pytest

from eval.measures import MEASURES
from eval.report.cases import shared_out
from eval.report.measured import FAMILIES, HEADLINES, SPANS, families
from eval.report.wording import amount, lasted, masked, moment, signed


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.7123, "%", "71.2"), (1.0, "%", "100.0"), (7.178, "ms", "7.18"), (22.0, "ms", "22.0"),
        (1432.7, "MB", "1\u202f433"), (12, "", "12"), (5000, "", "5\u202f000"), (None, "%", "–"),
        (math.nan, "%", "–"), ("12", "", "–"),
    ],
)  # fmt: skip
def test_a_number_has_the_digits_that_mean_something(value: object, unit: str, text: str) -> None:
    assert amount(value, unit) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.05, "+5.0"), (-0.05, "−5.0"), (0.0, "0.0"), (-0.0001, "0.0")]
)
def test_a_difference_has_its_sign_and_none_if_it_is_none(value: float, text: str) -> None:
    assert signed(value, "%") == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(4.21, "4.2 s"), (42.0, "42 s"), (59.9, "1 min 0 s"), (200.0, "3 min 20 s"),
     (3599.9, "1 h 0 min"), (3900.0, "1 h 5 min"), (None, "–")],
)  # fmt: skip
def test_a_time_has_two_parts_at_most(seconds: object, text: str) -> None:
    assert lasted(seconds).replace("\u202f", " ") == text


def test_a_moment_is_written_out_and_what_is_none_stays() -> None:
    assert moment("2026-11-26T10:00:00+00:00") == "26 November 2026, 10:00 UTC"
    assert moment("yesterday") == "yesterday"


def test_the_name_and_password_of_an_address_are_left_out() -> None:
    assert masked("ask --endpoint http://me:pass@host/v1 of a@b.org") == (
        "ask --endpoint http://host/v1 of a@b.org"
    )


def test_every_measure_has_its_place_in_one_table() -> None:
    placed = [name for names in FAMILIES.values() for name in names]
    assert sorted(placed) == sorted(MEASURES)
    assert {name for names in HEADLINES.values() for name in names} <= set(MEASURES)
    assert {f"{name}_f1" for name in SPANS} <= set(MEASURES)
    assert families({"f1_of_tomorrow"}) == {"Other": ["f1_of_tomorrow"]}


@pytest.mark.parametrize(
    ("sizes", "room", "kept"),
    [
        ([5, 5], 200, [5, 5]),
        ([300, 300, 300], 200, [100, 50, 50]),
        ([10, 500], 200, [10, 190]),
        ([500, 10], 200, [190, 10]),
        ([], 200, []),
    ],
)
def test_room_goes_to_what_was_lost_first(sizes: list[int], room: int, kept: list[int]) -> None:
    assert shared_out(sizes, room) == kept
