"""Bridges: names in the best passages that lead on to the passages about whom they name.

This is the second hop: what the first look found is read for names that the question does not hold,
and each is looked up anew. A name leads to passages that begin with the same entity, and to those
whose first words are alike: "Shawn Levy" to "Shawn Adam Levy (born ...)", "D. Rao" to "Dukkipati
Rao", whether or not the graph knows that they are one.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexes.facts import PlacedMention
from indexes.text import stems
from indexes.view import View
from kgrag.candidates import Candidate
from kgrag.literals import LITERAL_TYPES
from kgrag.retrieve.asked import Asked, rarity_of
from kgrag.retrieve.first_look import Look

SOURCES = 6
"""Best passages of the first look that are read for names."""

MAX_NAMES = 40
OF_ENTITY = 8
MAX_NEW = 30
"""Passages that bridges may add to the pool."""

ABOUT_CHARS = 200
"""A passage that first names an entity later than this is hardly about it."""

OPENINGS = 30
"""Openings that may share the rarest word of a name; a commoner word leads nowhere."""

COMMON = 1_000
"""Passages with a word, from which on it stands in too many openings: it is not even looked up."""

RARE = 4.0
"""How rare a name of one word must be to be looked up by itself: one passage in 55."""

ALIKE = 0.75
ALIKE_WORTH, ABBREVIATED_WORTH, LATER_WORTH = 0.9, 0.7, 0.6
"""What a likeness counts for beside the same entity; a word given by its beginning only; a name
that does not stand at the very start."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a source: ``source`` indexes the pool, ``sentence`` the source's sentences."""

    source: int
    sentence: int
    entity: str
    names: int
    words: tuple[str, ...]
    is_asked: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that a name leads to; ``likeness`` is 0 where only the graph says so."""

    row: int
    name: Name
    likeness: float


def names_in(asked: Asked, pool: Sequence[Candidate], sources: Sequence[int]) -> list[Name]:
    """Return the names in the sources that may lead on, each once a source, best sources first."""
    found: dict[tuple[int, str, tuple[str, ...]], Name] = {}
    for source in sources:
        candidate = pool[source]
        for mention in candidate.placed:
            if mention.is_name and mention.type not in LITERAL_TYPES:
                words = tuple(stems(candidate.passage.text[mention.place : mention.end]))
                sentence = _sentence_at(candidate, mention)
                name = Name(
                    source,
                    sentence,
                    mention.entity,
                    mention.names,
                    words,
                    set(words) <= asked.stems,
                )
                found.setdefault((source, mention.entity, words), name)
    return list(found.values())


def follow(view: View, names: Sequence[Name]) -> list[Found]:
    """Return the passages that the names lead to."""
    by_entity: dict[str, list[Name]] = defaultdict(list)
    by_words: dict[tuple[str, ...], list[Name]] = defaultdict(list)
    for name in names:
        by_entity[name.entity].append(name)
        by_words[name.words].append(name)
    found = [
        Found(row, name, 0.0)
        for entity, row, place in view.graph.passages_of(list(by_entity)[:MAX_NAMES], OF_ENTITY)
        if place <= ABOUT_CHARS
        for name in by_entity[entity]
    ]
    for words, row, likeness in _alike(view, list(by_words)[:MAX_NAMES]):
        found += [Found(row, name, likeness) for name in by_words[words]]
    return found


def likeness(words: Sequence[str], rarity: Sequence[float], opening: Sequence[str]) -> float:
    """Return how far the first words of a passage are a name, 0..1.

    Parameters
    ----------
    words, rarity:
        The stems of the name, and how rare each is.
    opening:
        The first stems of the passage.
    """
    held, total = 0.0, float(sum(rarity))
    places = []
    for word, weight in zip(words, rarity, strict=True):
        at = [place for place, other in enumerate(opening) if other == word]
        if not at:
            weight *= ABBREVIATED_WORTH
            at = [place for place, other in enumerate(opening) if _abbreviates(word, other)]
        if at:
            held += weight
            places.append(at[0])
    if not places or held < ALIKE * total or max(places) - min(places) > len(words) + 3:
        return 0.0
    return held / total * (1.0 if min(places) <= 2 else LATER_WORTH)


def _alike(
    view: View, names: Sequence[tuple[str, ...]]
) -> Iterator[tuple[tuple[str, ...], int, float]]:
    counts = view.lexical.frequencies([word for words in names for word in words])
    total = view.lexical.passage_count()
    openings: dict[str, list[tuple[int, list[str]]]] = {}
    for words in names:
        rarity = [rarity_of(counts[word], total) for word in words]
        whole = [index for index, word in enumerate(words) if len(word) > 2]
        if not whole or (len(words) == 1 and rarity[0] < RARE):
            continue
        rarest = words[max(whole, key=rarity.__getitem__)]
        if counts[rarest] > COMMON:
            continue
        if rarest not in openings:
            openings[rarest] = view.lexical.opening_with(rarest, OPENINGS + 1)
        if len(openings[rarest]) > OPENINGS:
            continue
        for row, opening in openings[rarest]:
            score = likeness(words, rarity, opening)
            if score:
                yield words, row, score


def _abbreviates(one: str, other: str) -> bool:
    """Return whether one is the beginning of the other: an initial, or a short form of a name."""
    return one != other and (one.startswith(other) or other.startswith(one))


def _sentence_at(candidate: Candidate, mention: PlacedMention) -> int:
    ends = candidate.sentences.ends
    return min(int(np.searchsorted(ends, mention.place, side="right")), max(len(ends) - 1, 0))


@dataclass(frozen=True, slots=True)
class Bridge:
    """How a source leads to a target: parts within 0..1.

    ``strength`` of the link; ``cosine`` and ``covered`` of the sentence that holds the name;
    ``specificity`` of the entity; ``is_new``: the question does not hold the name; ``fact``: how
    near a fact between what the source is about and the name is to the question.
    """

    source: int
    strength: float
    cosine: float
    covered: float
    specificity: float
    is_new: bool
    fact: float


Facts = dict[tuple[int, str], float]
"""(source, entity) to the nearness of the best fact that joins it to what the source is about."""

Matrix = NDArray[np.float32]


def bridges(
    found: Sequence[Found],
    names: Sequence[Name],
    pool: Sequence[Candidate],
    looks: Sequence[Look],
    facts: Facts,
    specificities: dict[str, float],
) -> dict[int, list[Bridge]]:
    """Return the bridges to each passage of the pool, by its index."""
    index = {candidate.row: at for at, candidate in enumerate(pool)}
    strengths: dict[tuple[int, Name], float] = {}
    for item in found:
        target = index.get(item.row)
        if target is not None and item.likeness:
            key = target, item.name
            strengths[key] = max(strengths.get(key, 0.0), ALIKE_WORTH * item.likeness)
    by_entity: dict[str, list[Name]] = defaultdict(list)
    for name in names:
        by_entity[name.entity].append(name)
    for target, seen in enumerate(looks):
        for entity, weight in seen.about.items():
            for name in by_entity.get(entity, ()):
                key = target, name
                strengths[key] = max(strengths.get(key, 0.0), weight)
    built: dict[int, list[Bridge]] = defaultdict(list)
    for (target, name), strength in strengths.items():
        if target != name.source:
            source = looks[name.source]
            built[target].append(
                Bridge(
                    name.source,
                    strength,
                    max(float(source.sentence_cosines[name.sentence]), 0.0),
                    source.sentence_covered[name.sentence],
                    specificities[name.entity],
                    not name.is_asked,
                    facts.get((name.source, name.entity), 0.0),
                )
            )
    return dict(built)
