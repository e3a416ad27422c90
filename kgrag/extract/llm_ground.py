"""Turns what a language model claims into mentions and relations that stand in the text.

What is not in the text is dropped: a name or a quotation that cannot be found, a fact whose two
names lie too far apart or whose types its relation does not admit, a thing related to itself. The
evidence of a relation is the sentence, or the neighbouring sentences, that hold both of its names.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexes.records import Mention, MentionRelation
from kgrag.extract.llm_answer import Answer, Claim
from kgrag.extract.llm_places import Places
from kgrag.extract.llm_windows import Window
from kgrag.extract.tokens import Span
from kgrag.ontology import RelationType, load_ontology

MENTION_SCORE = 0.9
RELATION_SCORE = 0.7
"""Constants: an answer says nothing of how sure the model is. What one model alone claims stays
under ``resolve.MIN_ALIAS_SCORE``, so that it joins no two names; documents that agree add up."""

MAX_NAME_CHARS = 120

MAX_APART = 2
"""Sentences from one name of a fact to the other, as in the bundled extractor."""

MAX_PLACES_TRIED = 20
"""Of either name of a fact."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A claim that was found in the text: where its names are, and [start, end) that states it."""

    subject: Span
    relation: str
    object: Span
    evidence: Span


@dataclass(frozen=True, slots=True)
class Grounded:
    """What was found of an answer, in offsets of the whole text; ``dropped`` entries were not."""

    mentions: tuple[Mention, ...]
    relations: tuple[MentionRelation, ...]
    dropped: int


def ground(answer: Answer, text: str, window: Window) -> Grounded:
    """Find what a model claims of a window.

    Parameters
    ----------
    answer:
        Its names and facts.
    text:
        The whole text, which the window's offsets count.
    window:
        What the model was shown.
    """
    ground = _Ground(text, window)
    dropped = answer.spoilt + sum(
        not ground.name(item.quote, item.type) for item in answer.mentions
    )
    dropped += sum(not ground.claim(item) for item in answer.triplets)
    return ground.settle(dropped)


