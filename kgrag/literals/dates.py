"""Calendar dates as English and Russian write them, to EDTF.

A date is read by its shape: each token has a class (a day, a month, a year, a century ...) and the
string of classes chooses what is made of them. A surface of which one token is not understood has
no date. Where the surface leaves a choice ("03/04/2020") it has none either: no guess.

Dates are as written: Old Style is not converted. A date that "since" or «с» introduces is that date
(the relation says that something began); "before" and "after" give an open interval.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kgrag.literals.date_words import Piece, date_pieces
from kgrag.literals.edtf import in_order, is_edtf

_YEAR_AND_TWO_DIGITS = re.compile(r"(\d\d)(\d\d)-(\d\d)", re.ASCII)
_WHOLE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class _Date:
    """A date as far as a surface says it: ``year`` in EDTF, ``month`` also a season or quarter.

    ``bare`` is a number of which the other end of an interval says what it counts.
    """

    year: str | None = None
    month: int | None = None
    day: int | None = None
    bare: int | None = None


def read_date(surface: str, *, russian: bool) -> str | None:
    """Return the EDTF value of a calendar date, or None where the surface has none."""
    stripped = surface.strip()
    if is_edtf(stripped):
        short = _YEAR_AND_TWO_DIGITS.fullmatch(stripped)
        return None if short and short[3] > short[2] else stripped  # 2008-09: or both years?
    return _signed(date_pieces(surface, russian=russian))


def _signed(pieces: list[Piece]) -> str | None:
    """Read "about", "before", "after", "early" and what they stand before."""
    if any(kind == "r" for kind, _ in pieces):  # «вчера, 16 августа 2016 года» says the date too
        date = _signed([piece for piece in pieces if piece[0] != "r"])
        return date if date and _WHOLE.fullmatch(date) else None
    sign = ""
    while pieces and pieces[0][0] in "~<>":
        sign += pieces.pop(0)[0]
    part = ""
    if pieces and pieces[0][0] == "E":
        part = f"{pieces.pop(0)[1]} "
    if len(sign) > 1:
        return None
    value = _interval(pieces) if not part and not sign else None
    point = value or _written(_date(pieces))
    if point is None or (value is None and not is_edtf(point)):
        return None
    if part and len(point) > 7 and "X" not in point:
        return None
    point = part + point + ("~" if sign == "~" else "")
    return {"<": f"../{point}", ">": f"{point}/.."}.get(sign, point)


def _interval(pieces: Sequence[Piece]) -> str | None:
    """Read "A to B", "A-B", "between A and B"; one end lends the other what it leaves out."""
    join = "-"
    if pieces and pieces[0][0] == "|":
        pieces, join = pieces[1:], "&"
    cuts = [at for at, (kind, _) in enumerate(pieces) if kind == join]
    if len(cuts) != 1:
        return None
    first, last = _date(pieces[: cuts[0]]), _date(pieces[cuts[0] + 1 :])
    if first is None or last is None:
        return None
    start, end = _written(_completed(first, last)), _written(_completed(last, first))
    if start is None or end is None or not (is_edtf(start) and is_edtf(end)):
        return None
    return f"{start}/{end}" if in_order(start, end) else None


def _date(pieces: Sequence[Piece]) -> _Date | None:
    shape = "".join(kind for kind, _ in pieces)
    values = [value for _, value in pieces]
    reader = next((read for pattern, read in _SHAPES if pattern.fullmatch(shape)), None)
    return reader(shape, values) if reader else None


def _completed(date: _Date, other: _Date) -> _Date:
    """Fill in from the other end of an interval what this one leaves out."""
    bare = date.bare
    if bare is None:
        month = date.month or (other.month if date.day else None)
        return _Date(date.year or other.year, month, date.day)
    if other.day is not None:
        return _Date(other.year, other.month, bare)
    year = other.year or ""
    if year.endswith("XX"):
        return _century(bare, before_christ=year.startswith("-"))
    if year.endswith("X"):
        return _Date(f"{year[:2]}{bare // 10}X") if bare % 10 == 0 else date
    if other.month is None and year.isdecimal() and bare > int(year) % 100:
        return _Date(f"{year[:2]}{bare:02}")
    return date


def _written(date: _Date | None) -> str | None:
    if date is None or date.bare is not None or (date.day and not date.month):
        return None
    if date.month is None:
        return date.year
    day = f"-{date.day:02}" if date.day else ""
    return f"{date.year or 'XXXX'}-{date.month:02}{day}"


def _century(number: int, *, before_christ: bool) -> _Date:
    return _Date(f"{'-' if before_christ else ''}{number - 1:02}XX" if number else None)


def _whole(shape: str, values: list[int | str]) -> _Date:
    year, month, day = str(values[0]).split("-")
    return _Date(year, int(month), int(day))


def _day_month_year(shape: str, values: list[int | str]) -> _Date:
    named = dict(zip(shape.replace("o", "D"), map(int, values), strict=True))
    year = named.get("Y")
    return _Date(f"{year:04}" if year else None, named.get("M") or named.get("S"), named.get("D"))


def _quarter(shape: str, values: list[int | str]) -> _Date:
    return _Date(f"{int(values[2]):04}", 32 + int(values[0]))


def _year_in_era(shape: str, values: list[int | str]) -> _Date:
    year = next(int(value) for kind, value in zip(shape, values, strict=True) if kind in "DY")
    return _Date((f"-{year - 1:04}" if year > 1 else "0000") if "b" in shape else f"{year:04}")


def _decade(shape: str, values: list[int | str]) -> _Date:
    year = int(values[0])
    if year < 100:  # the 90s are the 1990s; the 10s and 20s are of either century
        year = year + 1900 if year >= 30 else 0
    # "the 1900s" are ten years or a hundred, «1900-е годы» ten, and the 2000s had but ten so far.
    is_clear = year % 100 or year == 2000 or shape == "Ty"
    return _Date(f"{year // 10:03}X") if year and is_clear else _Date()


def _of_century(shape: str, values: list[int | str]) -> _Date:
    return _century(int(values[0]), before_christ="b" in shape)


def _number(shape: str, values: list[int | str]) -> _Date:
    return _Date(bare=int(values[0]))


_SHAPES: tuple[tuple[re.Pattern[str], Callable[[str, list[int | str]], _Date]], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        ("Ny?", _whole),
        ("[Do]?MYy?|M[Do]Y|YM[Do]?|yYM[Do]|[Do]M|M[Do]?|[Do]Y|SYy?|S|YS|y?Yy?", _day_month_year),
        ("[Do]QYy?", _quarter),
        ("[DY]y?b|[DY]y?a|a[DY]|by?Y", _year_in_era),
        ("Ty?", _decade),
        ("[Do]c[ab]?", _of_century),
        ("[Do]", _number),
    )
)
