"""Walks a text from left to right and keeps what it has spoken of, for coreference.

Names and noun phrases become things; each pronoun is offered, as a ``Choice``, the latest things
that it may mean. Whoever decides calls ``Discourse.accept`` before asking for the next choice, so
that the model at work and the annotation in training drive the same walk.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from kgrag.extract.anaphors import Anaphor, find_anaphors
from kgrag.extract.antecedents import Context, Place, Thing, describe, fits, genders_of
from kgrag.extract.nouns import KINDS, PLACES
from kgrag.extract.spans import TypedSpan
from kgrag.extract.tokens import Part
from kgrag.names import normal_name, short_names
from kgrag.ontology import load_ontology

WINDOW = 3
"""Sentences back within which a thing must have been spoken of, by name or otherwise."""

MAX_THINGS = 24
"""So many things, the latest, are compared with a pronoun: keeps time linear."""

NEAR_TOKENS = 6
"""Tokens on either side of a name in which a noun may describe it."""

_DESCRIBE = frozenset({"profession"})
"""Types of mentions that say what somebody is: they compete like noun phrases."""

_IGNORED = frozenset({"nationality", "penalty", "family", "crime", "ideology"})
_COPULAS = frozenset("is was are were be been being become became becomes as".split())


@dataclass(frozen=True, slots=True)
class Choice:
    """What an anaphor may mean: things, and the features of each; after them those of nothing."""

    anaphor: Anaphor
    place: Place
    things: list[Thing]
    features: list[list[str]]


class Discourse:
    """What a part has spoken of so far.

    Parameters
    ----------
    text, part:
        Where tokens are.
    spans, types:
        The names of the part in text order, and the ontology's id of the type of each.
    """

    def __init__(
        self, text: str, part: Part, spans: Sequence[TypedSpan], types: Sequence[str]
    ) -> None:
        words = [text[start:end] for start, end in part.tokens]
        self._context = Context(words, part.sentence_of, part.language)
        self._spans = spans
        self._types = types
        self._groups = [load_ontology().entity_types[type_].group for type_ in types]
        self._named: dict[tuple[str, str], Thing] = {}
        self._short: dict[str, Thing] = {}
        self._recent: dict[int, Thing] = {}
        self._accepted = False
        self._outer: int | None = None
        self._covered = [False] * len(words)
        self._starts, self._ends = set[int](), set[int]()
        for span in spans:
            self._covered[span.first : span.last + 1] = [True] * (span.last + 1 - span.first)
            self._starts.add(span.first)
            self._ends.add(span.last)
        self._anaphors = [
            anaphor
            for anaphor in find_anaphors(text, part, words)
            if not any(self._covered[anaphor.first : anaphor.last + 1])
        ]

    def choices(self) -> Iterator[Choice]:
        """Yield each pronoun and each describing phrase that may mean something, in order."""
        waiting = 0
        for anaphor in self._anaphors:
            while waiting < len(self._spans) and self._spans[waiting].first < anaphor.first:
                self._see_name(waiting)
                waiting += 1
            place = self._context.place(anaphor.first, anaphor.last)
            if anaphor.kind != "phrase":
                choice = self._choice(anaphor, place)
                if choice.things:
                    self._accepted = False
                    yield choice
                    if self._accepted:
                        continue
            if anaphor.noun:
                self._see_phrase(anaphor, place)

    def accept(self, choice: Choice, thing: Thing, score: float = 1.0) -> None:
        """Take note that the choice's anaphor means the thing, as far as the score says (0..1)."""
        thing.sure = score
        self._accepted = True
        anaphor = choice.anaphor
        if len(anaphor.genders) == 1:
            thing.genders = anaphor.genders
        self._say(thing, choice.place, "phrase" if anaphor.noun else "pronoun")

    def _choice(self, anaphor: Anaphor, place: Place) -> Choice:
        things: list[Thing] = []
        features: list[list[str]] = []
        language = self._context.language
        for thing in self._latest():
            if place.sentence - thing.place.sentence > WINDOW:
                break
            if fits(anaphor, thing, language):
                things.append(thing)
        if language == "ru" and anaphor.kind == "person":
            # «Он» may be a city too; the weights were learned where it is always somebody.
            things = [thing for thing in things if thing.group == "person"] or things
        for rank, thing in enumerate(things):
            features.append(describe(anaphor, place, thing, rank, self._context))
        names = sum(thing.span is not None for thing in things)
        features.append(
            [
                "nothing",
                f"nothing form={anaphor.form}",
                f"nothing names={min(names, 3)}",
                f"nothing quoted={place.quoted}",
                f"nothing type={min(anaphor.types)}" if anaphor.types else "nothing pronoun",
            ]
        )
        return Choice(anaphor, place, things, features)

    def _see_name(self, index: int) -> None:
        span, group = self._spans[index], self._groups[index]
        type_ = self._types[index]
        if group == "literal" or type_ in _IGNORED or self._is_nested(index):
            return
        words = self._context.words[span.first : span.last + 1]
        surface = " ".join(words)
        place = self._context.place(span.first, span.last)
        if type_ in _DESCRIBE:
            if not self._is_apposition(span.first, span.last):
                thing = Thing(None, "person", frozenset({"person"}), frozenset(), False, place)
                thing.noun = normal_name(surface)
                self._say(thing, place, "phrase")
            return
        normal = normal_name(surface)
        known = self._named.get((group, normal))
        if known is None and group == "person":
            known = self._short.get(normal) or self._spelled_otherwise(span)
        if known is None:
            known = self._new_name(index, words, place)
        known.span, known.sure = index, 1.0
        self._named[group, normal] = known
        if group == "person":
            for short in short_names(surface):
                self._short[short] = known
        self._say(known, place, "name")

    def _is_nested(self, index: int) -> bool:
        """Return whether the name is part of a longer one: "Victoria" of "Victoria's Secret"."""
        last = self._spans[index].last
        inside = self._outer is not None and last <= self._spans[self._outer].last
        if not inside:
            self._outer = index
        return inside

    def _spelled_otherwise(self, span: TypedSpan) -> Thing | None:
        """Return whom a person's name in brackets names again: "Чжан Инъин (Zhang Yingying)"."""
        latest = next(self._latest(), None)
        words = self._context.words
        if latest is None or latest.group != "person" or latest.said != "name" or span.first < 2:
            return None
        is_next = latest.place.last == span.first - 2 and words[span.first - 1] == "("
        return latest if is_next else None

    def _new_name(self, index: int, words: Sequence[str], place: Place) -> Thing:
        lower, span = self._context.lower, self._spans[index]
        group = self._groups[index]
        genders = genders_of(
            [word for word in words if word.isalpha()],
            [word for word in lower[max(span.first - 2, 0) : span.first] if word.isalpha()][-1:],
            is_person=group == "person",
        )
        near = lower[max(span.first - NEAR_TOKENS, 0) : span.last + 1 + NEAR_TOKENS]
        thing = Thing(
            span=index,
            group=group,
            types=PLACES if self._types[index] == "location" else frozenset({self._types[index]}),
            genders=genders,
            plural=False,
            place=place,
            words=frozenset(word.lower() for word in words),
            near=frozenset(near).intersection(KINDS[self._context.language]),
            is_first=not self._named,
        )
        thing.times = 0
        return thing

    def _see_phrase(self, anaphor: Anaphor, place: Place) -> None:
        if self._is_apposition(anaphor.first, anaphor.last):
            return
        for thing in self._latest():
            is_same = thing.span is None and thing.noun == anaphor.noun
            if is_same and anaphor.form == "definite" and thing.plural == anaphor.plural:
                self._say(thing, place, "phrase")
                return
        is_person = "person" in anaphor.types
        group = "person" if is_person else "unknown"
        if anaphor.types and not is_person:
            group = load_ontology().entity_types[min(anaphor.types)].group
        genders = anaphor.genders
        thing = Thing(None, group, anaphor.types, genders, anaphor.plural, place, anaphor.noun)
        thing.definite = anaphor.form == "definite"
        thing.times = 0
        self._say(thing, place, "phrase")

    def _is_apposition(self, first: int, last: int) -> bool:
        """Return whether a phrase stands beside a name: it is no other thing."""
        lower = self._context.lower
        if last + 1 in self._starts or first - 1 in self._ends:
            return True
        before = lower[first - 1] if first else ""
        after = lower[last + 1] if last + 1 < len(lower) else ""
        return (
            before in _COPULAS
            or (before in (",", "(", "—", "–", "-") and first - 2 in self._ends)
            or (after in (",", "(") and last + 2 in self._starts)
        )

    def _say(self, thing: Thing, place: Place, how: str) -> None:
        """Move the thing to the end of what was spoken of."""
        thing.place = place
        thing.said = how
        thing.times += 1
        self._recent.pop(id(thing), None)
        self._recent[id(thing)] = thing

    def _latest(self) -> Iterator[Thing]:
        """Yield the things last spoken of, the latest first."""
        return islice(reversed(self._recent.values()), MAX_THINGS)
