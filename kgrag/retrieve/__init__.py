"""Rank passages for a question: words, vectors and the cited graph in one ranking.

    look up -> read -> first look -> follow bridges -> read -> walk the graph -> second look

The pool is what BM25 over stems, the nearest vectors, and the entities named in the question give.
A first look weighs each passage by itself. The names in the best of them lead on to further
passages (the second hop), a walk over passages, entities and triplets says what hangs together, and
a second look weighs each passage beside the best.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexes.facts import StatedFact
from indexes.view import View
from kgrag.candidates import Candidate, NamedEntity
from kgrag.embed import Embedder
from kgrag.question import Question
from kgrag.retrieve.asked import Asked, weigh
from kgrag.retrieve.bridges import (
    MAX_NEW,
    SOURCES,
    Facts,
    Found,
    bridges,
    follow,
    names_in,
)
from kgrag.retrieve.first_look import Look, first_features, look, specificity
from kgrag.retrieve.pool import look_up, read
from kgrag.retrieve.ranker import Ranker, load_ranker
from kgrag.retrieve.relations import nearness
from kgrag.retrieve.second_look import second_features
from kgrag.retrieve.spread import spread

Floats = NDArray[np.float32]

UNWRITTEN = 0.3
"""What a name counts for that the question writes like a common word, beside one in capitals."""


@dataclass(frozen=True)
class Ranked:
    """Passages, best first, and what they were compared with.

    ``vector`` is the question's, ``rarity`` how rare each of its words is, float32 both; ``near``
    is how near each relation is to it, 0..1.
    """

    candidates: list[Candidate]
    vector: Floats
    rarity: Floats
    near: dict[str, float]


@dataclass(frozen=True)
class FirstLook:
    """The pool after the first look: ``features`` is float32 (passages, first-look features)."""

    asked: Asked
    pool: list[Candidate]
    looks: list[Look]
    features: Floats


@dataclass(frozen=True)
class SecondLook:
    """The pool, grown: ``features`` is float32 (passages, features of both looks)."""

    asked: Asked
    pool: list[Candidate]
    looks: list[Look]
    features: Floats
    found: list[Found]
    facts: list[StatedFact]
    near: dict[str, float]

    def walk_alone(self) -> NDArray[np.float64]:
        """Return where the walk gets from the question's entities and triplets alone: (pool,)."""
        start = np.zeros(0, np.float32)
        walk = spread(self.asked, self.pool, self.looks, start, self.found, self.facts, self.near)
        column: NDArray[np.float64] = walk[:, 0]
        return column


def link_question(view: View, question: Question) -> tuple[NamedEntity, ...]:
    """Return the entities that a question names.

    A longer name wins over the shorter ones inside it; a name that several entities share is shared
    out by how often it means each.
    """
    named = view.graph.named(question.names)
    found: list[NamedEntity] = []
    covered: list[str] = []
    for name in question.names:
        if name not in named or any(f" {name} " in f" {longer} " for longer in covered):
            continue
        covered.append(name)
        total = sum(named[name].values())
        worth = 1.0 if name in question.written else UNWRITTEN
        found += [
            NamedEntity(name, id_, worth * count / total) for id_, count in named[name].items()
        ]
    return tuple(found)


def rank_passages(
    view: View,
    embedder: Embedder,
    question: Question,
    named: Sequence[NamedEntity],
    *,
    ranker: Ranker | None = None,
) -> Ranked:
    """Return the candidates for a question, best first; none where nothing matches.

    Parameters
    ----------
    view:
        What may be read.
    embedder, question, named:
        The library's embedder, what is asked, and the entities that it names.
    ranker:
        Other weights than those that ship.
    """
    seen = look_first(view, embedder, question, named)
    if not seen.pool:
        return Ranked([], seen.asked.vector, seen.asked.rarity, {})
    ranker = ranker or load_ranker()
    again = look_again(view, embedder, seen, ranker)
    candidates = ordered(again, ranker)
    return Ranked(candidates, seen.asked.vector, seen.asked.rarity, again.near)


def ordered(seen: "SecondLook", ranker: Ranker) -> list[Candidate]:
    """Return the pool with its scores, best first."""
    for candidate, score in zip(seen.pool, ranker.second(seen.features), strict=True):
        candidate.score = float(score)
    return sorted(seen.pool, key=lambda item: (-item.score, item.row))


def look_first(
    view: View, embedder: Embedder, question: Question, named: Sequence[NamedEntity]
) -> FirstLook:
    """Look up the pool, read it, and see what each passage is by itself."""
    asked = weigh(view, embedder, question, named)
    pool = read(view, embedder, look_up(view, asked))
    looks = [look(asked, candidate) for candidate in pool]
    features = first_features(asked, pool, looks) if pool else np.zeros((0, 0), np.float32)
    return FirstLook(asked, pool, looks, features)


def look_again(view: View, embedder: Embedder, seen: FirstLook, ranker: Ranker) -> SecondLook:
    """Follow the bridges, walk the graph, and see each passage beside the best."""
    first = ranker.first(seen.features)
    asked, pool, looks = seen.asked, list(seen.pool), list(seen.looks)
    sources = [int(at) for at in np.argsort(-first, kind="stable")[:SOURCES]]
    names = names_in(asked, pool, sources)
    found = follow(view, names)
    for candidate in read(view, embedder, _new_rows(pool, found, first)):
        pool.append(candidate)
        looks.append(look(asked, candidate))
    facts = view.graph.facts_in([pool[source].row for source in sources])
    near = nearness(asked)
    specificities = {name.entity: specificity(name.names) for name in names}
    joined = _facts_beside(asked, pool, looks, sources, facts, near)
    leads = bridges(found, names, pool, looks, joined, specificities)
    walk = spread(asked, pool, looks, first, found, facts, near)
    again = second_features(asked, pool, looks, first, sources, leads, walk)
    features = np.hstack([first_features(asked, pool, looks), again])
    return SecondLook(asked, pool, looks, features, found, facts, near)


def _new_rows(pool: Sequence[Candidate], found: Sequence[Found], first: Floats) -> list[int]:
    """Return the rows of new passages, those that the best sources lead to surest first."""
    held = {candidate.row for candidate in pool}
    worth: dict[int, float] = {}
    for item in found:
        if item.row not in held and not item.name.is_asked:
            value = float(first[item.name.source]) * max(item.likeness, 0.5)
            worth[item.row] = max(worth.get(item.row, 0.0), value)
    return sorted(worth, key=lambda row: (-worth[row], row))[:MAX_NEW]


def _facts_beside(
    asked: Asked,
    pool: Sequence[Candidate],
    looks: Sequence[Look],
    sources: Sequence[int],
    facts: Sequence[StatedFact],
    near: dict[str, float],
) -> Facts:
    """Return what facts join with what a source is about, and how near they are to the question."""
    index = {pool[source].row: source for source in sources}
    joined: Facts = {}
    for fact in facts:
        source = index.get(fact.passage)
        if source is None:
            continue
        for one, other in ((fact.subject, fact.object), (fact.object, fact.subject)):
            if one in looks[source].about or one in asked.named:
                key = source, other
                joined[key] = max(joined.get(key, 0.0), near.get(fact.relation, 0.0) * fact.score)
    return joined


__all__ = [
    "FirstLook",
    "Ranked",
    "SecondLook",
    "link_question",
    "look_again",
    "look_first",
    "ordered",
    "rank_passages",
]
