"""Finds numbers with a unit, ages, ordinals, laws and political wings by regular expressions."""

import re
from collections.abc import Iterator, Sequence

from kgrag.train.weak_places import Span

_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_NUMBER_WORDS = "one two three four five six seven eight nine ten eleven twelve twenty thirty"
_MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
)
_AMOUNT = r"\d[\d,]*(?:\.\d+)?"
_SCALE = r"(?:\s?(?:thousand|million|billion|trillion|bn|m)\b)?"
_CAPITAL = r"[A-Z][\w’-]*"
_NAME = rf"{_CAPITAL}(?:\s(?:of\s(?:the\s)?|and\s(?:the\s)?)?{_CAPITAL}){{0,5}}"

_PATTERNS: Sequence[tuple[str, re.Pattern[str]]] = (
    (
        "money",
        re.compile(
            rf"(?:(?<!\w)(?:(?:US|A|C|AU|CA|NZ|HK)\s?)?[$£€¥]\s?{_AMOUNT}{_SCALE})|"
            rf"(?<![\w$£€.,])(?:{_AMOUNT}|one|two|three|four|five|six|seven|eight|nine|ten)"
            rf"{_SCALE}\s(?:U\.?S\.?\s|American\s|Canadian\s|Australian\s)?"
            r"(?:dollars|euros|roubles|rubles|rupees|francs|Deutschmarks|pounds\ssterling|pesos)\b"
        ),
    ),
    (
        "percent",
        re.compile(
            rf"(?<![\w.,-])(?:{_AMOUNT}|{'|'.join(_NUMBER_WORDS.split())})\s?-?"
            r"(?:%|percent\b|per\scent\b)"
        ),
    ),
    (
        "age",
        re.compile(
            r"(?<![\w.,])(?:1[01]\d|[1-9]?\d|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|"
            r"ninety)(?:-[a-z]{3,5})?|[a-z]{3,5}teen)"
            r"(?:\s?-\s?years?\s?-\s?olds?\b|\syears?\s(?:old\b|of\sage\b))"
        ),
    ),
    (
        "age",
        re.compile(
            r"(?:\b[Aa]ged\s|\b[Aa]t\s(?:the\s)?age\s(?:of\s)?|\bby\sage\s|\b(?:was|is)\saged\s)"
            r"((?:about\s)?(?:1[01]\d|[1-9]?\d)(?:\s(?:and\s(?:a\shalf\s)?)?years)?)"
            r"(?![\w%]|\s?-\s?\d|[.,]\d|\s(?:to|and|or)\s\d|\smonths)"
        ),
    ),
    (
        "age",
        re.compile(
            rf"(?<=[a-z])\s?,\s?([1-9]\d)(?=\s?,\s(?!{_MONTHS})(?:who|an?|of|was|is|has|had|said|"
            r"from|told|died|and\she|and\sshe)\b)"
        ),
    ),
    (
        "law",
        re.compile(
            r"\b(?:(?:First|Second|Third|Fourth|Fifth|Sixth|Eighth|Ninth|Tenth|Thirteenth|"
            r"Fourteenth|Fifteenth|Eighteenth|Nineteenth)\sAmendment\b|"
            r"Treaty\sof\s(?:the\s)?[A-Z][\w-]+(?:-[A-Z]\w+)?(?:\s\d{4})?|Bill\sof\sRights\b|"
            r"Declaration\sof\sIndependence\b|Geneva\sConventions?\b|Magna\sCarta\b|"
            rf"Convention\son\s(?:the\s)?{_NAME}|"
            rf"Constitution\sof\s(?:the\s)?{_CAPITAL}(?:\s{_CAPITAL})*(?:\sof\s{_CAPITAL})?|"
            rf"{_CAPITAL}(?:(?:\sand|\sof|\sof\sthe)?\s{_CAPITAL}){{0,5}}\s"
            r"(?:Act|Treaty|Accords?|Protocol)(?:\sof\s(?:1[6-9]|20)\d\d|\s(?:1[6-9]|20)\d\d)?"
            r"(?!\s?[A-Z\d]|\w))"
        ),
    ),
    ("law", re.compile(r"(?<=\b[Tt]he\s)(?:U\.S\.\s)?Constitution\b(?!\s[A-Z])(?!\sof\b)")),
    (
        "ideology",
        re.compile(
            r"\b(?:[Ll]iberal|[Cc]onservative|[Rr]epublican|[Pp]rogressive|(?:far-|centre-|center-)?"
            r"(?:[Ll]eft|[Rr]ight)(?:-wing)?)(?=\s(?:politicians?|government|activists?|thinkers?|"
            r"views|ideology|ideas|movements?|part(?:y|ies)|militants?|commentator)\b)"
        ),
    ),
    (
        "ideology",
        re.compile(
            r"(?<!Christian\s)(?<!Liberal\s)(?<!Social\s)(?<!Union\s)(?<!Sweden\s)\b(?:Democrats|Republicans)\b(?!\s(?:Abroad|of|and\s[A-Z]))|"
            r"(?<=\ba\s)(?:Democrat|Republican)\b(?!\s[A-Z-])"
        ),
    ),
    (
        "ordinal",
        re.compile(
            r"(?<![\w.,/-])(?:\d*1st|\d*2nd|\d*3rd|\d*[04-9]th|1[123]th)\b(?!\s?-)"
            r"(?!\s(?:century|centuries|millennium|of\s(?:the\s)?[A-Z]|day|[A-Z]|and\s\d))"
        ),
    ),
    (
        "ordinal",
        re.compile(
            r"(?<=\b[Tt]he\s|\b[Hh]is\s|\b[Hh]er\s|\b[Ii]ts\s)"
            rf"(?:{'|'.join(_ORDINALS.split())})\b"
            r"(?=\s[a-z])(?!\s(?:half|quarter|century|third|place\sof|to\b|of\b|and\b|or\b|in\b|at\b"
            r"|was\b|is\b|on\b|millennium|time|day|lady|minister|secretary|two|three|few|couple))"
        ),
    ),
)
_NAME_GOES_ON = re.compile(r"(?:[A-Z]\w+\s(?:in|for|on|to|against)\s|[\"“])$")
_LAW_STARTERS = re.compile(r"(?:(?:The|This|An?|In|Under|Of|By|And|When|With|After)\s)+")
_DATE_BEFORE = re.compile(rf"(?:{_MONTHS})\.?\s(?:the\s)?$")


def patterned(text: str) -> Iterator[Span]:
    """Yield (start, end, type) of what the patterns find; spans of two patterns may overlap."""
    for type_, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span(match.lastindex or 0)
            if type_ == "law" and (starter := _LAW_STARTERS.match(text, start, end)):
                start = starter.end()
            if type_ == "law" and (
                " " not in text[start:end] or _NAME_GOES_ON.search(text, max(0, start - 24), start)
            ):
                continue
            if type_ == "ordinal" and _DATE_BEFORE.search(text, max(0, start - 16), start):
                continue
            yield start, end, type_
