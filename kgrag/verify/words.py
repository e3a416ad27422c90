"""A sentence as the verifier reads it: words with the keys under which they meet other words.

Everything is a function of the text alone and kept, because one sentence is cited again and again.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from indexes.text import stems
from kgrag.names import morphology
from kgrag.question import FUNCTION_STEMS

Kind = Literal["function", "content", "name", "number"]

MAX_TEXT_CHARS = 4_000
"""A longer text is cut: nobody writes such a sentence, and cost must stay bounded."""

MAX_WORD_CHARS = 40

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CYRILLIC = re.compile(r"[\u0400-\u04FF]")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;]\s+|[«\"“(\n—–]\s*)[\"“«'(]*\s*$")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CALENDAR = re.compile(
    r"January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
)
"""Written like names, but they are dates."""

_NAME_TAGS = ("Name", "Surn", "Patr", "Geox", "Orgn")
_LETTER_WORDS = "AIАВИКОСУЯ"
"""Words of one letter; any other capital by itself is an initial."""

_MIN_PARSE_SCORE = 0.15
_MAX_PARSES = 3


@dataclass(frozen=True, slots=True)
class Word:
    """A word: ``keys`` are its stem and those of its dictionary forms.

    ``kind`` is ``name`` where it is written as one, ``number`` where it holds a digit.
    """

    text: str
    start: int
    end: int
    kind: Kind
    stem: str
    keys: frozenset[str]

    @property
    def is_telling(self) -> bool:
        """Whether the word says something by itself."""
        return self.kind != "function"


@lru_cache(maxsize=4_096)
def words_of(text: str) -> tuple[Word, ...]:
    """Return the words of a text, in order; what lies beyond ``MAX_TEXT_CHARS`` is left out."""
    text = _SURROGATE.sub(" ", text[:MAX_TEXT_CHARS])
    found = []
    for match in _WORD.finditer(text):
        surface = match.group()
        stem = stems(surface)
        key = stem[0] if stem else surface.lower()
        starts = bool(_SENTENCE_START.search(text[max(match.start() - 4, 0) : match.start()]))
        starts = starts or not text[: match.start()].strip()
        kind = _kind(surface, key, starts_sentence=starts)
        found.append(Word(surface, match.start(), match.end(), kind, key, keys_of(surface)))
    return tuple(found)


@lru_cache(maxsize=50_000)
def keys_of(word: str) -> frozenset[str]:
    """Return the stems of a word and of its dictionary forms."""
    own = stems(word) or [word.lower()]
    if len(word) > MAX_WORD_CHARS or any(char.isdigit() for char in word):
        return frozenset(own)
    lemmas = _russian_lemmas(word) if is_cyrillic(word) else _english_lemmas(word)
    return frozenset({own[0], *(stem for lemma in lemmas for stem in stems(lemma)[:1])})


def is_cyrillic(text: str) -> bool:
    """Return whether a text has a Cyrillic letter."""
    return bool(_CYRILLIC.search(text))


def _kind(surface: str, stem: str, *, starts_sentence: bool) -> Kind:
    if any(char.isdigit() for char in surface):
        return "number"
    if (
        len(surface) == 1
        and surface.isupper()
        and not starts_sentence
        and surface not in _LETTER_WORDS
    ):
        return "name"
    if _CALENDAR.fullmatch(surface):
        return "content"
    if stem in FUNCTION_STEMS and not (surface.isupper() and len(surface) > 2):
        return "function"
    if not surface[0].isupper():
        return "content"
    return "content" if starts_sentence and is_common(surface) else "name"


@lru_cache(maxsize=20_000)
def is_common(word: str) -> bool:
    """Return whether a dictionary has the word as anything but a name."""
    if len(word) > MAX_WORD_CHARS:
        return False
    if not is_cyrillic(word):
        return bool(_english_lemmas(word)) or word.lower().endswith(("ly", "ian", "ish"))
    parses = [p for p in morphology().parse(word.lower())[:_MAX_PARSES] if p.is_known]
    likely = [p for p in parses if p.score >= _MIN_PARSE_SCORE]
    return bool(likely) and not any(tag in p.tag for p in likely for tag in _NAME_TAGS)


def _russian_lemmas(word: str) -> set[str]:
    parses = morphology().parse(word.lower())[:_MAX_PARSES]
    return {str(p.normal_form) for p in parses if p.score >= _MIN_PARSE_SCORE}


def _english_lemmas(word: str) -> set[str]:
    if not word.isascii() or not word.isalpha():
        return set()
    from lemminflect import getAllLemmas

    return {lemma for found in getAllLemmas(word.lower()).values() for lemma in found}
