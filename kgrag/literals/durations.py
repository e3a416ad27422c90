"""Ages and durations as English and Russian say them, to ISO 8601 durations.

``P34Y`` is 34 years, ``PT2H45M`` two hours and three quarters; an interval of durations is
``P3M..P12M``. Units are kept as said: "48 hours" is not "two days".
"""

from dataclasses import dataclass
from fractions import Fraction

from kgrag.literals.numerals import Tokens, compound_value, read_number, russian_lookup, written
from kgrag.literals.ordinals import read_ordinal
from kgrag.literals.units import TIME_UNITS

_AGE_STARTS = frozenset("aged age возрасте возраст возраста".split())
_AGE_ENDS = frozenset("old age жизни возраст возраста возрасте".split())
_NOISE = frozenset("of at the в на -".split())
_JOINS = frozenset("- to до".split())
_ORDER = ("Y", "M", "W", "D", "TH", "TM", "TS")
_STUCK = ("х", "ти", "и", "ми")
"""Endings of a numeral that texts write together with the word behind it: «34-хлетний»."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, interval or limit (``10..15``, ``>100``), its unit, and the type of literal."""

    type: str
    value: str
    unit: str | None = None


_MAX_YEARS = 200
"""More are a year: «2013 годах» is a part of «в 2012 и 2013 годах»."""

Span = tuple[dict[str, Fraction], int]
"""How many of each unit of time, and the index behind them."""


def read_duration(tokens: Tokens, type_: str, *, russian: bool) -> Quantity | None:
    """Return the age or duration that tokens say, all of them, or None.

    An age is what a text calls one or ``type_`` says; a duration in days or longer units is of type
    ``date``, a shorter one ``time``.
    """
    is_age = type_ == "age"
    end = len(tokens)
    start = 0
    while start < end and (tokens[start] in _AGE_STARTS or tokens[start] in _NOISE):
        is_age |= tokens[start] in _AGE_STARTS
        start += 1
    while end > start and (tokens[end - 1] in _AGE_ENDS or tokens[end - 1] in _NOISE):
        is_age |= tokens[end - 1] in _AGE_ENDS
        end -= 1
    body = tokens[start:end]
    spans = _spans(body, russian=russian)
    if spans is None and is_age and body:
        spans = _counted_years(body, russian=russian)
    if spans is None:
        return None
    shortest = max((unit for span in spans for unit in span), key=_ORDER.index)
    type_ = "age" if is_age else "time" if shortest.startswith("T") else "date"
    return Quantity(type_, "..".join(_iso(span) for span in spans))


def _spans(tokens: Tokens, *, russian: bool) -> list[dict[str, Fraction]] | None:
    """Read one duration, or the two ends of an interval."""
    if not tokens:
        return None
    found = _span(tokens, 0, russian=russian)
    if found and found[1] == len(tokens):
        return [found[0]]
    start = 1 if tokens[0] in ("от", "from", "с", "between") else 0
    left = _span(tokens, start, russian=russian)
    number = None if left else read_number(tokens, start, russian=russian)
    at = left[1] if left else number.end if number else len(tokens)
    joins = _JOINS if start == 0 else _JOINS | {"and"}
    right = (
        _span(tokens, at + 1, russian=russian)
        if tokens[at : at + 1] and tokens[at] in joins
        else None
    )
    if right is None or right[1] != len(tokens):
        return None
    if left:
        return [left[0], right[0]]
    (unit, count), *others = right[0].items()
    if others or number is None or number.value >= count:
        return None
    return [{unit: number.value}, right[0]]


def _span(tokens: Tokens, start: int, *, russian: bool) -> Span | None:
    """Read numbers, each with its unit of time, from the longest unit to the shortest."""
    counts: dict[str, Fraction] = {}
    at = start
    while at < len(tokens):
        after = at + (bool(counts) and tokens[at] in ("and", "и", ","))
        found = _one(tokens, after, russian=russian)
        if found is None:
            break
        unit, count, end = found
        if counts and _ORDER.index(unit) <= max(map(_ORDER.index, counts)):
            break
        counts[unit], at = count, end
    return (counts, at) if counts else None


def _one(tokens: Tokens, at: int, *, russian: bool) -> tuple[str, Fraction, int] | None:
    if at >= len(tokens):
        return None
    compound = compound_value(tokens[at])
    if compound:
        unit = russian_lookup(TIME_UNITS, compound[1])
        if unit:
            return str(unit), Fraction(compound[0]), at + 1
    number = read_number(tokens, at, russian=russian)
    if number is None and tokens[at] in ("a", "an"):
        count, at = Fraction(1), at + 1
    elif number is not None:
        count, at = number.value, number.end
    else:
        return None
    at += skipped(tokens, at)
    word = tokens[at] if at < len(tokens) else ""
    unit = _time_unit(word, count)
    if unit is None:
        return None
    at += 1
    if tokens[at : at + 3] == ["and", "a", "half"]:
        return unit, count + Fraction(1, 2), at + 3
    at += tokens[at : at + 1] == ["."]
    return unit, count, at


def skipped(tokens: Tokens, at: int) -> int:
    """Return how many tokens stand between a number and its unit: ``half an hour``."""
    words = tokens[at : at + 2]
    if tuple(words) in (("of", "a"), ("of", "an")):
        return 2
    return int(len(words) == 2 and words[0] in ("-", "a", "an", "of"))


def _time_unit(word: str, count: Fraction) -> str | None:
    """Return the unit, unless «год» stands in a form that no count asks for: «в 79 году»."""
    if word.startswith("год"):
        one = count % 10 == 1 and count % 100 != 11
        fits = {
            "год": one,
            "года": one or count.denominator > 1 or count % 10 in (2, 3, 4),
            "годам": count <= _MAX_YEARS, "годами": count <= _MAX_YEARS,
        }  # fmt: skip
        return "Y" if fits.get(word) else None
    for stuck in ("", *_STUCK):
        rest = word.removeprefix(stuck)
        unit = russian_lookup(TIME_UNITS, rest)
        if unit is None and rest.isascii() and len(rest) > 2:
            unit = TIME_UNITS.get(rest.removesuffix("s"))
        if unit is not None:
            return str(unit)
    return None


def _counted_years(tokens: Tokens, *, russian: bool) -> list[dict[str, Fraction]] | None:
    """Read the 77th year of a life as 76 years of age, the 236th anniversary as 236 years."""
    number = read_number(tokens, 0, russian=russian)
    if number and number.end == len(tokens):
        return [{"Y": number.value}]
    is_anniversary = tokens[-1].startswith("годовщин") or tokens[-1] == "anniversary"
    if is_anniversary and (spans := _spans(tokens[:-1], russian=russian)):
        return spans  # «25-летней годовщины»
    found = read_ordinal(tokens, 0)
    if found is None or found.end != len(tokens) - 1:
        return None
    if tokens[-1] in ("году", "год", "year") and found.value > 1:
        return [{"Y": found.value - 1}]
    return [{"Y": found.value}] if is_anniversary or tokens[-1] == "birthday" else None


def _iso(counts: dict[str, Fraction]) -> str:
    days = "".join(f"{written(count)}{unit}" for unit, count in counts.items() if len(unit) == 1)
    times = "".join(f"{written(count)}{unit[1]}" for unit, count in counts.items() if len(unit) > 1)
    return f"P{days}" + (f"T{times}" if times else "")
