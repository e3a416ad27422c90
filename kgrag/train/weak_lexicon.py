"""Looks up the listed words of ``kgrag.train.weak_terms`` in a text, the longest phrase first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from kgrag.train import weak_terms as terms

Words = list[tuple[str, int, int]]
"""Words of a text with their start and end."""


@dataclass(frozen=True)
class Term:
    """What a listed word is: its type or list, and how its capitals are read."""

    type: str
    title: bool = False
    surname: bool = False


def _split(words: str) -> list[str]:
    return [" ".join(word.split()) for word in words.split(";")]


def _plural(term: str) -> str:
    """Return the plural of a profession: of its head in "head of state"."""
    head, of, rest = term.partition(" of ")
    first, _, last = head.rpartition(" ")
    if last in {"general", "consort", "emeritus"}:
        return f"{_plural(first)} {last}"
    for ending, plural in (("man", "men"), ("person", "people"), ("ess", "esses"), ("ch", "ches")):
        if head.endswith(ending):
            return head[: -len(ending)] + plural + of + rest
    if head.endswith("y") and head[-2:-1] not in "aeiou":
        return head[:-1] + "ies" + of + rest
    return head + ("es" if head.endswith(("s", "x", "sh")) else "s") + of + rest


@cache
def lexicon() -> dict[str, list[tuple[tuple[str, ...], Term]]]:
    """Return phrases by first word, longest first; lower case, names of peoples as written."""
    found: dict[tuple[str, ...], Term] = {}
    titles, surnames = set(_split(terms.TITLES)), set(_split(terms.SURNAMES))
    for name in [*_split(terms.OCCUPATIONS), *_split(terms.OFFICES)]:
        name = name if name.isupper() else name.lower()
        term = Term("profession", title=name.lower() in titles, surname=name in surnames)
        found[tuple(name.split())] = term
        found[tuple((name + "s" if name.isupper() else _plural(name)).split())] = term
    for type_, words in (
        ("ideology", terms.IDEOLOGIES),
        ("field_of_study", terms.FIELDS),
        ("studied", terms.STUDIED_FIELDS),
    ):
        found.update({tuple(name.lower().split()): Term(type_) for name in _split(words)})
    for name in _split(terms.ADHERENTS):
        found[tuple(name.split())] = Term("adherent")
        found[tuple((name + "s").split())] = Term("adherent")
    for type_, words in (
        ("language", terms.LANGUAGES),
        ("nationality", terms.NATIONALITIES),
        ("nationality", terms.NATIONALITY_PLURALS),
        ("believer", terms.BELIEVERS),
        ("religion", terms.RELIGIONS),
    ):
        for name in _split(words):
            found[tuple(name.split())] = Term(type_)
            if type_ == "believer":
                found[tuple((name + "s").split())] = Term(type_)
    table: dict[str, list[tuple[tuple[str, ...], Term]]] = {}
    for phrase in sorted(found, key=len, reverse=True):
        table.setdefault(phrase[0], []).append((phrase, found[phrase]))
    return table


@cache
def word_sets() -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    """Return nationalities, languages, languages that are nothing else, and modifiers."""
    nationalities = frozenset(_split(terms.NATIONALITIES))
    modifiers = frozenset(_split(terms.PROFESSION_MODIFIERS))
    return (
        nationalities,
        frozenset(_split(terms.LANGUAGES)),
        frozenset(_split(terms.ALWAYS_LANGUAGES)),
        modifiers,
    )


def longest(
    text: str, words: Words, index: int, phrases: Sequence[tuple[tuple[str, ...], Term]]
) -> tuple[int, Term] | None:
    """Return the length in words and the term of the longest phrase at ``index``, if any."""
    for phrase, term in phrases:
        last = index + len(phrase)
        if last > len(words):
            continue
        written = [word for word, _, _ in words[index:last]]
        as_listed = [
            word if one[0].isupper() else word.lower()
            for word, one in zip(written, phrase, strict=True)
        ]
        spaced = all(
            text[words[place - 1][2] : words[place][1]].isspace()
            for place in range(index + 1, last)
        )
        if tuple(as_listed) == phrase and spaced:
            return len(phrase), term
    return None


@cache
def _office_heads() -> frozenset[str]:
    return frozenset(name.lower() for name in _split(terms.OFFICES)) - {
        "deputy director",
        "director",
        "general",
        "leader",
        "deputy",
        "general secretary",
        "dictator",
    }


def is_office(profession: str) -> bool:
    """Tell whether a profession is one that Wikidata states as "position held" (P39)."""
    heads = _office_heads()
    name = re.split(r"\s(?:of|for)\s", profession.lower())[0]
    if profession.lower() in heads or name in heads:
        return True
    words = name.split()
    return words[-1] in heads or " ".join(words[-2:]) in heads or words[-1].rstrip("s") in heads
