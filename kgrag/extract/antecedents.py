"""What a pronoun may mean: the things that a text has spoken of, and what speaks for each.

A thing is a name with its repetitions, or a noun phrase; it remembers where it was last spoken of
and in what role. ``describe`` gives the features of a pronoun and a thing as strings; there is no
parser, so roles are guessed from the neighbouring tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from indexes.text import Language
from kgrag.extract.anaphors import PREPOSITIONS, Anaphor, Gender
from kgrag.extract.nouns import FEMALE, FEMALE_NAMES, MALE, MALE_NAMES
from kgrag.names import morphology

Role = str
"""One of subject, possessive, modifier, oblique, other."""

_AUXILIARIES = frozenset(
    "is was are were has had will would can could may might did does do says said became also who"
    " went took made came began left won".split()
)
_BREAKS = frozenset(
    ", ; : ( ) – — - that which who whom when while because after before as and but"
    " что который которая которые когда пока потому если и а но".split()
)
_NOT_NOUNS = frozenset("and or but who which that when where while as if than then there".split())


@dataclass(slots=True)
class Place:
    """Where something is said: its tokens, sentence, role, and whether that is within quotes."""

    first: int
    last: int
    sentence: int
    role: Role
    quoted: bool


@dataclass(slots=True)
class Thing:
    """Something that a text has spoken of.

    ``span`` is the last name of it as an index into the spans of the part, None for a phrase.
    ``said`` is what it was last: name, phrase or pronoun; ``sure`` how surely that meant it, 0..1.
    """

    span: int | None
    group: str
    types: frozenset[str]
    genders: frozenset[Gender]
    plural: bool
    place: Place
    noun: str = ""
    words: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    definite: bool = False
    is_first: bool = False
    times: int = 1
    said: str = "name"
    sure: float = 1.0


class Context:
    """The tokens of a part as they are looked at again and again."""

    def __init__(
        self, words: Sequence[str], sentence_of: Sequence[int], language: Language
    ) -> None:
        self.words = words
        self.lower = [word.lower() for word in words]
        self.sentence_of = sentence_of
        self.language = language
        self.quoted = _quoted(words)
        self._breaks = list(accumulate(int(word in _BREAKS) for word in self.lower))

    def place(self, first: int, last: int) -> Place:
        """Return the place of a run of tokens."""
        sentence = self.sentence_of[first]
        return Place(first, last, sentence, self._role(first, last), self.quoted[first])

    def in_one_clause(self, before: int, after: int) -> bool:
        """Return whether no comma or conjunction stands between two tokens: a guess at clauses."""
        return self._breaks[after - 1] == self._breaks[before]

    def begins_sentence(self, token: int) -> bool:
        """Return whether a sentence begins at the token."""
        return token == 0 or self.sentence_of[token - 1] != self.sentence_of[token]

    def _role(self, first: int, last: int) -> Role:
        lower = self.lower
        after = lower[last + 1] if last + 1 < len(lower) else "."
        before = lower[first - 1] if first else "."
        if after in ("'", "’") and last + 2 < len(lower) and lower[last + 2] == "s":
            return "possessive"
        if after in _AUXILIARIES or (after.endswith("ed") and len(after) > 3):
            return "subject"
        if before in PREPOSITIONS[self.language] or (
            before in ("the", "a") and first > 1 and lower[first - 2] in PREPOSITIONS["en"]
        ):
            return "oblique"
        if self.begins_sentence(first) or (self.language == "ru" and _is_nominative(lower[first])):
            return "subject"
        if self.language == "en" and after.isalpha() and self.words[last + 1].islower():
            if after not in PREPOSITIONS["en"] and after not in _NOT_NOUNS:
                return "subject" if after.endswith("s") else "modifier"
        return "other"


@lru_cache(maxsize=50_000)
def _is_nominative(word: str) -> bool:
    if not ("а" <= word[0] <= "я") or len(word) > 40:
        return False
    return any(parse.tag.case == "nomn" for parse in morphology().parse(word))


def _quoted(words: Sequence[str]) -> list[bool]:
    """Return whether each token stands within quotation marks; straight ones toggle."""
    inside, flags = False, []
    for word in words:
        if word in "“«„":
            inside = True
        elif word in "”»":
            inside = False
        elif word == '"':
            inside = not inside
        flags.append(inside)
    return flags


def fits(anaphor: Anaphor, thing: Thing, language: Language) -> bool:
    """Return whether nothing forbids that the anaphor means the thing."""
    if anaphor.genders and thing.genders and not anaphor.genders & thing.genders:
        return False
    if anaphor.kind == "nominal":
        if thing.span is None:
            return thing.noun == anaphor.noun
        return bool(anaphor.types & thing.types) and not thing.plural
    is_person = thing.group == "person"
    if anaphor.kind == "they":
        return thing.plural or thing.group in ("organization", "unknown")
    if thing.plural:
        return False
    if language == "ru":
        return is_person or bool(thing.genders) or thing.span is None
    return is_person if anaphor.kind == "person" else not is_person


def describe(anaphor: Anaphor, at: Place, thing: Thing, rank: int, context: Context) -> list[str]:
    """Return the features of a pair.

    Parameters
    ----------
    anaphor, at:
        What refers, and its place.
    thing:
        What it may mean.
    rank:
        How many things that fit were spoken of since, from 0.
    context:
        Of the part.
    """
    place = thing.place
    distance = min(at.sentence - place.sentence, 3)
    named = "name" if thing.span is not None else "phrase"
    short = "possessive" if anaphor.form == "possessive" else "other"
    starts = context.begins_sentence(at.first)
    features = [
        named,
        f"{named} sentences={distance}",
        f"{short} sentences={distance}",
        f"rank={min(rank, 3)}",
        f"{named} group={thing.group}",
        f"said={thing.said} sentences={min(distance, 2)}",
        f"role={place.role} form={anaphor.form}",
        f"role={place.role} sentences={min(distance, 2)}",
        f"times={min(thing.times, 4)}",
        f"{named} gender={_agreement(anaphor, thing)}",
    ]
    if starts and context.begins_sentence(place.first):
        features.append(f"parallel sentences={min(distance, 2)}")
    if thing.is_first:
        features.append("first")
    if place.quoted != at.quoted:
        features.append(f"quoted={at.quoted}")
    if distance == 0:
        gap = at.first - place.last
        features.append(f"{short} gap={1 if gap < 3 else 2 if gap < 8 else 3 if gap < 16 else 4}")
        if context.in_one_clause(place.last, at.first):
            features.append(f"clause form={anaphor.form} role={place.role}")
    if anaphor.plural:
        features.append(f"{named} plural={thing.plural}")
    if thing.span is None:
        features.append(f"definite={thing.definite}")
    elif anaphor.noun:
        features += _describe_noun(anaphor, thing, min(distance, 2), min(rank, 2))
    return features


def _describe_noun(anaphor: Anaphor, thing: Thing, distance: int, rank: int) -> list[str]:
    """Return the features of a definite phrase and a name that it may describe."""
    features = [
        f"noun sentences={distance} rank={rank}",
        f"noun exact={len(thing.types) == 1} group={thing.group}",
        f"noun modifiers={min(anaphor.last - anaphor.first - 1, 2)}",
    ]
    if anaphor.noun in thing.words:
        features.append("noun in name")
    if anaphor.noun in thing.near:
        features.append("noun near name")
    return features


def _agreement(anaphor: Anaphor, thing: Thing) -> str:
    if not thing.genders or not anaphor.genders:
        return "unknown"
    return "known" if len(thing.genders) == 1 else "open"


def genders_of(
    words: Sequence[str], before: Sequence[str], *, is_person: bool
) -> frozenset[Gender]:
    """Return the genders that a name may have; empty where nothing tells.

    Parameters
    ----------
    words:
        The words of the name.
    before:
        The few tokens before it, lower case, the nearest last.
    is_person:
        Whether it names a person.
    """
    if any("а" <= word[0].lower() <= "я" for word in words if word):
        return _russian_genders(tuple(words), is_person)
    if not is_person:
        return frozenset()
    lower = [word.lower() for word in words]
    for word in [*reversed(before), *lower]:
        if word in MALE:
            return frozenset({"m"})
        if word in FEMALE:
            return frozenset({"f"})
    given = next((word for word in lower if len(word) > 2), "")
    if given in MALE_NAMES:
        return frozenset({"m"})
    return frozenset({"f"}) if given in FEMALE_NAMES else frozenset()


@lru_cache(maxsize=50_000)
def _russian_genders(words: tuple[str, ...], is_person: bool) -> frozenset[Gender]:
    """Return the genders on which the words of a name agree, or that of its first noun."""
    found: frozenset[Gender] = frozenset()
    for word in words:
        own = _word_genders(word.lower(), is_person)
        if own and not is_person:
            return own
        if own:
            found = (found & own or found) if found else own
    return found


@lru_cache(maxsize=50_000)
def _word_genders(word: str, is_person: bool) -> frozenset[Gender]:
    letters: dict[str, Gender] = {"masc": "m", "femn": "f", "neut": "n"}
    if len(word) < 2 or len(word) > 40:
        return frozenset()
    parses = morphology().parse(word)
    if is_person:
        given = [p for p in parses if "Name" in p.tag or "Patr" in p.tag]
        parses = given or [p for p in parses if "Surn" in p.tag]
    else:
        parses = [p for p in parses if p.tag.POS == "NOUN"][:1]
    return frozenset(letters[str(p.tag.gender)] for p in parses if p.tag.gender in letters)
