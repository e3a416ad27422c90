"""Dates as EDTF (ISO 8601-2, https://www.loc.gov/standards/datetime/): when they begin and end.

Level 1, with the quarters of level 2 (``2008-33``), an unknown year where only a day of the year is
said (``XXXX-11-17``), and one form of our own that EDTF cannot say: ``early 18XX`` (``mid``,
``late``), the first, middle and last third.
"""

import re
from calendar import monthrange
from math import inf

_POINT = re.compile(
    r"(?P<year>-?\d{4}|-?\d{3}X|-?\d{2}XX|XXXX(?=-))"
    r"(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?",
    re.ASCII,
)
_DAYS_BEFORE_MONTH = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
_LONGEST = 40


def days_of(value: str) -> tuple[float, float] | None:
    """Return the first and last day of an EDTF value; None where it has no place in time.

    Days count from 0001-01-01, which is 1 as in ``date.toordinal``, in the Gregorian calendar
    carried back; earlier days are 0 and negative, open ends infinite. A century is its hundred
    years of EDTF (``17XX``: 1700 to 1799).

    Raises
    ------
    ValueError
        If the value is not one that ``read_date`` gives.
    """
    start, slash, end = value.partition("/")
    if slash:
        if not in_order(start, end):
            raise ValueError(f"{value!r} is no interval that ends after it begins")
        first = (-inf, -inf) if start == ".." else days_of(start)
        last = (inf, inf) if end == ".." else days_of(end)
        return (first[0], last[1]) if first and last else None
    part, _, point = value.rpartition(" ")
    found = _POINT.fullmatch(point.removesuffix("~"))
    if found is None or part not in ("", "early", "mid", "late"):
        raise ValueError(f"{value!r} is not a date in EDTF")
    if found["year"] == "XXXX":
        _days("2000", found["month"], found["day"])
        return None
    first_day, last_day = _days(found["year"], found["month"], found["day"])
    third = (last_day - first_day + 1) // 3
    if part and not third:
        raise ValueError(f"{point} has no {part} part")
    if part == "early":
        return first_day, first_day + third - 1
    if part == "late":
        return last_day - third + 1, last_day
    return (first_day + third, last_day - third) if part else (first_day, last_day)


def _days(year: str, month: str | None, day: str | None) -> tuple[int, int]:
    if "X" in year:
        if month is not None:
            raise ValueError(f"{year} has no month {month}")
        low, high = int(year.replace("X", "0")), int(year.replace("X", "9"))
        low, high = (high, low) if year.startswith("-") else (low, high)
        return _day_number(low, 1, 1), _day_number(high, 12, 31)
    count = int(year)
    if month is None:
        return _day_number(count, 1, 1), _day_number(count, 12, 31)
    code = int(month)
    if code <= 12:
        last = monthrange(2000 + count % 400, code)[1]
        only = int(day) if day else None
        if only is not None and not 1 <= only <= last:
            raise ValueError(f"{year}-{month}-{day} is no day")
        return _day_number(count, code, only or 1), _day_number(count, code, only or last)
    if code in (21, 22, 23, 24):  # northern seasons, whole months; winter ends the year it begins
        start, months = (3 * (code - 21) + 3, 3)
    elif code in (33, 34, 35, 36):
        start, months = (3 * (code - 33) + 1, 3)
    else:
        raise ValueError(f"{month} is no month, season or quarter")
    end = count + (start + months > 12 and start == 12), (start + months - 2) % 12 + 1
    return _day_number(count, start, 1), _day_number(
        end[0], end[1], monthrange(2000 + end[0] % 400, end[1])[1]
    )


def _day_number(year: int, month: int, day: int) -> int:
    """Return the proleptic Gregorian ordinal, years of any sign."""
    before = year - 1
    leap = month > 2 and (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    days = 365 * before + before // 4 - before // 100 + before // 400
    return days + _DAYS_BEFORE_MONTH[month - 1] + leap + day


def is_edtf(text: str) -> bool:
    """Return whether a text is a date in EDTF as ``days_of`` knows it."""
    if len(text) > _LONGEST:
        return False
    try:
        days_of(text)
    except ValueError:
        return False
    return True


def in_order(start: str, end: str) -> bool:
    """Return whether an interval begins before it ends; one end, not both, may be open."""
    if start == ".." or end == "..":
        return start != end
    first, last = days_of(start), days_of(end)
    return first[0] < last[0] if first and last else first is last and start < end
