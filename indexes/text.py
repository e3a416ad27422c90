"""Sentences, words and stems of a text, English and Russian, with offsets.

Used by the lexical index and by every stage above it, so that all of them cut a text in the same
places. A text is read as blocks: a blank line always ends a sentence, and so does a line break next
to a list item or a table row; any other line break is a wrapped line.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import Stemmer
from razdel import sentenize

Language = Literal["en", "ru"]

MAX_SENTENCE_CHARS = 1000
"""Longer runs (logs, base64, text without full stops) are cut, so that cost stays linear."""

_BREAK = re.compile(
    r"\n[^\S\n]*\n\s*|\n(?=[^\S\n]*(?:[-–—•*·▪◦]|\d{1,3}[.)])\s)|\n(?=[^\n]* \| )|(?<= \|)\n"
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CYRILLIC = re.compile(r"[\u0400-\u04FF]")
_LETTER = re.compile(r"[^\W\d_]")


PASSAGE_CHARS = 2_000
"""What is no longer is looked at again and again, by one question and by the next: it is kept."""


def language_of(text: str) -> Language:
    """Return ``ru`` where at least three in ten letters are Cyrillic, else ``en``."""
    return _language_of(text) if len(text) <= PASSAGE_CHARS else _look_at(text[:20_000])


def _look_at(sample: str) -> Language:
    if not _CYRILLIC.search(sample):
        return "en"
    letters = len(_LETTER.findall(sample))
    return "ru" if letters and len(_CYRILLIC.findall(sample)) >= 0.3 * letters else "en"


_language_of = lru_cache(maxsize=8_192)(_look_at)


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the [start, end) of each sentence, in order, without surrounding white space."""
    spans: list[tuple[int, int]] = []
    for block_start, block_end in _blocks(text):
        block = text[block_start:block_end]
        for part in sentenize(block):
            spans.extend(_shorten(text, block_start + part.start, block_start + part.stop))
    return spans


def words(text: str) -> list[tuple[int, int]]:
    """Return the [start, end) of each word or number, in order."""
    return list(_words(text)) if len(text) <= PASSAGE_CHARS else _find_words(text)


def _find_words(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _WORD.finditer(text)]


_words = lru_cache(maxsize=8_192)(_find_words)


def stems(text: str) -> list[str]:
    """Return the stem of each word: folded to lower case, without accents, ё as е."""
    return [_stem(match.group()) for match in _WORD.finditer(text)]


def _blocks(text: str) -> list[tuple[int, int]]:
    cuts = [0, *(match.end() for match in _BREAK.finditer(text)), len(text)]
    return [
        (piece, min(piece + 10 * MAX_SENTENCE_CHARS, end))
        for start, end in pairwise(cuts)
        for piece in range(start, end, 10 * MAX_SENTENCE_CHARS)
    ]


def _shorten(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Trim white space, and cut what is longer than a sentence can be at its last space."""
    spans = []
    while True:
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if end - start <= MAX_SENTENCE_CHARS:
            break
        cut = start + MAX_SENTENCE_CHARS
        space = max(text.rfind(" ", start, cut), text.rfind("\n", start, cut))
        cut = space if space > start else cut
        spans.append((start, start + len(text[start:cut].rstrip())))
        start = cut
    return [*spans, (start, end)] if start < end else spans


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    word = word.lower().replace("ё", "е").replace("’", "'").removesuffix("'s").replace("'", "")
    if _CYRILLIC.search(word):
        return str(_stemmer("russian").stemWord(word))
    decomposed = unicodedata.normalize("NFKD", word)
    folded = "".join(char for char in decomposed if not unicodedata.combining(char))
    return str(_stemmer("english").stemWord(folded))


@lru_cache(maxsize=2)
def _stemmer(name: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(name)
