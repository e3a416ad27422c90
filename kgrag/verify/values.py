"""The numbers, dates and amounts of a text, each as a value (``kgrag.literals``) with its place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from indexes.text import language_of
from kgrag.literals import Literal, read_literal
from kgrag.verify.words import MAX_TEXT_CHARS, is_cyrillic

MAX_TOKENS = 6
"""Longest value that is looked for, in tokens: "the 17th of November 1796"."""

_TOKEN = re.compile(
    r"\d{4}-\d\d-\d\d(?!\d)|\d{1,2}[./]\d{1,2}[./]\d{4}(?!\d)"
    r"|[$€£¥₽]|\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?!\d)(?:\.\d+)?"
    r"|\d+(?:[.,]\d+)?(?:-?(?:st|nd|rd|th)\b|-?(?:го|й|м|му|я|ю|е|х|ти|ой|ая|ое|ого|ом)\b)?"
    r"|[^\W\d_]+|[%½¼¾⅓⅔°]|[-–—/.,]"
)
_NUMBER_WORDS = frozenset(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred"
    " hundreds thousand million billion trillion half third quarter dozen twice"
    " second fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
    " fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split()
)
_RUSSIAN_NUMBER = re.compile(
    r"(?:пол(?:миллион|миллиард|тысяч|тор)[а-я]*|дв(?:а|е|ух|ум|умя|ое|оих)|тр(?:и|ех|ем|емя|ое)|четыр(?:е|ех|ем|ьмя)|четверо|пят(?:ь|и|ью|еро)"
    r"|шест(?:ь|и|ью|еро)|сем(?:ь|и|ью|еро)|вос(?:емь|ьми|емью)|девят(?:ь|и|ью)|десят(?:ь|и|ью|ок)"
    r"|(?:один|две|три|четыр|пят|шест|сем|восем|девят)надцат(?:ь|и|ью|ый|ого|ом|ая|ой|ую|ое|ые|ых)"
    r"|(?:два|три)дцат(?:ь|и|ью|ый|ого|ом|ая|ой|ую)|сорок[а-я]*"
    r"|(?:пят|шест|сем|восем)ьдесят|(?:пяти|шести|семи|восьми)десят[а-я]*|девяност[а-я]*"
    r"|сто|ста|двест[а-я]|двухсот[а-я]*|трист[а-я]|четырест[а-я]|(?:пят|шест|сем|восем|девят)ьсот"
    r"|тысяч[а-я]*|миллион[а-я]*|миллиард[а-я]*|млн|млрд|тыс|половин[ауы]|треть|четверть"
    r"|втор(?:ой|ого|ом|ая|ую|ое|ому|ым)|трет(?:ий|ьего|ьем|ья|ью|ье|ьей|ьему)"
    r"|четверт(?:ый|ого|ом|ая|ой|ую|ое)|пят(?:ый|ого|ом|ая|ой|ую|ое)|шест(?:ой|ого|ом|ая|ую|ое)"
    r"|седьм(?:ой|ого|ом|ая|ую|ое)|восьм(?:ой|ого|ом|ая|ую|ое)|девят(?:ый|ого|ом|ая|ой|ую|ое)"
    r"|десят(?:ый|ого|ом|ая|ой|ую|ое))"
)
_MONTH = re.compile(
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
    r"|январ[а-я]*|феврал[а-я]*|март[а-я]?|апрел[а-я]*|июн[а-я]|июл[а-я]|август[а-я]?|сентябр[а-я]*"
    r"|октябр[а-я]*|ноябр[а-я]*|декабр[а-я]*)"
)
_STARTS = frozenset("$ € £ ¥ early mid late May начале конце середине начала конца".split())
_LIMITS = frozenset(
    "about around approximately nearly almost more over less fewer under at roughly"
    " около примерно приблизительно почти более больше менее меньше свыше".split()
)
"""What may stand before a number and be part of the value, as "more than" is."""

_TYPES = ("money", "percent", "date", "number", "ordinal")
_LONE_NUMBER = re.compile(r"\d{1,3}")
"""Hardly a year."""

_DAYS = re.compile(r"(\d+) дня$")
"""«3 дня» is three days; read as a time of day it would be three in the afternoon."""

_AMBIGUOUS_ENDS = frozenset(", . the a of in и в".split())
_JOINS = frozenset(
    "- – — / to till until on in at from since for during by до по в во на с за к от".split()
)
"""The ends of an interval are values of their own: "1905 – 1986", "from 10 to 32 %"."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value, as it is written at [start, end), and the token that follows it, lower case."""

    literal: Literal
    text: str
    start: int
    end: int
    counted: str


