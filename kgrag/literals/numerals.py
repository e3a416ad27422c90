"""Numbers and ordinals as English and Russian write them, in digits and in words, to exact values.

A text becomes tokens, and a number is read from a position in them. Values are fractions, so that
«треть» and "1/3" are one value. Russian numerals have few forms, so that a table of stems and a set
of endings read them all, without a dictionary: «семью», which is also a form of "family", is 7.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kgrag.literals.numeral_words import (
    BARE_AFTER_LIMIT,
    BARE_SCALES,
    CARDINALS,
    COUNTED,
    HALVES,
    LONE_PARTS,
    PARTS,
    PREFIX,
    PREFIXES,
    RUSSIAN_ENDINGS,
    SCALES,
)

Tokens = Sequence[str]

MAX_SURFACE_CHARS = 200
"""A longer surface has no value: it is no literal, and cost stays bounded."""

MAX_DIGITS = 30
_TOKEN = re.compile(
    r"\d{1,3}(?: \d{3})+(?!\d)(?:[.,]\d+)?"
    r"|\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?"
    r"|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}(?!\d)"
    r"|\d{1,3}(?:'\d{3})+(?!\d)"
    r"|\d+(?:[.,]\d+)?|[^\W\d_]+|[^\w\s]"
)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-") | dict.fromkeys("’‘ʼ`´", "'"))
_VULGAR = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}

CARDINAL_SUFFIXES = frozenset("ти и х ми мя ю ух ех".split())
"""What may follow digits and leave them a cardinal: «5-ти», «3-х»."""


@dataclass(frozen=True, slots=True)
class Found:
    """A number read from tokens: ``end`` is the index behind it.

    ``scale`` is the scale word it ends with (``5 million``: 10**6), else 1; ``as_written`` the part
    before that scale (5), by which the first number of "5-10 million" is recognised.
    """

    value: Fraction
    end: int
    scale: int = 1
    as_written: Fraction = Fraction(0)


def plain(surface: str) -> str:
    """Return a surface in lower case, NFKC, ё as е, with one kind of dash, quote and space."""
    for char, fraction in _VULGAR.items():
        if char in surface:
            surface = surface.replace(char, f" {fraction}")
    text = unicodedata.normalize("NFKC", surface).translate(_DASHES).lower().replace("ё", "е")
    return " ".join(text.replace("&nbsp;", " ").split())


def tokens_of(text: str) -> list[str]:
    """Return the numbers, words and signs of a plain text; a grouped number is one token."""
    return _TOKEN.findall(text)


def russian_lookup(table: Mapping[str, str | int], word: str) -> str | int | None:
    """Return the value of a word, or of its stem where an ending of Russian inflection follows."""
    if word in table:
        return table[word]
    for cut in range(1, 5):
        if word[-cut:] in RUSSIAN_ENDINGS and word[:-cut] in table:
            return table[word[:-cut]]
    return None


def digits_value(token: str, *, russian: bool) -> Fraction | None:
    """Return the value of a token of digits; None where its separator could mean either thing.

    ``1,234`` is a thousand in English and a little over one in Russian, but nobody writes
    ``1,000`` for one; ``1.234`` is decimal in English and in Russian nobody knows.
    """
    if len(token) > MAX_DIGITS or not token[0].isdecimal():
        return None
    if token.isdecimal():
        return Fraction(int(token))
    text = token.replace(" ", "").replace("'", "")
    commas, points = text.count(","), text.count(".")
    grouped = re.fullmatch(r"[1-9]\d{0,2}[,.]\d{3}", text) is not None and " " not in token
    if commas and points:
        thousands = "," if text.index(",") < text.index(".") else "."
        text = text.replace(thousands, "")
    elif commas > 1 or points > 1:
        text = text.replace(",", "").replace(".", "")
    elif grouped and points and russian:
        return None
    elif grouped and commas and (not russian or text.endswith("000")):
        text = text.replace(",", "")
    return Fraction(text.replace(",", "."))


def read_number(
    tokens: Tokens, start: int, *, russian: bool, after_limit: bool = False
) -> Found | None:
    """Read the number that starts at a token, as far as it goes; None where none starts there.

    Parameters
    ----------
    tokens:
        As of ``tokens_of``.
    start:
        Index of the first token.
    russian:
        Whether a comma stands before decimals.
    after_limit:
        Whether "more than" or the like stands before: «более тысячи» is 1000, «тысячи» is not.
    """
    part = _part(tokens, start)
    if part is not None:
        return _scaled(tokens, part)
    total, last_scale, at = Fraction(0), 10**18, start
    while True:
        group = _group(tokens, at, russian=russian)
        end = at if group is None else group.end
        word = tokens[end] if end < len(tokens) else ""
        scale = _scale(word)
        if scale is None or scale >= last_scale:
            break
        if group is None:
            one = word in BARE_SCALES or (after_limit and word in BARE_AFTER_LIMIT)
            if not one or at != start:
                break
        count = group.value if group else Fraction(1)
        total, last_scale, at = total + count * scale, scale, end + 1
        at += at < len(tokens) and tokens[at] == "." and word in ("тыс", "млн", "млрд", "трлн")
        after = _and_number(tokens, at)
        if after is None:
            return Found(total, at, scale, count)
        at = after
    if group is None or (last_scale < 10**18 and group.value >= last_scale):
        return None if at == start else Found(total, at, last_scale)
    return Found(total + group.value, group.end, 1, group.value)


def compound_value(word: str) -> tuple[int, str] | None:
    """Split «сорокатрехлетней» into 43 and «летней»; None where no numeral begins the word."""
    total, rest, last = 0, word, 10**9
    while True:
        found = PREFIX.match(rest)
        if found is None or not _fits(total, PREFIXES[found.group()], last):
            break
        last = PREFIXES[found.group()]
        total, rest = total + last, rest[found.end() :]
    return (total, rest) if total and rest else None


def written(value: Fraction) -> str:
    """Return a value in digits: decimals where they end within twelve places, else a fraction."""
    places = next((n for n in range(13) if (value * 10**n).denominator == 1), None)
    if places is None:
        return f"{value.numerator}/{value.denominator}"
    whole = str(abs(int(value * 10**places))).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{whole[:-places]}.{whole[-places:]}" if places else whole)


def _fits(total: int, value: int, last: int) -> bool:
    return value < 10 ** (len(str(last)) - 1) if total else value < last


def _group(tokens: Tokens, start: int, *, russian: bool) -> Found | None:
    """Read a number under a thousand in words, or one token of digits."""
    if start >= len(tokens):
        return None
    if tokens[start][0].isdecimal():
        return _digits(tokens, start, russian=russian)
    if tokens[start] in HALVES:
        return Found(Fraction(3, 2), start + 1)
    group, at = Fraction(0), start
    if (
        tokens[start] in ("a", "an")
        and tokens[start + 1 : start + 2]
        and tokens[start + 1] in COUNTED
    ):
        group, at = Fraction(1), start + 1
    while at < len(tokens):
        value = CARDINALS.get(tokens[at])
        if tokens[at] == "hundred" and 1 <= group < 100:
            group *= 100
        elif value is not None and (at == start or _joins(group, value)):
            group += value
        else:
            break
        at += 1
        at += _goes_on(tokens, at, group)
    return _with_half(tokens, Found(group, at)) if at > start else None


def _goes_on(tokens: Tokens, at: int, group: Fraction) -> bool:
    """Return whether a dash or an "and" stands within a number: twenty-one, hundred and one."""
    follows = CARDINALS.get(tokens[at + 1]) if at + 1 < len(tokens) else None
    if follows is None or group < 20 or not _joins(group, follows):
        return False
    return tokens[at] == "-" or (tokens[at] == "and" and group % 100 == 0)


def _joins(group: Fraction, value: Fraction) -> bool:
    if group % 100 == 0:
        return 0 < value < 100 and group > 0
    return group % 10 == 0 and group % 100 >= 20 and 0 < value < 10


def _digits(tokens: Tokens, start: int, *, russian: bool) -> Found | None:
    value = digits_value(tokens[start], russian=russian)
    if value is None:
        return None
    at = start + 1
    if _is(tokens, at, "/") and at + 1 < len(tokens) and tokens[at + 1].isdecimal():
        below = int(tokens[at + 1][:MAX_DIGITS])
        return Found(value / below, at + 2) if below else None
    if at + 2 < len(tokens) and tokens[at].isdecimal() and tokens[at + 1] == "/":
        rest = _digits(tokens, at, russian=russian)
        return Found(value + rest.value, rest.end) if rest and rest.value < 1 else None
    if _is(tokens, at, "-") and at + 1 < len(tokens) and tokens[at + 1] in CARDINAL_SUFFIXES:
        at += 2
    return _with_half(tokens, Found(value, at))


def _with_half(tokens: Tokens, found: Found) -> Found:
    words = [token for token in tokens[found.end : found.end + 6] if token != "-"]
    for half in (["and", "a", "half"], ["с", "половиной"]):
        if words[: len(half)] == half:
            end, left = found.end, len(half)
            while left:
                left -= tokens[end] != "-"
                end += 1
            return Found(found.value + Fraction(1, 2), end)
    return found


def _part(tokens: Tokens, start: int) -> Found | None:
    """Read a part of one: ``half``, «четверть», ``two thirds``, «три четверти»."""
    word = tokens[start] if start < len(tokens) else ""
    if word in LONE_PARTS:
        return Found(1 / LONE_PARTS[word], start + 1)
    count = Fraction(1) if word == "a" else CARDINALS.get(word)
    at = start + 1
    at += _is(tokens, at, "-")
    below = PARTS.get(tokens[at]) if at < len(tokens) else None
    return Found(count / below, at + 1) if count is not None and below is not None else None


def _scaled(tokens: Tokens, part: Found) -> Found:
    """Return «четверть миллиона» and "half a million" where a scale follows the part."""
    at = part.end
    while at < len(tokens) and tokens[at] in ("a", "of"):
        at += 1
    scale = _scale(tokens[at]) if at < len(tokens) else None
    if scale is None:
        return part
    return Found(part.value * scale, at + 1, scale, part.value)


def _scale(word: str) -> int | None:
    value = russian_lookup(SCALES, word)
    return None if value is None or not word else int(value)


def _and_number(tokens: Tokens, at: int) -> int | None:
    """Return where the rest of a number goes on behind a scale, or None."""
    if _is(tokens, at, "and") or _is(tokens, at, ","):
        at += 1
        ok = at < len(tokens) and tokens[at] in CARDINALS
        return at if ok else None
    return at if at < len(tokens) and (tokens[at] in CARDINALS or _continues(tokens[at])) else None


def _continues(token: str) -> bool:
    return token.isdecimal() and len(token) <= 3


def _is(tokens: Tokens, at: int, token: str) -> bool:
    return at < len(tokens) and tokens[at] == token
