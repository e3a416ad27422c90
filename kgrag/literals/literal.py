"""Literals (dates, times, numbers, money ...) as values: one key for a value in any wording.

«17-го ноября 1796 года», "Nov. 17th, 1796" and "17.11.1796" are one value, ``1796-11-17``, and one
node of the graph. Dates and times follow ISO 8601 and EDTF, durations and ages ISO 8601, money ISO
4217. What a text leaves open ("yesterday", "03/04/2020", "several") has no value and keeps its
name, because a wrong value would join two nodes and nobody would see why.

A key is unambiguous, so that a value comes back from the graph: ``literal_of(l.type, l.key) == l``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import inf
from typing import Literal as OneOf

from kgrag.literals.clock import is_time, read_time, seconds_of
from kgrag.literals.dates import read_date
from kgrag.literals.edtf import days_of
from kgrag.literals.numerals import MAX_SURFACE_CHARS, plain, read_number, tokens_of, written
from kgrag.literals.ordinals import read_ordinal
from kgrag.literals.quantities import read_quantity

LITERAL_TYPES = frozenset({"date", "time", "number", "ordinal", "age", "money", "percent"})
"""The types of group ``literal`` in the ontology."""

_CYRILLIC = re.compile(r"[\u0400-\u04FF]")
_NUMBER = r"-?\d+(?:\.\d+|/[1-9]\d*)?"
_AMOUNT = re.compile(rf"(>=|<=|[<>~])?({_NUMBER})(?:\.\.({_NUMBER}))?", re.ASCII)
_PERIOD = r"P(?=\d|T\d)(?:[\d./]+[YMWD])*(?:T(?:[\d./]+[HMS])+)?"
_DURATION = re.compile(rf"(>=|<=|[<>~])?({_PERIOD})(?:\.\.({_PERIOD}))?", re.ASCII)
_PART = re.compile(r"([\d./]+)([YMWDHS])|(T)")
_HOURS_OR_HOUR = re.compile(r"~PT\d\d?H")
"""«Около 12 часов» is about noon, or about twelve hours."""

_SECONDS = {"Y": 31_556_952, "M": 2_629_746, "W": 604_800, "D": 86_400, "H": 3600, "S": 1}
"""Mean seconds in the Gregorian calendar: a year has 365.2425 days."""

Dimension = OneOf["calendar", "clock", "duration", "ordinal", "amount"]


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that a text states.

    ``value`` is EDTF, ISO 8601 or a number (``12.5``, ``1/3``, ``10..15``, ``>100``, ``~20``);
    ``unit`` an ISO 4217 code, ``%``, a symbol such as ``km``, or None. Two literals are one value
    if they are equal; whether they can be compared ``dimension`` and ``unit`` say.
    """

    type: str
    value: str
    unit: str | None = None

    @property
    def key(self) -> str:
        """The value with its unit: what identifies the literal within its type."""
        return f"{self.value} {self.unit}" if self.unit else self.value

    @property
    def dimension(self) -> Dimension:
        """What ``bounds`` counts."""
        if self.type == "ordinal":
            return "ordinal"
        if _DURATION.fullmatch(self.value):
            return "duration"
        if self.type in ("date", "time"):
            return "clock" if is_time(self.value) and "T" not in self.value else "calendar"
        return "amount"

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The least and the greatest that the value can be, infinite where it is open.

        Days since 0001-01-01, which is 1, for the calendar (``date.toordinal``, a time of day as a
        fraction); seconds after midnight for the clock, on into the next day where an interval
        passes midnight; mean seconds for a duration; else the number itself, in ``unit``. None
        where a date has no year.
        """
        dimension = self.dimension
        if dimension == "duration":
            return _amount_bounds(_DURATION.fullmatch(self.value), _seconds)
        if dimension == "calendar":
            return _moment(self.value) if is_time(self.value) else days_of(self.value)
        if dimension == "clock":
            ends = [seconds_of(part)[1] for part in self.value.split("/")]
            return ends[0], ends[-1] if ends[-1] >= ends[0] else ends[-1] + 86_400
        return _amount_bounds(_AMOUNT.fullmatch(self.value), lambda text: float(Fraction(text)))


def read_literal(surface: str, type_: str, *, russian: bool = False) -> Literal | None:
    """Return the value that a surface states, or None where it leaves it open.

    Parameters
    ----------
    surface:
        The surface of a mention: any text.
    type_:
        One of ``LITERAL_TYPES``, as an extractor thinks; where the surface tells otherwise ("5 %",
        "34 years old") the value is of the other type.
    russian:
        Whether the text around is Russian, where ``1,234`` is a decimal and ``03/04/2020`` in
        April; a surface with a Cyrillic letter always is.

    Raises
    ------
    ValueError
        If ``type_`` is no type of literal.
    """
    if type_ not in LITERAL_TYPES:
        raise ValueError(f"{type_!r} is not one of {', '.join(sorted(LITERAL_TYPES))}")
    if not surface or len(surface) > MAX_SURFACE_CHARS:
        return None
    return _read(surface, type_, russian or _CYRILLIC.search(surface) is not None)


def literal_keys(text: str) -> tuple[str, ...]:
    """Return the keys under which the graph may know a text in digits, of whatever type it is."""
    if not any(char.isdigit() for char in text):
        return ()
    found = [read_literal(text, type_) for type_ in ("date", "number", "money")]
    return tuple(dict.fromkeys(literal.key for literal in found if literal))


def literal_of(type_: str, key: str) -> Literal | None:
    """Return the literal of a type and a key, or None if the key is none: a name without value."""
    value, unit = key, None
    if type_ in ("number", "money", "percent"):
        value, _, found = key.partition(" ")
        unit = found or None
    literal = Literal(type_, value, unit)
    try:
        literal.bounds  # noqa: B018 (checks the value)
    except ValueError:
        return None
    return literal


@lru_cache(maxsize=100_000)
def _read(surface: str, type_: str, russian: bool) -> Literal | None:
    if type_ == "ordinal":
        return _ordinal(surface)
    readers = {
        "date": (_date, _time, _quantity),
        "time": (_time, _date, _quantity),
        "number": (_quantity, _stated_ordinal),
    }
    for read in readers.get(type_, (_quantity,)):
        literal = read(surface, type_, russian)
        if literal is not None:
            return literal
    return None


def _date(surface: str, type_: str, russian: bool) -> Literal | None:
    value = read_date(surface, russian=russian)
    return Literal("date", value) if value else None


def _time(surface: str, type_: str, russian: bool) -> Literal | None:
    value = read_time(surface, russian=russian)
    return Literal("time", value) if value else None


def _quantity(surface: str, type_: str, russian: bool) -> Literal | None:
    stripped = surface.strip()
    if type_ in ("age", "date", "time") and _DURATION.fullmatch(stripped):
        return literal_of(type_, stripped)
    found = read_quantity(surface, type_, russian=russian)
    if found and russian and _HOURS_OR_HOUR.fullmatch(found.value):
        return None
    if found and "P-" in found.value:
        return None  # "-1-0" years: no age and no duration is less than nothing.
    return Literal(found.type, found.value, found.unit) if found else None


def _stated_ordinal(surface: str, type_: str, russian: bool) -> Literal | None:
    return _ordinal(surface)


def _ordinal(surface: str) -> Literal | None:
    tokens = tokens_of(plain(surface))
    while tokens and tokens[0] in ("the", "№", "no", "."):
        del tokens[0]
    found = read_ordinal(tokens, 0) or read_number(tokens, 0, russian=False)
    if found is None or found.end != len(tokens) or found.value.denominator != 1:
        return None
    return Literal("ordinal", written(found.value))


def _moment(value: str) -> tuple[float, float] | None:
    date, seconds = seconds_of(value)
    days = days_of(date or "")
    return (days[0] + seconds / 86_400, days[0] + seconds / 86_400) if days else None


def _seconds(period: str) -> float:
    total, within_day = 0.0, False
    for count, unit, time in _PART.findall(period):
        within_day |= bool(time)
        if unit:
            total += float(Fraction(count)) * (60 if within_day and unit == "M" else _SECONDS[unit])
    return total


def _amount_bounds(
    found: re.Match[str] | None, number: Callable[[str], float]
) -> tuple[float, float]:
    if found is None:
        raise ValueError("no number, limit or interval")
    sign, low, high = found[1], number(found[2]), found[3]
    if high is not None:
        return low, number(high)
    if sign in (">", ">="):
        return low, inf
    return (-inf, low) if sign in ("<", "<=") else (low, low)
