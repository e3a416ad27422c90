"""What each token of a date says: its class, by which ``read_date`` knows the shape of the date.

Classes: N a whole date, Y a year, D a number of two digits, o an ordinal, T a decade, M a month,
S a season, Q, c, y the words quarter, century, year; a, b an era; E early, mid, late; ~ < > about,
before, after; - a join, & "and", | "between"; r a word relative to now; ? what is not understood.
"""

import re
from collections.abc import Sequence

from kgrag.literals.numerals import plain, russian_lookup
from kgrag.literals.ordinals import ORDINAL_SUFFIXES, read_ordinal

Piece = tuple[str, int | str]
"""(class of a token, value)"""

_MONTHS: dict[str, str | int] = {
    name: month
    for month, names in enumerate(
        "january jan январ янв|february feb феврал фев|march mar март мар|april apr апрел апр"
        "|may май ма|june jun июн|july jul июл|august aug август авг"
        "|september sept sep сентябр сент сен|october oct октябр окт|november nov ноябр нояб ноя"
        "|december dec декабр дек".split("|"),
        start=1,
    )
    for name in names.split()
}
_SEASONS = {
    **dict.fromkeys("spring весна весной весны весну весне".split(), 21),
    **dict.fromkeys("summer лето летом лета".split(), 22),
    **dict.fromkeys("autumn fall осень осенью осени".split(), 23),
    **dict.fromkeys("winter зима зимой зимы зиму зиме".split(), 24),
}
_YEARS = frozenset("год года году годом годов годы годах годам г гг year years".split())
_CENTURIES = frozenset(
    "век века веке веком веков веках вв столетие столетия столетии century centuries".split()
)
_QUARTERS = frozenset("quarter квартал квартала квартале".split())
_WEEKDAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday понедельник понедельника вторник"
    " вторника среда среду среды четверг четверга пятница пятницу пятницы суббота субботу субботы"
    " воскресенье воскресенья mon tue tues wed thu thurs fri sat sun".split()
)
_PARTS = {
    **dict.fromkeys("early начало начале начала началу началом beginning".split(), "early"),
    **dict.fromkeys("mid middle середина середине середины середину серединой".split(), "mid"),
    **dict.fromkeys("late конец конце конца концу концом end".split(), "late"),
}
_NOISE = frozenset(
    "the of in on at during from since в во на от с со c за for season seasons сезон сезона сезоне"
    " сезону . , ( ) '".split()
)
_JOINS = frozenset("- / to till until through thru по до".split())
_SIGNS = {
    **dict.fromkeys(
        "about around circa ca approximately около примерно приблизительно".split(), "~"
    ),
    **dict.fromkeys("before by prior until till до к ко".split(), "<"),
    **dict.fromkeys("after после".split(), ">"),
}
_PLURAL_SUFFIXES = frozenset("s е х ые ых ми ым".split())
_ERAS = (
    (re.compile(r"\bдо (?:н\. ?э\.?|нэ\b|нашей эры|р\. ?х\.?|рождества христова)"), " bc "),
    (re.compile(r"\b(?:b\. ?c\. ?e\b\.?|bce\b|b\. ?c\b\.?|bc\b)"), " bc "),
    (re.compile(r"\b(?:н\. ?э\.?|нашей эры|a\. ?d\b\.?|ad\b|c\. ?e\.|ce\b)"), " ad "),
)
_NUMERIC = re.compile(r"(?<![\d.])(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?![\d.]\d)")
_TOKEN = re.compile(r"\d{4}-\d\d-\d\d(?![\d-])|\d+|[^\W\d_]+|[^\w\s]")
_MAX_YEAR = 2999

_RELATIVE = frozenset(
    "yesterday today tomorrow last this next вчера сегодня завтра накануне этот эту это прошлый"
    " прошлую прошлое минувший минувшую минувшее прошедший прошедшую прошедшее ближайший".split()
)
_SAYS = frozenset("NYDToMSE")