@lru_cache(maxsize=4_096)
def values_of(text: str) -> tuple[Value, ...]:
    """Return the values that a text states, in order; "one" and "first" are too common to count."""
    text = text[:MAX_TEXT_CHARS]
    tokens = list(_TOKEN.finditer(text))
    russian = language_of(text) == "ru"
    found: list[Value] = []
    at = 0
    while at < len(tokens):
        value = _longest(text, tokens, at, russian=russian) if _may_start(tokens, at) else None
        if value is None:
            at += 1
            continue
        found.append(value)
        while at < len(tokens) and tokens[at].start() < value.end:
            at += 1
    return tuple(found)


def _may_start(tokens: Sequence[re.Match[str]], at: int) -> bool:
    token = tokens[at].group()
    lower = token.lower().replace("ё", "е")
    if lower in _LIMITS and not (at and tokens[at - 1].group().lower() in ("one", "один")):
        return any(t.group()[0].isdigit() for t in tokens[at + 1 : at + 4])
    if token[0].isdigit() or lower in _NUMBER_WORDS or token in _STARTS or token in "½¼¾⅓⅔":
        return True
    if is_cyrillic(lower):
        return bool(_RUSSIAN_NUMBER.fullmatch(lower) or _MONTH.fullmatch(lower))
    follows = tokens[at + 1].group() if at + 1 < len(tokens) else ""
    is_month = _MONTH.fullmatch(lower) is not None and token[0].isupper()
    return is_month or (token == "a" and follows in _NUMBER_WORDS - {"second", "third"})


def _longest(text: str, tokens: Sequence[re.Match[str]], at: int, *, russian: bool) -> Value | None:
    """Return the value of the longest run of tokens from here that is one."""
    for size in range(min(MAX_TOKENS, len(tokens) - at), 0, -1):
        last = tokens[at + size - 1]
        inner = {token.group().lower() for token in tokens[at + 1 : at + size]}
        if inner & _JOINS and not _is_hyphenated(text, tokens[at : at + size]):
            continue
        if size > 1 and last.group().lower() in _AMBIGUOUS_ENDS:
            continue
        start, end = tokens[at].start(), last.end()
        if end - start > 60 or "\n" in text[start:end]:
            continue
        literal = _literal(text[start:end], russian=russian)
        if literal is not None:
            counted = tokens[at + size].group().lower() if at + size < len(tokens) else ""
            return Value(literal, text[start:end], start, end, counted)
    return None


def _is_hyphenated(text: str, tokens: Sequence[re.Match[str]]) -> bool:
    """Return whether words, not numbers, are joined by a hyphen: "twenty-one", "mid-1950s"."""
    joined = text[tokens[0].start() : tokens[-1].end()]
    return not tokens[0].group()[0].isdigit() and " " not in joined and "-" in joined


@lru_cache(maxsize=50_000)
def _literal(surface: str, *, russian: bool) -> Literal | None:
    surface = _DAYS.sub(r"\1 дней", surface)
    measured = read_literal(surface, "number", russian=russian)
    if measured is not None and (measured.unit is not None or _LONE_NUMBER.fullmatch(surface)):
        return measured
    for type_ in _TYPES:
        literal = read_literal(surface, type_, russian=russian)
        if literal is not None:
            return literal
    return None
