"""Whether a Russian name stands in the nominative, and of which gender it is.

By pymorphy3, the same analyses that normal forms of names are made of (``kgrag.names``).
"""

import re
from functools import lru_cache
from typing import Literal

from kgrag.names import morphology, normal_name

Gender = Literal["masc", "femn"]

_WORD = re.compile(r"[А-ЯЁа-яё]+(?:-[А-ЯЁа-яё]+)*")
_LIKELY = 0.15
"""Of an analysis: below it, it is there for completeness («Петра», a town in Jordan)."""
_PARTS = ("Name", "Surn", "Patr")


@lru_cache(maxsize=10_000)
def is_nominative(name: str) -> bool:
    """Return whether each word of a name can be nominative and the name is one phrase of it.

    Names in other scripts are not declined: True.
    """
    words = _WORD.findall(name)
    if not words or normal_name(name) == " ".join(name.lower().replace("ё", "е").split()):
        return True
    head = [parse for parse in morphology().parse(words[0]) if parse.score >= _LIKELY]
    agrees = any("nomn" in parse.tag for parse in head)
    # Behind a noun in the nominative others stand in the genitive: «Академия наук».
    if len(words) > 1 and any("Name" in parse.tag for parse in head):
        return agrees and all(_can_be_nominative(word) for word in words)
    return agrees


def _can_be_nominative(word: str) -> bool:
    return word[0].islower() or any(
        "nomn" in parse.tag for parse in morphology().parse(word) if parse.score >= _LIKELY / 3
    )


@lru_cache(maxsize=10_000)
def gender_of(name: str) -> Gender | None:
    """Return the gender of a person by the name: the given name first; None where it is open."""
    for part in _PARTS:
        for word in _WORD.findall(name):
            found = {
                gender
                for parse in morphology().parse(word)
                if part in parse.tag and "nomn" in parse.tag and "plur" not in parse.tag
                for gender in ("masc", "femn")
                if gender in parse.tag
            }
            if len(found) == 1:
                return "femn" if "femn" in found else "masc"
    return None


def nominative_of(name: str) -> str | None:
    """Return a name of one noun, with adjectives before it or not, in the nominative.

    None where it is not to be told: of several nouns nobody knows which are to be declined, nor
    whether an unknown one is at all («Ферне»).
    """
    words = name.split()
    if not all(_WORD.fullmatch(word) and morphology().word_is_known(word) for word in words):
        return None
    noun = morphology().parse(words[-1])[0]
    whole = noun.inflect({"nomn"}) if "NOUN" in noun.tag and "plur" not in noun.tag else None
    if whole is None:
        return None
    forms = []
    for word in words[:-1]:
        adjectives = [parse for parse in morphology().parse(word) if "ADJF" in parse.tag]
        form = adjectives[0].inflect({"nomn", "sing", noun.tag.gender}) if adjectives else None
        if form is None:
            return None
        forms.append(form.word)
    return " ".join(
        _as_in(word, form) for word, form in zip(words, [*forms, whole.word], strict=True)
    )


def _as_in(word: str, form: str) -> str:
    return form.capitalize() if word[0].isupper() else form