def date_pieces(surface: str, *, russian: bool) -> list[Piece]:
    """Return (class, value) of each token that says something, in order."""
    text = plain(surface)
    for era, mark in _ERAS:
        text = era.sub(mark, text)
    text = _NUMERIC.sub(lambda found: _numeric(found, russian=russian), text)
    return _classified(_TOKEN.findall(text))


def _numeric(found: re.Match[str], *, russian: bool) -> str:
    """Turn 17.11.1796 and 11/17/1796 into ISO; leave out what could be read both ways."""
    first, second, year = int(found[1]), int(found[3]), found[4]
    if found[2] == "." or russian or first > 12 or first == second:
        day, month = first, second
    elif second > 12:
        day, month = second, first
    else:
        return " ambiguous "
    return f" {year}-{month:02}-{day:02} "


def _classified(tokens: Sequence[str]) -> list[Piece]:
    """Return (class, value) of each token that says something; "?" for what is not understood."""
    pieces: list[Piece] = []
    at = 0
    while at < len(tokens):
        sign = _sign(tokens, at, pieces)
        if sign is None:
            piece, at = _number_piece(tokens, at) or (_word_piece(tokens[at]), at + 1)
            pieces.append(piece)
        else:
            pieces += [(sign, 0)] if sign else []
            at += 1
    while pieces and pieces[0][0] == "-":  # «по 2012 год»
        del pieces[0]
    while pieces and pieces[-1][0] == "-":  # "(1993-)"
        del pieces[-1]
    return pieces


def _sign(tokens: Sequence[str], at: int, pieces: Sequence[Piece]) -> str | None:
    """Return the class of a token that is no part of a date, "" if it says nothing, else None."""
    token = tokens[at]
    if token == "c" and tokens[at + 1 : at + 2] == ["."]:  # "c. 1850"; else often «С» in Latin
        return "~"
    if token in _SIGNS and not any(kind in _SAYS for kind, _ in pieces):
        return _SIGNS[token]
    if token in _JOINS:
        after_part = bool(pieces) and pieces[-1][0] == "E"  # mid-1950s
        is_hyphen = token == "-" and (after_part or tokens[at + 1 : at + 2] == ["century"])
        return "" if is_hyphen else "-"
    return "" if token in _NOISE or token in _WEEKDAYS else None


def _number_piece(tokens: Sequence[str], at: int) -> tuple[Piece, int] | None:
    token = tokens[at]
    if not token[0].isdecimal():
        found = read_ordinal(tokens, at)
        return (("o", int(found.value)), found.end) if found else None
    if "-" in token:
        return ("N", token), at + 1
    if len(token) > 4 or int(token) > _MAX_YEAR:
        return ("?", 0), at + 1
    value, after = int(token), at + 1
    after += after < len(tokens) - 1 and tokens[after] in ("-", "'")
    suffix = tokens[after] if after < len(tokens) else ""
    if suffix in _PLURAL_SUFFIXES and value % 10 == 0 and value:
        return (("T", value), after + 1)
    if suffix in ORDINAL_SUFFIXES:
        return (("Y" if value > 99 else "o", value), after + 1)
    return ("Y" if len(token) > 2 else "D", value), at + 1


def _word_piece(word: str) -> Piece:
    if word in _PARTS:
        return "E", _PARTS[word]
    if word in _YEARS:
        return "y", 0
    if word in _CENTURIES:
        return "c", 0
    if word in _QUARTERS:
        return "Q", 0
    if word in _SEASONS:
        return "S", _SEASONS[word]
    if word in _RELATIVE:
        return "r", 0
    if word in ("and", "и", "between", "между"):
        return ("|" if word[-1] in "nу" else "&"), 0
    if word in ("bc", "ad"):
        return word[0], 0
    month = russian_lookup(_MONTHS, word)
    return ("M", month) if month else ("?", 0)
