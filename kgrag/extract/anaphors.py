"""Finds what may refer back: English and Russian pronouns of the third person, and noun phrases.

No parser: pronouns are a closed list; an English phrase starts at a determiner and ends at its
noun; a Russian one is an inflected form of a noun that ``kgrag.extract.nouns`` knows. First and
second persons are nobody whom a text names, and a pleonastic "it" is nothing at all.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from indexes.text import Language
from kgrag.extract.nouns import FEMALE, KINDS, MALE
from kgrag.extract.tokens import Part
from kgrag.names import morphology

Kind = Literal["person", "it", "they", "nominal", "phrase"]
Form = Literal["subject", "object", "possessive", "reflexive", "definite", "indefinite"]
Gender = Literal["m", "f", "n"]


@dataclass(frozen=True, slots=True)
class Anaphor:
    """Tokens ``first`` to ``last`` that may refer to something said before.

    ``kind`` ``nominal`` is a definite phrase whose noun says what it is, ``phrase`` any other noun
    phrase: it is never a reference, but pronouns may mean it. ``genders`` are those that an
    antecedent may have; ``noun`` is the dictionary form of a phrase's noun ("" for a pronoun).
    """

    first: int
    last: int
    kind: Kind
    form: Form
    genders: frozenset[Gender] = frozenset()
    plural: bool = False
    noun: str = ""
    types: frozenset[str] = frozenset()


_MALE: frozenset[Gender] = frozenset({"m"})
_FEMALE: frozenset[Gender] = frozenset({"f"})
_NEUTER: frozenset[Gender] = frozenset({"n"})
_NOT_FEMALE: frozenset[Gender] = frozenset({"m", "n"})
_ANY: frozenset[Gender] = frozenset()

_PRONOUNS: dict[Language, dict[str, tuple[Kind, Form, frozenset[Gender]]]] = {
    "en": {
        "he": ("person", "subject", _MALE),
        "him": ("person", "object", _MALE),
        "his": ("person", "possessive", _MALE),
        "himself": ("person", "reflexive", _MALE),
        "she": ("person", "subject", _FEMALE),
        "her": ("person", "possessive", _FEMALE),
        "herself": ("person", "reflexive", _FEMALE),
        "it": ("it", "subject", _ANY),
        "its": ("it", "possessive", _ANY),
        "itself": ("it", "reflexive", _ANY),
        "they": ("they", "subject", _ANY),
        "them": ("they", "object", _ANY),
        "their": ("they", "possessive", _ANY),
        "themselves": ("they", "reflexive", _ANY),
    },
    "ru": {
        "он": ("person", "subject", _MALE),
        "него": ("person", "object", _NOT_FEMALE),
        "ему": ("person", "object", _NOT_FEMALE),
        "нему": ("person", "object", _NOT_FEMALE),
        "нём": ("person", "object", _NOT_FEMALE),
        "нем": ("person", "object", _NOT_FEMALE),
        "ним": ("person", "object", _NOT_FEMALE),
        "его": ("person", "possessive", _NOT_FEMALE),
        "она": ("person", "subject", _FEMALE),
        "её": ("person", "possessive", _FEMALE),
        "ее": ("person", "possessive", _FEMALE),
        "неё": ("person", "object", _FEMALE),
        "нее": ("person", "object", _FEMALE),
        "ей": ("person", "object", _FEMALE),
        "ней": ("person", "object", _FEMALE),
        "ею": ("person", "object", _FEMALE),
        "нею": ("person", "object", _FEMALE),
        "оно": ("it", "subject", _NEUTER),
        "они": ("they", "subject", _ANY),
        "их": ("they", "possessive", _ANY),
        "них": ("they", "object", _ANY),
        "ними": ("they", "object", _ANY),
    },
}
"""«им» is left out: it is "them" as often as "by him"."""


def is_pronoun(text: str, language: Language) -> bool:
    """Return whether a text is a pronoun of the third person, and so names nobody."""
    return text.lower() in _PRONOUNS[language]


PREPOSITIONS: dict[Language, frozenset[str]] = {
    "en": frozenset(
        "of in by with for to from at on about against between into through during before after"
        " under over without within among near since until as than like".split()
    ),
    "ru": frozenset("в во на с со к ко о об у от из за по для при до без под над перед".split()),
}
_ENDS_PHRASE = PREPOSITIONS["en"] | frozenset(
    "and or but nor that which who whom whose when where while because if although though so is was"
    " are were be been being has have had do does did will would can could may might shall should"
    " must not n't i you he she it we they me him her us them his its our their my your this these"
    " those the a an there here then now also just very only even still never always often".split()
)
_DEFINITE = frozenset({"the", "this", "that", "these", "those"})
_DETERMINERS = _DEFINITE | frozenset(
    "a an another every each some any no my your his her its our their one two three".split()
)
_LONGEST_PHRASE = 5
_VERB_ENDING = re.compile(r"\w{2,}(?:ed|ing)")
_PLEONASTIC = re.compile(
    r"(?:'s|’s|\s(?:is|was|be|been|would be|will be|may be|might be|has been|had been|seems|seemed"
    r"|appears|appeared|turns out|turned out|takes|took|became|becomes|makes))\s"
    r"(?:[\w,]+\s){0,5}?(?:that|to|whether|if|who|when|why|how|because|for)\b"
    r"|(?:'s|’s|\s(?:is|was|has been|had been|will be))\s(?:\w+\s)?"
    r"(?:raining|snowing|cold|hot|dark|late|early|time|clear|obvious|true|unclear|possible|likely"
    r"|worth|said|believed|thought|known|estimated|reported|important|necessary|hard|easy"
    r"|difficult)\b"
    r"|\s(?:rains|rained|snows|snowed|seems|appears|turns out|follows|happens|depends|matters)\b",
    re.IGNORECASE,
)
"""What follows a pleonastic "it": after the patterns of Lappin and Leass (1994)."""

PLEONASTIC_CHARS = 80
"""Text after "it" that is looked at."""

_AFTER_OBJECT_HER = _ENDS_PHRASE - {"own"}


def find_anaphors(text: str, part: Part, words: Sequence[str]) -> list[Anaphor]:
    """Return the pronouns and noun phrases of a part, in order; ``words`` are its tokens."""
    if part.language == "ru":
        return _russian(words)
    found: list[Anaphor] = []
    pronouns = _PRONOUNS["en"]
    for index, word in enumerate(words):
        lower = word.lower()
        if lower in pronouns and not (word.isupper() and len(word) > 1):
            kind, form, genders = pronouns[lower]
            following = words[index + 1].lower() if index + 1 < len(words) else ""
            if lower == "her" and (following in _AFTER_OBJECT_HER or not following.isalpha()):
                form = "object"
            if lower == "it" and _is_pleonastic(text, part, index):
                continue
            found.append(Anaphor(index, index, kind, form, genders, plural=kind == "they"))
            if form == "possessive":
                found.extend(_phrase(words, index, definite=False))
        elif lower in _DETERMINERS:
            found.extend(_phrase(words, index, definite=lower in _DEFINITE))
        elif _is_bare_plural(words, index):
            found.append(_described(index, index, word, "indefinite"))
    return found


def _is_pleonastic(text: str, part: Part, index: int) -> bool:
    start = part.tokens[index][1]
    end = part.sentences[part.sentence_of[index]][1]
    return bool(_PLEONASTIC.match(text[start : min(end, start + PLEONASTIC_CHARS)]))


def _phrase(words: Sequence[str], start: int, *, definite: bool) -> list[Anaphor]:
    """Return the phrase that a determiner starts, if a noun follows."""
    kinds = KINDS["en"]
    head = -1
    for index in range(start + 1, min(start + 1 + _LONGEST_PHRASE, len(words))):
        word = words[index]
        if not word.isalpha() or word in _ENDS_PHRASE:
            break
        if word[0].isupper() or (head >= 0 and _VERB_ENDING.fullmatch(word)):
            break
        head = index
        if _singular(word) in kinds and not _known_noun(words, index + 1):
            break
    if head < 0:
        return []
    form: Form = "definite" if definite and _is_closed(words, head) else "indefinite"
    return [_described(start, head, words[head], form)]


def _is_closed(words: Sequence[str], head: int) -> bool:
    """Return whether a phrase ends at its noun: not before "of", a name or another noun."""
    following = words[head + 1] if head + 1 < len(words) else "."
    if not following.isalpha():
        return following != "-"
    is_verb = following.endswith(("ed", "s")) and following.islower()
    return following != "of" and (following in _ENDS_PHRASE or is_verb)


def _known_noun(words: Sequence[str], index: int) -> bool:
    return index < len(words) and _singular(words[index]) in KINDS["en"]


def _described(first: int, last: int, word: str, form: Form) -> Anaphor:
    noun = _singular(word)
    plural = noun != word
    types = KINDS["en"].get(noun, frozenset())
    kind: Kind = "nominal" if form == "definite" and types and not plural else "phrase"
    genders = _MALE if noun in MALE else _FEMALE if noun in FEMALE else _ANY
    return Anaphor(first, last, kind, form, genders, plural, noun, types)


def _is_bare_plural(words: Sequence[str], index: int) -> bool:
    word = words[index]
    if not (word.islower() and len(word) > 3 and word.isalpha()) or _singular(word) == word:
        return False
    before = words[index - 1].lower() if index else "."
    return (
        before in PREPOSITIONS["en"]
        or before in ("and", ".", ",")
        or _singular(word) in KINDS["en"]
    )


@lru_cache(maxsize=50_000)
def _singular(word: str) -> str:
    irregular = {"men": "man", "women": "woman", "children": "child", "people": "person"}
    if word in irregular:
        return irregular[word]
    if not word.endswith("s") or word.endswith(("ss", "us", "is")) or len(word) < 4:
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    for ending in ("ches", "shes", "xes", "sses"):
        if word.endswith(ending):
            return word[:-2]
    return word[:-1]


def _russian(words: Sequence[str]) -> list[Anaphor]:
    found: list[Anaphor] = []
    pronouns = _PRONOUNS["ru"]
    nouns: dict[str, Anaphor] | None = None
    for index, word in enumerate(words):
        lower = word.lower()
        if lower in pronouns:
            kind, form, genders = pronouns[lower]
            found.append(Anaphor(index, index, kind, form, genders, plural=kind == "they"))
        elif len(word) > 2 and word.isalpha():
            nouns = _russian_nouns() if nouns is None else nouns
            known = nouns.get(lower)
            if known is not None:
                found.append(
                    Anaphor(
                        index,
                        index,
                        known.kind,
                        known.form,
                        known.genders,
                        known.plural,
                        known.noun,
                        known.types,
                    )
                )
    return found


@lru_cache(maxsize=1)
def _russian_nouns() -> dict[str, Anaphor]:
    """Return what each form of the Russian nouns is; where forms coincide the singular counts."""
    genders: dict[str, frozenset[Gender]] = {"masc": _MALE, "femn": _FEMALE, "neut": _NEUTER}
    forms: dict[str, Anaphor] = {}
    for noun, types in KINDS["ru"].items():
        parses = [p for p in morphology().parse(noun) if p.tag.POS == "NOUN"]
        if not parses:
            continue
        for form in parses[0].lexeme:
            plural = form.tag.number == "plur"
            gender = genders.get(str(parses[0].tag.gender), _ANY)
            entry = Anaphor(0, 0, "phrase", "indefinite", gender, plural, noun, types)
            for spelled in {form.word, form.word.replace("ё", "е")}:
                if spelled not in forms or forms[spelled].plural:
                    forms[spelled] = entry
    return forms
