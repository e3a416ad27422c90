"""Whether the values of a claim are those of its sources, however they are written."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal as OneOf

from kgrag.literals import Literal
from kgrag.verify.values import Value

Match = OneOf["same", "within", "finer", "other", "absent"]
"""``within``: the source is as exact or more so and agrees. ``finer``: the claim says more than the
source does (a day where that has a year). ``other``: the source has another value of that kind."""

_HOUR = re.compile(r"\d\d:00")
_COUNT = re.compile(r"PT?\d+(?:\.\d+)?[YMWDHS]")
ROUNDING = 0.05
"""Share by which "about" and a rounded number may be off."""


@dataclass(frozen=True, slots=True)
class ValueMatch:
    """A value of the claim, how the sources stand to it, and the nearest value of theirs."""

    value: Value
    match: Match
    nearest: Value | None


def compare(claimed: Sequence[Value], stated: Sequence[Value]) -> tuple[ValueMatch, ...]:
    """Return, for each value of a claim, how the values of its sources stand to it."""
    there = Counter(other.literal for other in stated)
    seen: Counter[Literal] = Counter()
    found = []
    for value in claimed:
        seen[value.literal] += 1
        # Said twice where the source says it once: the second stands where another should.
        left = stated
        if 0 < there[value.literal] < seen[value.literal]:
            left = [other for other in stated if other.literal != value.literal]
        match = _compare(value, left, claimed)
        found.append(match if left is stated or match.match == "other" else _same(value))
    return tuple(found)


def _same(value: Value) -> ValueMatch:
    return ValueMatch(value, "same", value)


def _compare(value: Value, stated: Sequence[Value], claimed: Sequence[Value]) -> ValueMatch:
    order: tuple[Match, ...] = ("same", "within", "finer")
    judged = [(agree(value.literal, other.literal), other) for other in stated]
    for match in order:
        for found, other in judged:
            if found == match:
                return ValueMatch(value, match, other)
    taken = {other.literal for other in claimed}
    rivals = [
        other
        for other in stated
        if is_rival(value.literal, other.literal) and other.literal not in taken
    ]
    same_noun = [
        other for other in rivals if other.counted.isalpha() and other.counted == value.counted
    ]
    same_type = [other for other in rivals if other.literal.type == value.literal.type]
    nearest = next(iter(same_noun or same_type or rivals), None)
    return ValueMatch(value, "other" if nearest else "absent", nearest)


def agree(claimed: Literal, stated: Literal) -> Match | None:
    """Return how a stated value bears out a claimed one, or None where it does not."""
    if _plain(claimed) is not None and _plain(claimed) == _plain(stated):
        units = _unit(claimed), _unit(stated)
        return "same" if units[0] == units[1] or None in units else None
    if claimed.key == stated.key:
        return "same"
    if claimed.dimension != stated.dimension:
        claimed, stated = _counted(claimed), _counted(stated)
    if claimed.dimension != stated.dimension:
        return None
    if claimed.dimension == "calendar":
        return _agree_dates(claimed.value, stated.value) or _by_bounds(claimed, stated)
    if claimed.unit != stated.unit and None not in (claimed.unit, stated.unit):
        return None
    return _by_bounds(claimed, stated)


def is_rival(claimed: Literal, stated: Literal) -> bool:
    """Return whether two values are of one kind, so that one may stand where the other should."""
    if claimed.dimension == stated.dimension:
        return claimed.unit == stated.unit or claimed.dimension != "amount"
    plain = (_plain(claimed), _plain(stated))
    if {claimed.unit, stated.unit} != {None}:
        return False
    return None not in plain and {claimed.dimension, stated.dimension} <= {"calendar", "amount"}


def _counted(literal: Literal) -> Literal:
    """Return what looks like a year as the number that it may be: 1200 people."""
    is_year = literal.dimension == "calendar" and literal.value.isdigit()
    return Literal("number", literal.value.lstrip("0") or "0") if is_year else literal


def _unit(literal: Literal) -> str | None:
    """Return the unit; a duration's is the letter that it ends with."""
    return literal.value[-1] if literal.value.startswith("P") else literal.unit


def _plain(literal: Literal) -> str | None:
    """Return the digits of a number, which may also be a year, an ordinal or a count of days."""
    value = literal.value.strip("~")
    if _HOUR.fullmatch(value):  # «3 часа ночи», three hours
        value = value[:2]
    if _COUNT.fullmatch(value):
        value = value.strip("PTYMWDHS")
    return _number(value) if value.replace(".", "", 1).isdigit() else None


def _number(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits.lstrip("0") or "0"


def _agree_dates(claimed: str, stated: str) -> Match | None:
    one, other = claimed.strip("~?"), stated.strip("~?")
    one, other = one.removeprefix("early "), other.removeprefix("early ")
    if one == other:
        return "within"
    if other.startswith(one + "-"):
        return "within"
    if one.startswith(other + "-"):
        return "finer"
    if one.startswith("XXXX-") and other.endswith(one[4:]):
        return "within"
    if other.startswith("XXXX-") and one.endswith(other[4:]):
        return "finer"
    if one in other.split("/"):
        return "within"
    if other in one.split("/"):
        return "finer"
    return None


def _by_bounds(claimed: Literal, stated: Literal) -> Match | None:
    one, other = claimed.bounds, stated.bounds
    if one is None or other is None:
        return None
    if one == other:
        return "within"
    if one[0] == one[1] and one[0] in other and stated.value[:1] in "<>":
        return "finer"  # "100" of "more than 100"
    is_limit = claimed.value[:1] in "<>" or claimed.value.startswith("../") or ".." in claimed.value
    if (is_limit or claimed.dimension == "calendar") and one[0] <= other[0] <= other[1] <= one[1]:
        return "within"
    if claimed.value.startswith("~") or stated.value.startswith("~"):
        middle = (other[0] + other[1]) / 2
        if abs(one[0] - middle) <= ROUNDING * abs(middle):
            return "within"
    if other[0] <= one[0] and one[1] <= other[1] and claimed.dimension == "calendar":
        return "finer"
    return None
