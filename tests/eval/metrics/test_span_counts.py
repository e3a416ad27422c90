"""Spans against nervaluate, brute force, and what must not change a count."""

from collections import Counter

import pytest
import scipy.sparse.csgraph  # noqa: F401 (loading it is no part of an example's time)
from hypothesis import given, settings
from hypothesis import strategies as st
from nervaluate.entities import Entity
from nervaluate.strategies import (
    EntityTypeEvaluation,
    EvaluationStrategy,
    StrictEvaluation,
)

from eval.metrics.spans import (
    NONE,
    Counts,
    Span,
    confusions,
    relaxed_counts,
    strict_counts,
)

TYPES = ("person", "organization", "location")
SLOT = 10
SPANS = st.lists(
    st.builds(
        lambda start, length, type_: (start, start + length, type_),
        st.integers(0, 12),
        st.integers(1, 6),
        st.sampled_from(TYPES),
    ),
    max_size=6,
)


@st.composite
def slotted(draw: st.DrawFn) -> tuple[list[Span], list[Span]]:
    """Draw spans of which each overlaps one of the other side at most, where all scorers agree."""
    sides: tuple[list[Span], list[Span]] = [], []
    for slot in range(draw(st.integers(0, 6))):
        for side in sides:
            if draw(st.booleans()):
                start = slot * SLOT + draw(st.integers(0, 3))
                side.append((start, start + draw(st.integers(1, 6)), draw(st.sampled_from(TYPES))))
    return sides


def by_nervaluate(strategy: EvaluationStrategy, gold: list[Span], found: list[Span]) -> Counts:
    # Its ends are inclusive.
    wanted, predicted = (
        [Entity(type_, start, end - 1) for start, end, type_ in side] for side in (gold, found)
    )
    result, _ = strategy.evaluate(wanted, predicted, list(TYPES))
    return result.correct, result.actual, result.possible


@given(slotted())
def test_counts_are_those_of_nervaluate(sides: tuple[list[Span], list[Span]]) -> None:
    gold, found = sides
    assert strict_counts(gold, found) == by_nervaluate(StrictEvaluation(), gold, found)
    assert relaxed_counts(gold, found) == by_nervaluate(EntityTypeEvaluation(), gold, found)


def most_pairs(gold: list[Span], found: list[Span]) -> int:
    """Try every way to pair spans that overlap in a character and have one type."""
    if not gold:
        return 0
    (start, end, type_), *rest = gold
    ways = [most_pairs(rest, found)]
    for at, (left, right, other) in enumerate(found):
        if type_ == other and set(range(start, end)) & set(range(left, right)):
            ways.append(1 + most_pairs(rest, found[:at] + found[at + 1 :]))
    return max(ways)


@given(SPANS, SPANS)
@settings(max_examples=60)
def test_relaxed_pairs_as_many_as_any_way_of_pairing(gold: list[Span], found: list[Span]) -> None:
    right, predicted, wanted = relaxed_counts(gold, found)
    assert right == most_pairs(list(set(gold)), list(set(found)))
    assert (predicted, wanted) == (len(set(found)), len(set(gold)))


@given(SPANS, SPANS)
def test_a_looser_rule_never_finds_fewer(gold: list[Span], found: list[Span]) -> None:
    strict = strict_counts(gold, found)
    looser = relaxed_counts(gold, found)
    assert strict[0] <= looser[0] <= min(looser[1:])
    assert strict[1:] == looser[1:]


@given(SPANS, SPANS)
def test_order_and_repetition_change_nothing(gold: list[Span], found: list[Span]) -> None:
    for count in (strict_counts, relaxed_counts, confusions):
        assert count(gold[::-1] + gold, found[::-1] + found[:1]) == count(gold, found)


@given(SPANS)
def test_identical_spans_are_all_right(gold: list[Span]) -> None:
    n = len(set(gold))
    for count in (strict_counts, relaxed_counts):
        assert count(gold, gold) == (n, n, n)
    assert confusions(gold, gold) == sorted(
        ((type_, type_, n) for type_, n in Counter(span[2] for span in set(gold)).items()),
        key=lambda row: (-row[2], row[0]),
    )


@given(slotted())
def test_spans_that_are_off_by_one_are_not_right_but_nearly(
    sides: tuple[list[Span], list[Span]],
) -> None:
    gold = [(start, end + 1, type_) for start, end, type_ in sides[0]]
    shifted = [(start + 1, end + 1, type_) for start, end, type_ in gold]
    assert strict_counts(gold, shifted)[0] == 0
    assert relaxed_counts(gold, shifted)[0] == len(gold)


@given(SPANS, SPANS)
def test_confusions_add_up_to_the_spans_of_each_type(gold: list[Span], found: list[Span]) -> None:
    rows = confusions(gold, found)
    for side, column in ((gold, 0), (found, 1)):
        totals: Counter[str] = Counter()
        for row in rows:
            totals[str(row[column])] += row[2]
        del totals[NONE]
        assert totals == Counter(span[2] for span in set(side))
    assert (NONE, NONE) not in {row[:2] for row in rows}
    assert sum(row[2] for row in rows if row[0] == row[1]) >= strict_counts(gold, found)[0]


def test_confusions_say_what_was_taken_for_what() -> None:
    gold = [(0, 5, "person"), (10, 15, "location"), (20, 25, "person"), (40, 50, "organization")]
    found = [
        (0, 5, "organization"),  # the same borders come before the same type
        (1, 4, "person"),
        (11, 15, "location"),
        (30, 35, "location"),
        (39, 44, "location"),
        (46, 48, "organization"),  # the same type comes before the longer overlap
    ]
    assert confusions(gold, found) == [
        ("none", "location", 2),
        ("location", "location", 1),
        ("none", "person", 1),
        ("organization", "organization", 1),
        ("person", "none", 1),
        ("person", "organization", 1),
    ]


@pytest.mark.parametrize(
    ("found", "right"),
    [
        ([(0, 3, "person"), (3, 6, "person")], 1),  # one gold span is found once
        ([(6, 9, "person")], 0),  # touching is no overlap
        ([(5, 9, "person")], 1),
        ([(0, 6, "location")], 0),
    ],
)
def test_overlap_is_a_character_of_the_same_type_once(found: list[Span], right: int) -> None:
    assert relaxed_counts([(0, 6, "person")], found)[0] == right


def test_a_long_span_takes_only_one_of_those_under_it() -> None:
    gold: list[Span] = [(0, 2, "person"), (3, 5, "person")]
    found: list[Span] = [(0, 5, "person"), (0, 2, "person")]
    # Whichever is looked at first, the short one is right and the long one stands for the other.
    assert relaxed_counts(gold, found) == relaxed_counts(gold, found[::-1]) == (2, 2, 2)


def test_two_types_on_one_span_are_two_spans() -> None:
    gold: list[Span] = [(0, 5, "person")]
    found: list[Span] = [(0, 5, "person"), (0, 5, "location")]
    assert strict_counts(gold, found) == (1, 2, 1)
