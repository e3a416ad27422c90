"""The inflected forms of a word, as stems: what a stemmer alone does not bring together.

Snowball's stems meet where an ending was cut off; «замок» and «замка», "wrote" and "write", «дети»
and «ребёнок» do not. Only the words of a question are inflected, so texts need no second index.
Russian: the paradigm in pymorphy3's dictionaries; English: lemminflect's.
"""

import re
from functools import lru_cache

from indexes.text import stems
from kgrag.names import morphology

_CYRILLIC = re.compile(r"[\u0400-\u04FF]")

MIN_PARSE_SCORE = 0.2
MAX_PARSES = 2
"""A Russian form may be of several words; the likeliest are taken."""


@lru_cache(maxsize=20_000)
def forms_of(word: str) -> frozenset[str]:
    """Return the stems of all forms of a word, its own among them."""
    own = set(stems(word))
    inflected = _russian(word) if _CYRILLIC.search(word) else _english(word)
    return frozenset(own.union(*(stems(form) for form in inflected)))


def _russian(word: str) -> set[str]:
    parses = morphology().parse(word.lower())[:MAX_PARSES]
    likely = [parse for parse in parses if parse.score >= MIN_PARSE_SCORE]
    return {str(form.word) for parse in likely for form in parse.lexeme}


def _english(word: str) -> set[str]:
    if not word.isascii() or not word.isalpha():
        return set()
    from lemminflect import getAllInflections, getAllLemmas

    lemmas = {lemma for found in getAllLemmas(word.lower()).values() for lemma in found}
    return {
        form for lemma in lemmas for found in getAllInflections(lemma).values() for form in found
    }
