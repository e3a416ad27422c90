"""Numbers with what they count: money, percentages, ages, durations, lengths, weights and more.

A quantity is a limit ("more than"), a number or two ("10-15"), and a unit; a surface of which one
token is none of these has no value: "50 votes" is not the number 50. Units are not converted, only
named by their symbol: "5 km" stays apart from "5000 m", which says how exact the text is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from kgrag.literals.durations import Quantity, read_duration, skipped
from kgrag.literals.numeral_words import SCALES
from kgrag.literals.numerals import (
    Found,
    Tokens,
    plain,
    read_number,
    russian_lookup,
    tokens_of,
    written,
)
from kgrag.literals.units import (
    AFTER_CURRENCY,
    BEFORE_AMOUNT,
    CUBIC,
    CURRENCIES,
    DOLLARS,
    HUNDREDTHS,
    NATIONAL_CURRENCIES,
    PERCENTS,
    SHORT_SCALES,
    SQUARE,
    TIME_UNITS,
    UNITS,
)

_LIMITS = {
    phrase: sign
    for sign, phrases in {
        ">": ">|more than|over|above|greater than|in excess of|больше чем|более чем|более|больше"
        "|свыше|выше|старше",
        ">=": "> =|at least|no less than|no fewer than|не менее чем|не менее|не меньше|как минимум"
        "|минимум|по меньшей мере|по крайней мере|не младше|не моложе|не ниже",
        "<": "<|less than|fewer than|under|below|менее чем|менее|меньше чем|меньше|младше|моложе"
        "|ниже",
        "<=": "< =|up to|at most|no more than|not more than|не более чем|не более|не больше"
        "|не старше|не выше|до|максимум",
        "~": "~|about|around|approximately|approx|roughly|nearly|almost|some|circa|ca|около"
        "|примерно|приблизительно|почти|порядка",
    }.items()
    for phrase in phrases.split("|")
}
_LONGEST_LIMIT = 3
_NOISE = frozenset(
    "в во на с со от за из по течение течении всего аж сумму сумма размере"
    " of at by to for a an the just only".split()
)
_DEGREES = frozenset("c f celsius fahrenheit".split())
_INTERVAL_STARTS = frozenset("от с from between между".split())
_INTERVAL_JOINS = frozenset("- to до and и по".split())


def read_quantity(surface: str, type_: str, *, russian: bool) -> Quantity | None:
    """Return the quantity that a surface says, or None.

    Parameters
    ----------
    surface:
        The surface of a mention.
    type_:
        ``date``, ``time``, ``age``, ``number``, ``money`` or ``percent``: what the text is thought
        to speak of. A unit that tells otherwise ("5 %") prevails.
    russian:
        Whether a comma stands before decimals.
    """
    sign, tokens = _limited(_tokens(surface))
    while True:
        found = read_duration(tokens, type_, russian=russian)
        found = found or _counted(tokens, type_, russian=russian, limited=sign != "")
        if found:
            has_both = sign and ".." in found.value
            return None if has_both else replace(found, value=sign + found.value)
        if not tokens or tokens[0] not in _NOISE:
            return None
        tokens = tokens[1:]


def _tokens(surface: str) -> list[str]:
    """Return the tokens of a surface, «полчаса» as half and hour."""
    tokens: list[str] = []
    for token in tokens_of(plain(surface)):
        rest = token.removeprefix("пол").removeprefix("-")
        halved = rest != token and any(
            russian_lookup(table, rest) is not None for table in (TIME_UNITS, UNITS, SCALES)
        )
        tokens += ["половина", rest] if halved else [token]
    return tokens


def _limited(tokens: Tokens) -> tuple[str, Tokens]:
    """Cut off "more than" and the like, and what may stand before it."""
    start = tokens
    while True:
        for size in range(_LONGEST_LIMIT, 0, -1):
            sign = _LIMITS.get(" ".join(start[:size]))
            if sign is not None:
                return sign, start[size:]
        if not start or start[0] not in _NOISE:
            return "", tokens
        start = start[1:]


@dataclass(frozen=True, slots=True)
class _Side:
    """One number of a quantity, with its unit where it has its own."""

    number: Found
    type: str | None
    unit: str | None
    end: int


def _counted(tokens: Tokens, type_: str, *, russian: bool, limited: bool) -> Quantity | None:
    start = 1 if tokens and tokens[0] in _INTERVAL_STARTS else 0
    left = _side(tokens, start, type_, russian=russian, limited=limited or start == 1)
    if left is None:
        return None
    if left.end == len(tokens):
        return _quantity(type_, left, written(left.number.value))
    joined = _after_join(tokens, left.end)
    if joined is None or (tokens[left.end] in ("and", "и") and not start):
        return None
    right = _side(tokens, joined, type_, russian=russian, limited=True)
    if right is None or right.end != len(tokens):
        return None
    if right.unit is None and left.type == "money":  # "$5-10 million"
        right = replace(right, type=left.type, unit=left.unit)
    if left.unit not in (None, right.unit):
        return None
    low, high = left.number.value, right.number.value
    if left.number.scale == 1 and right.number.scale > 1 and low <= right.number.as_written:
        low *= right.number.scale
    return _quantity(type_, right, f"{written(low)}..{written(high)}") if low < high else None


def _after_join(tokens: Tokens, at: int) -> int | None:
    if tokens[at] in _INTERVAL_JOINS:
        return at + 1
    return at + 2 if list(tokens[at : at + 2]) == [".", "."] else None


def _quantity(type_: str, side: _Side, value: str) -> Quantity | None:
    if side.type is not None:
        return Quantity(side.type, value, side.unit)
    if type_ == "age":
        return Quantity(type_, "..".join(f"P{part}Y" for part in value.split("..")))
    return Quantity(type_, value) if type_ == "number" else None


def _side(tokens: Tokens, start: int, type_: str, *, russian: bool, limited: bool) -> _Side | None:
    """Read ``$5 million``, ``5 km``, «5 млн рублей», ``12 %`` from a token on."""
    currency, at = _sign_before(tokens, start)
    minus = at < len(tokens) and tokens[at] in ("-", "minus", "минус")
    at += minus
    number = read_number(tokens, at, russian=russian, after_limit=limited)
    if number is None and at < len(tokens) - 1 and tokens[at] in ("a", "an"):
        number = Found(Fraction(1), at + 1)
    if number is None:
        return None
    if minus:
        number = Found(-number.value, number.end)
    if currency and russian and number.scale == 1 and re.fullmatch(r"\d+,\d{3}", tokens[at]):
        return None  # «$1,234»: nobody knows whose comma it is
    at = number.end
    short = SHORT_SCALES.get(tokens[at]) if at < len(tokens) else None
    if short and (currency or type_ == "money") and number.scale == 1:
        number, at = Found(number.value * short, at + 1, short, number.value), at + 1
    if currency:
        return _Side(number, "money", currency, at)
    return _with_unit(tokens, number, at, type_)


def _sign_before(tokens: Tokens, at: int) -> tuple[str | None, int]:
    """Return the currency that stands before an amount, and where the amount starts."""
    if tuple(tokens[at + 1 : at + 2]) == ("$",) and tokens[at] in DOLLARS:
        return DOLLARS[tokens[at]], at + 2
    if at < len(tokens) and tokens[at] in BEFORE_AMOUNT:
        return str(CURRENCIES[tokens[at]]), at + 1
    return None, at


def _with_unit(tokens: Tokens, number: Found, at: int, type_: str) -> _Side:
    after = at + skipped(tokens, at)
    word = tokens[after] if after < len(tokens) else ""
    if word == "per" and tokens[after + 1 : after + 2] == ["cent"]:
        return _Side(number, "percent", "%", after + 2)
    if russian_lookup(PERCENTS, word):
        return _Side(number, "percent", "%", after + 1)
    money = _currency(tokens, after, type_)
    if money:
        code, share, end = money
        return _Side(replace(number, value=number.value * share), "money", code, end)
    unit, end = _unit(tokens, after)
    if unit:
        return _Side(number, "number", unit, end)
    return _Side(number, None, None, at)


def _currency(tokens: Tokens, at: int, type_: str) -> tuple[str, Fraction, int] | None:
    """Return the code, the share of the main unit, and where the name of a currency ends."""
    word = tokens[at] if at < len(tokens) else ""
    following = tokens[at + 1] if at + 1 < len(tokens) else ""
    for adjectives, nouns, code in NATIONAL_CURRENCIES:
        if _is_form(word, adjectives) and _is_form(following, nouns):
            return code, Fraction(1), at + 2
    cents = _lookup(HUNDREDTHS, word)
    found = cents or _lookup(CURRENCIES, word)
    if found is None or (found == "GBP" and type_ != "money" and following not in AFTER_CURRENCY):
        return None
    end = at + 1
    while end < len(tokens) and (tokens[end] in AFTER_CURRENCY or tokens[end] == "."):
        end += 1
    return str(found), Fraction(1, 100 if cents else 1), end


def _unit(tokens: Tokens, at: int) -> tuple[str, int]:
    """Return the symbol of a unit of measure and where it ends; "" where there is none."""
    word = tokens[at] if at < len(tokens) else ""
    power = _lookup(SQUARE, word) or _lookup(CUBIC, word)
    at += power is not None
    at += power is not None and tokens[at : at + 1] == ["."]
    unit = _lookup(UNITS, tokens[at]) if at < len(tokens) else None
    if unit is None:
        return "", at
    at += 1
    if unit == "°":
        scale = tokens[at] if at < len(tokens) and tokens[at] in _DEGREES else ""
        return f"°{scale[:1].upper()}", at + bool(scale)
    if power is None and tokens[at : at + 1] in (["2"], ["3"]):
        power, at = tokens[at], at + 1
    elif tokens[at : at + 1] == ["/"] and at + 1 < len(tokens):
        per = {"h": "h", "ч": "h", "s": "s", "с": "s"}.get(tokens[at + 1])
        return (f"{unit}/{per}", at + 2) if per else ("", at)
    at += tokens[at : at + 1] == ["."]
    return f"{unit}{power or ''}", at


def _lookup(table: Mapping[str, str | int], word: str) -> str | int | None:
    found = russian_lookup(table, word)
    if found is None and word.isascii() and len(word) > 2:
        return table.get(word.removesuffix("s"))
    return found


def _is_form(word: str, stems: Sequence[str]) -> bool:
    return _lookup(dict.fromkeys(stems, 1), word) is not None