class _Ground:
    def __init__(self, text: str, window: Window) -> None:
        self._text = text
        self._sentences = window.sentences
        self._starts = [start for start, _ in window.sentences]
        self._offset = window.start
        self._places = Places(text[window.start : window.end])
        self._ontology = load_ontology()
        self._relations = {
            name.casefold(): kind
            for kind in self._ontology.relation_types.values()
            for name in (kind.id, kind.label_en)
        }
        self._types: dict[Span, list[str]] = {}
        self._chosen: dict[Span, str] = {}
        self._facts: dict[tuple[Span, str, Span], Fact] = {}

    def name(self, quote: str, type_: str) -> bool:
        """Note a name wherever it stands; return whether it does."""
        places = self._find_name(quote) if type_ in self._ontology.entity_types else []
        for place in places:
            types = self._types.setdefault(place, [])
            if type_ not in types:
                types.append(type_)
        return bool(places)

    def claim(self, claim: Claim) -> bool:
        """Note a fact where it is stated best; return whether it is."""
        kind = self._relations.get(claim.relation.strip().casefold())
        if kind is None:
            return False
        ends = (claim.subject, claim.object)
        if not kind.canonical and kind.inverse is not None:
            kind, ends = self._ontology.relation_types[kind.inverse], ends[::-1]
        subjects, objects = (self._find_name(name)[:MAX_PLACES_TRIED] for name in ends)
        quotes = [self._sentences_of(span) for span in self._find(claim.quote)]
        candidates = sorted(
            (*rank, subject, object_)
            for subject in subjects
            for object_ in objects
            if (rank := self._rank(subject, object_, quotes)) is not None
        )
        for _, _, evidence, subject, object_ in candidates:
            if self._note(kind, subject, object_, evidence):
                return True
        return False

    def settle(self, dropped: int) -> Grounded:
        """Return what was noted, mentions in text order, an outer one before those inside it."""
        ends = {end for fact in self._facts.values() for end in (fact.subject, fact.object)}
        kept: list[Span] = []
        for span in sorted({*self._types, *ends}, key=lambda span: (span not in ends, span)):
            if not any(_cross(span, other) for other in kept):
                kept.append(span)
        kept.sort(key=lambda span: (span[0], -span[1]))
        index = {span: number for number, span in enumerate(kept)}
        mentions = tuple(
            Mention(*span, self._text[slice(*span)], self._type_of(span), MENTION_SCORE)
            for span in kept
        )
        relations = [
            MentionRelation(
                index[fact.subject], fact.relation, index[fact.object], *fact.evidence,
                RELATION_SCORE,
            )
            for fact in self._facts.values()
            if fact.subject in index and fact.object in index
        ]  # fmt: skip
        relations.sort(key=lambda item: (item.subject, item.object, item.relation))
        return Grounded(mentions, tuple(relations), dropped + len(self._facts) - len(relations))

    def _find(self, quote: str) -> list[Span]:
        found = self._places.find(quote)
        return [(start + self._offset, end + self._offset) for start, end in found]

    def _find_name(self, name: str) -> list[Span]:
        """Return where a name stands; it has a letter or a digit, and no blank line in it."""
        return [
            (start, end)
            for start, end in self._find(name)
            if end - start <= MAX_NAME_CHARS
            and any(char.isalnum() for char in self._text[start:end])
            and "\n\n" not in self._text[start:end]
        ]

    def _sentences_of(self, span: Span) -> tuple[int, int]:
        """Return the first and the last sentence that a span touches."""
        first = max(bisect_right(self._starts, span[0]) - 1, 0)
        return first, max(bisect_right(self._starts, span[1] - 1) - 1, 0)

    def _rank(
        self, subject: Span, object_: Span, quotes: Sequence[tuple[int, int]]
    ) -> tuple[int, int, Span] | None:
        """Return how badly two places fit a fact, and its evidence; None if they do not at all.

        First come those within the quotation, then those beside it; among these, the nearest.
        """
        # A name lies in two sentences where a full stop in it was taken for an end: "Sen. Kennedy".
        ends = (*self._sentences_of(subject), *self._sentences_of(object_))
        first, last = min(ends), max(ends)
        if last - first > MAX_APART or self._is_same(subject, object_):
            return None
        reaches = []
        for begin, end in quotes:
            if begin <= first and last <= end:
                reaches.append((0, first, last))
            elif max(last, end) - min(first, begin) <= MAX_APART:
                reaches.append((1, min(first, begin), max(last, end)))
        if not reaches:
            return None
        beside, first, last = min(reaches)
        nests = subject[0] < object_[1] and object_[0] < subject[1]
        apart = max(subject[0], object_[0]) - min(subject[1], object_[1])
        evidence = (self._sentences[first][0], self._sentences[last][1])
        return 2 * beside + nests, apart, evidence

    def _is_same(self, one: Span, other: Span) -> bool:
        """Return whether two spans read alike: a name is no other name of itself."""
        return self._text[slice(*one)].casefold() == self._text[slice(*other)].casefold()

    def _note(self, kind: RelationType, subject: Span, object_: Span, evidence: Span) -> bool:
        """Note a fact if its relation admits its two names; return whether it does."""
        for one, one_type in self._readings(subject, kind.domain):
            for other, other_type in self._readings(object_, kind.range):
                if (
                    not kind.allows(one_type, other_type)
                    or _cross(one, other)
                    or self._is_same(one, other)
                    or min(one[0], other[0]) < evidence[0]
                    or max(one[1], other[1]) > evidence[1]
                ):
                    continue
                self._chosen[one], self._chosen[other] = one_type, other_type
                ends = sorted((one, other)) if kind.symmetric else (one, other)
                fact = Fact(ends[0], kind.id, ends[1], evidence)
                self._facts.setdefault((fact.subject, kind.id, fact.object), fact)
                return True
        return False

    def _readings(self, span: Span, admitted: Sequence[str]) -> Iterator[tuple[Span, str]]:
        """Yield what a name of a fact can be: itself, the longer name that it is a part of, or,
        where the model did not name it, what alone the relation admits (a date, an age).
        """
        if span in self._chosen:
            yield span, self._chosen[span]
            return
        for type_ in self._types.get(span, ()):
            yield span, type_
        if span in self._types:
            return
        for outer, types in self._types.items():
            if outer[0] <= span[0] and span[1] <= outer[1]:
                yield from ((outer, self._chosen.get(outer, type_)) for type_ in types)
        if len(admitted) == 1:
            yield span, admitted[0]

    def _type_of(self, span: Span) -> str:
        return self._chosen.get(span) or self._types[span][0]


def _cross(one: Span, other: Span) -> bool:
    """Return whether two spans overlap without one lying in the other."""
    return one[0] < other[0] < one[1] < other[1] or other[0] < one[0] < other[1] < one[1]
