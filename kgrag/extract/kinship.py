"""How alike two mentions read: a full name and its surname, a country and its adjective, initials.

Told to the relation model for pairs of one type, because a text that gives one thing several names
says so by little else («Муртаза Рахимов ... Рахимова», "Ufa ... the Ufa court"). Crude on purpose:
no lemmas, for pymorphy reads about 4,200 words a second (measured); words are alike where they
begin alike.
"""

import re
from functools import lru_cache

NONE, KIN, SHARED, CONTAINED, SAME, INITIALS = range(6)
"""Nothing; two words begin alike; share a word; the longer has every word of the shorter; the same
words; one is the initials of the other."""

LEVELS = 6

_WORD = re.compile(r"[^\W_]+")
_MAX_WORDS = 8
_FEWEST_LETTERS = 3
_LONGEST_ENDING = 3


@lru_cache(maxsize=100_000)
def kinship(one: str, other: str) -> int:
    """Return how alike two surfaces read, 0 to LEVELS - 1; the order of the two does not matter."""
    words, others = _words(one), _words(other)
    if len(words) > len(others):
        words, others = others, words
    if not words:
        return NONE
    if len(words) == 1 and len(others) > 1 and _is_initials(words[0], others):
        return INITIALS
    alike = sum(any(_are_forms(word, own) for own in others) for word in words)
    if alike == len(words):
        return SAME if len(words) == len(others) else CONTAINED
    if alike:
        return SHARED
    begin = {word[:_FEWEST_LETTERS] for word in words if len(word) >= _FEWEST_LETTERS}
    return KIN if any(word[:_FEWEST_LETTERS] in begin for word in others) else NONE


def beginnings(surface: str) -> list[str]:
    """Return the first letters of the words by which to look for mentions that read alike."""
    return [word[:_FEWEST_LETTERS] for word in _words(surface) if len(word) > _FEWEST_LETTERS]


@lru_cache(maxsize=100_000)
def _words(surface: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(surface.lower().replace("ё", "е"))[:_MAX_WORDS])


def _are_forms(one: str, other: str) -> bool:
    """Return whether two words may be forms of one: alike but for an ending of a few letters."""
    if one == other:
        return True
    stem = max(_FEWEST_LETTERS, min(len(one), len(other)) - 1)
    longest = max(len(one), len(other))
    return longest - stem <= _LONGEST_ENDING and one[:stem] == other[:stem]


def _is_initials(word: str, others: tuple[str, ...]) -> bool:
    return len(word) > 1 and word == "".join(other[0] for other in others)
