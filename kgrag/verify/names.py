"""Whether the names of a claim are those of its sources: by alias, part, inflection or sound."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from kgrag.names import PERSON_TITLES, acronym_of, alike_across_scripts, normal_name
from kgrag.verify.align import ALIKE
from kgrag.verify.same_names import is_derived, same_as
from kgrag.verify.words import Word, is_cyrillic, words_of

_JOINING = frozenset("of the de von van der den di da du la le for ibn al el фон де".split())
_BETWEEN = frozenset((" ", "-", "–", "’", "'", ". ", " & ", "."))
MIN_SOUND_LETTERS = 3
MIN_ACRONYM = 3
"""Letters of an acronym that may also be made of words in lower case, as in Russian."""

TOGETHER = 4
"""Words within which two parts of one name stand in a source, in either order."""


@dataclass(frozen=True, slots=True)
class Name:
    """A run of words that are written as a name, as indexes into the words of its text."""

    text: str
    words: tuple[int, ...]


@lru_cache(maxsize=4_096)
def names_of(text: str) -> tuple[Name, ...]:
    """Return the names of a text, in order: runs of capitalised words."""
    words = words_of(text)
    runs: list[list[int]] = []
    for index, word in enumerate(words):
        if word.kind == "number" and runs and runs[-1][-1] == index - 1:
            if text[words[index - 1].end : word.start] == "-":  # Apollo-8
                runs[-1].append(index)
            continue
        if word.kind != "name":
            continue
        if runs and _continues(text, words, runs[-1][-1], index):
            runs[-1].append(index)
        else:
            runs.append([index])
    return tuple(Name(text[words[run[0]].start : words[run[-1]].end], tuple(run)) for run in runs)


def _continues(text: str, words: Sequence[Word], last: int, index: int) -> bool:
    between = words[last + 1 : index]
    gap = text[words[last].end : words[index].start]
    if not between:
        return gap in _BETWEEN
    joins = len(between) <= 2 and all(word.text in _JOINING for word in between)
    return joins and gap.replace(" ", "").isalpha()


class KnownNames:
    """The names of a passage: the words of its text and title, and all names of its entities."""

    def __init__(self, texts: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        known = [*texts, *(name for group in groups for name in group)]
        self._places: dict[str, list[int]] = {}
        self._names: dict[str, list[int]] = {}
        runs: list[tuple[str, int]] = []
        offset = 0
        for text in known:
            words = words_of(text)
            runs += [(name.text, offset + name.words[0]) for name in names_of(text)]
            for index, word in enumerate(words, start=offset):
                if word.is_telling:
                    for key in word.keys:
                        self._places.setdefault(key, []).append(index)
                if word.kind == "name":
                    self._names.setdefault(word.text.lower(), []).append(index)
            offset += len(words) + TOGETHER + 1
        self._normal = {normal_name(name) for group in groups for name in group}
        self._initials = [
            "".join(word.text[0].lower() for word in words_of(text) if word.is_telling)
            for text in known
        ]
        self._acronyms = {short: place for run, place in runs if (short := acronym_of(run))}

    def places(self, word: Word) -> list[int]:
        """Return where a word of a name occurs, in any inflection or script; nowhere: empty."""
        found = [place for key in word.keys for place in self._places.get(key, ())]
        lower = word.text.lower()
        if word.text.isupper() and lower in self._acronyms:
            found.append(self._acronyms[lower])
        elif not found and word.text.isupper() and len(lower) >= MIN_ACRONYM:
            found = [0] if any(lower in letters for letters in self._initials) else []
        return found or self._places_by_sound(word)

    def _places_by_sound(self, word: Word) -> list[int]:
        if len(word.text) < MIN_SOUND_LETTERS:
            return []
        lower, cyrillic = word.text.lower(), is_cyrillic(word.text)
        return [
            place
            for other, places in self._names.items()
            if (
                is_derived(lower, other)
                if is_cyrillic(other) == cyrillic
                else alike_across_scripts(lower, other) >= ALIKE
            )
            for place in places
        ]

    def knows(self, name: str) -> bool:
        """Return whether a whole name is one of an entity's, a common synonym, or an acronym."""
        if normal_name(name) in self._normal:
            return True
        for synonym in same_as(name):
            if all(key in self._places for word in words_of(synonym) for key in [word.stem]):
                return True
        short = acronym_of(name)
        return short is not None and short in self._places


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A name of the claim, and which of its words the sources lack, as text.

    ``is_whole``: all of it is missing, or the word that says most, the last one. ``is_mixed``: its
    words occur, but never together: it is made of two names.
    """

    name: Name
    missing: tuple[str, ...]
    is_whole: bool
    is_mixed: bool


def find_names(claim: str, known: KnownNames) -> tuple[NameMatch, ...]:
    """Return, for each name of a claim, what the sources lack of it."""
    words = words_of(claim)
    return tuple(_find(name, [words[i] for i in name.words], known) for name in names_of(claim))


def _find(name: Name, words: Sequence[Word], known: KnownNames) -> NameMatch:
    parts = [word for word in words if word.text.lower() not in PERSON_TITLES]
    parts = [word for word in parts if len(word.text) > 1 and word.kind == "name"]
    places = [known.places(part) for part in parts]
    missing = [part for part, found in zip(parts, places, strict=True) if not found]
    if (missing or _is_mixed(places)) and known.knows(name.text):
        return NameMatch(name, (), is_whole=False, is_mixed=False)
    missing = [part for part in missing if not known.knows(part.text)]
    whole = bool(missing) and (len(missing) == len(parts) or missing[-1] is parts[-1])
    mixed = not missing and _is_mixed(places)
    return NameMatch(name, tuple(part.text for part in missing), whole, mixed)


def _is_mixed(places: Sequence[Sequence[int]]) -> bool:
    """Return whether two neighbouring words of a name nowhere stand together."""
    return any(
        one and other and min(abs(a - b) for a in one for b in other) > TOGETHER
        for one, other in pairwise(places)
    )
