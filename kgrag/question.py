"""What a question asks: its content words, its names, and the kind of thing that answers it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from indexes.text import Language, language_of, stems, words
from kgrag.forms import forms_of
from kgrag.literals import literal_keys
from kgrag.names import normal_name

MAX_QUESTION_CHARS = 2_000
"""A longer question is cut: nobody asks more, and cost must stay bounded."""

MAX_NAME_WORDS = 6

_FUNCTION_WORDS = frozenset(
    """a an the and or but if of in on at by for to from with as into about over after before
    between through during without within against among per via is are was were be been being am do
    does did done doing have has had having will would shall should can could may might must not no
    nor so than then that this these those there here it its he she they them his her their him i
    you we us our your my me who whom whose what which when where why how many much long often old
    far any some all each every both either neither s t first name named called tell please know
    also only same и а но или если в во на по при за из из-за от до для с со у о об обо к ко над под
    про через без между перед после это этот эта эти того тот та те там тут здесь он она оно они его
    ее их ему ей им ими них нем ней я ты мы вы нас вас мой твой наш ваш свой себя кто кого кому кем
    что чего чему чем какой какая какое какие какого каком какую каких каким каковы который которая
    которое которые которого которой которую которых котором когда где куда откуда почему зачем как
    сколько ли же бы был была было были быть есть не ни нет да также тоже только первый звали зовут
    назывался называется называлась чей чья чье чьи скажи скажите""".split()
)
FUNCTION_STEMS = frozenset(stems(" ".join(_FUNCTION_WORDS)))

_PLACES = ("city", "country", "state_or_province", "district", "location", "facility")
_DATES = ("date", "time")
_NUMBERS = ("number", "money", "percent", "age", "ordinal")
_EXPECTED: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), types)
    for pattern, types in (
        (
            r"\b(?:how old)\b|сколько (?:ему|ей|им)?\s*(?:было\s*)?лет\b|в каком возрасте",
            ("age", "number"),
        ),
        (r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|century)\b", _DATES),
        (r"\bкогда\b|\bкак(?:ого|ом|ой|ому)\s+(?:год|числ|дат|век|месяц)|\bв каком году\b", _DATES),
        (
            r"\bhow (?:many|much|long|far|large|big|tall|high)\b|\bсколько\b|\bкаков[аоы]? числ",
            _NUMBERS,
        ),
        (r"\bwhere\b|\b(?:what|which) (?:city|town|country|place|state)\b", _PLACES),
        (r"\bгде\b|\bкуда\b|\bоткуда\b|\bкак(?:ом|ой|ую)\s+(?:город|стран|мест)", _PLACES),
        (
            r"\bwho(?:m|se)?\b|\bкто\b|\bкого\b|\bкому\b|\bкем\b|\bчь[яейёию]\b|\bчей\b",
            ("person", "organization", "family"),
        ),
    )
)


@dataclass(frozen=True, slots=True)
class AskedWord:
    """A content word of a question; ``is_name``: written as a name or a number.

    ``forms`` are the stems of all its inflected forms, ``stem`` among them.
    """

    text: str
    stem: str
    is_name: bool
    forms: frozenset[str]


@dataclass(frozen=True, slots=True)
class Question:
    """A question as retrieval sees it.

    ``words`` are its content words, each stem once; ``names`` the normal forms of each run of up to
    six words, longest first, and the keys of dates and numbers: what the graph may know;
    ``written`` are those among them that are written as names or numbers.
    ``expected`` are the entity types that can answer it, empty where any could.
    """

    text: str
    language: Language
    words: tuple[AskedWord, ...]
    names: tuple[str, ...]
    written: frozenset[str]
    expected: tuple[str, ...]


def understand(text: str) -> Question:
    """Return what a question asks; any text is a question, an empty one asks nothing."""
    text = " ".join(text[:MAX_QUESTION_CHARS].split())
    spans = words(text)
    names, written = _names(text, spans)
    return Question(
        text=text,
        language=language_of(text),
        words=_content_words(text, spans),
        names=names,
        written=written,
        expected=_expected(text),
    )


def _content_words(text: str, spans: Sequence[tuple[int, int]]) -> tuple[AskedWord, ...]:
    found: dict[str, AskedWord] = {}
    for index, (start, end) in enumerate(spans):
        word = text[start:end]
        stem = stems(word)[0]
        if stem not in FUNCTION_STEMS:
            is_name = word[0].isdigit() or (index > 0 and word[0].isupper())
            # An English name is not inflected: Rice is no grain. A Russian one is.
            has_forms = not is_name or not word.isascii()
            forms = forms_of(word) if has_forms else frozenset([stem])
            found.setdefault(stem, AskedWord(word, stem, is_name, forms))
    return tuple(found.values())


def _names(text: str, spans: Sequence[tuple[int, int]]) -> tuple[tuple[str, ...], frozenset[str]]:
    # A lower-case word is a name only where nobody wrote capitals: "when was euler born".
    has_capitals = any(char.isupper() for char in text[1:])
    names: list[str] = []
    written: set[str] = set()
    for size in range(min(MAX_NAME_WORDS, len(spans)), 0, -1):
        for first in range(len(spans) - size + 1):
            ends = spans[first], spans[first + size - 1]
            surface = text[ends[0][0] : ends[1][1]]
            if size > 1 or _may_be_name(surface, has_capitals):
                found = [normal_name(surface), *literal_keys(surface)]
                names += found
                # Both ends, for "Tower of London" is a name, and "director of London" is none.
                if not has_capitals or all(_is_written(text[s]) for s, _ in ends):
                    written.update(found)
    return tuple(dict.fromkeys(names)), frozenset(written)


def _is_written(char: str) -> bool:
    return char.isupper() or char.isdigit()


def _may_be_name(word: str, has_capitals: bool) -> bool:
    return stems(word)[0] not in FUNCTION_STEMS and (_is_written(word[0]) or not has_capitals)


def _expected(text: str) -> tuple[str, ...]:
    for pattern, types in _EXPECTED:
        if pattern.search(text):
            return types
    return ()
