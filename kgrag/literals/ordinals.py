"""Ordinals as English and Russian write them: ``3rd``, «3-го», ``twenty-first``, ``XXI``."""

import re
from fractions import Fraction

from kgrag.literals.numeral_words import (
    CARDINALS,
    ENGLISH_CARDINALS,
    FIVE_TO_THIRTY,
    RUSSIAN_ENDINGS,
)
from kgrag.literals.numerals import MAX_DIGITS, Found, Tokens

ORDINAL_SUFFIXES = frozenset(
    "st nd rd th й я е ый ой ий ая ое ые ого го его му ому м ом ым х ых ми ыми ю ую ей".split()
)
"""What may follow digits to make them an ordinal: ``3rd``, «3-го»."""

_ROMAN = re.compile(r"(?=[ivx])(x{0,3})(ix|iv|v?i{0,3})")
_CYRILLIC_LOOKALIKES = str.maketrans("хі", "xi")

_ORDINAL_STEMS = {
    "перв": 1, "втор": 2, "трет": 3, "четверт": 4, "пят": 5, "шест": 6, "седьм": 7, "восьм": 8,
    "девят": 9, "сороков": 40, "пятидесят": 50, "шестидесят": 60, "семидесят": 70,
    "восьмидесят": 80, "девяност": 90, "сот": 100, "двухсот": 200, "трехсот": 300, "тысячн": 1000,
} | {stem: count for stem, count in FIVE_TO_THIRTY.items() if stem != "сем"}  # fmt: skip
_ORDINAL_ENDINGS = frozenset(
    "ый ий ой ая яя ое ее ые ие ого его ому ему ым им ом ую юю ых их ыми ими ей".split()
)
_ENGLISH_ORDINALS = {
    **{f"{word}th": int(value) for word, value in ENGLISH_CARDINALS.items()},
    **{
        f"{word[:-1]}ieth": int(value)
        for word, value in ENGLISH_CARDINALS.items()
        if word[-2:] == "ty"
    },
    "first": 1,
    "second": 2,
    "third": 3,
    "fifth": 5,
    "eighth": 8,
    "ninth": 9,
    "twelfth": 12,
    "hundredth": 100,
    "thousandth": 1000,
}


def read_ordinal(tokens: Tokens, start: int) -> Found | None:
    """Read an ordinal: ``3rd``, «3-го», ``twenty-first``, «двадцать первый», ``XXI``."""
    if start >= len(tokens):
        return None
    token = tokens[start]
    if token.isdecimal() and len(token) <= MAX_DIGITS:
        at = start + 1
        at += at < len(tokens) - 1 and tokens[at] == "-"
        if at < len(tokens) and tokens[at] in ORDINAL_SUFFIXES:
            return Found(Fraction(token), at + 1)
        return None
    if (value := _ordinal_word(token)) is not None:
        return Found(Fraction(value), start + 1)
    if (value := roman_value(token)) is not None:
        return Found(Fraction(value), start + 1)
    base = CARDINALS.get(token)
    after = start + 1
    after += after < len(tokens) and tokens[after] == "-"
    if base is None or base < 20 or after >= len(tokens):
        return None
    rest = read_ordinal(tokens, after) if not tokens[after].isdecimal() else None
    if rest is None or roman_value(tokens[after]) is not None:
        return None
    fits = rest.value < (10 if base < 100 else 100)
    return Found(base + rest.value, rest.end) if fits else None


def roman_value(token: str) -> int | None:
    """Return the value of a Roman numeral up to 39, in any case, Cyrillic х for X; else None."""
    text = token.translate(_CYRILLIC_LOOKALIKES)
    found = _ROMAN.fullmatch(text)
    if not found or token == "х":
        return None
    units = {"": 0, "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8}
    return 10 * len(found.group(1)) + (units | {"ix": 9})[found.group(2)]


def _ordinal_word(word: str) -> int | None:
    if word in _ENGLISH_ORDINALS:
        return _ENGLISH_ORDINALS[word]
    if word.startswith("треть"):
        return 3 if word[4:] in RUSSIAN_ENDINGS and word != "треть" else None
    for cut in range(2, 5):
        if word[-cut:] in _ORDINAL_ENDINGS and word[:-cut] in _ORDINAL_STEMS:
            return _ORDINAL_STEMS[word[:-cut]]
    return None
