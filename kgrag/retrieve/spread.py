"""Personalised PageRank over the part of the graph that the pool reaches.

Passages, entities and triplets are nodes. A passage and an entity are joined by its mentions there,
the more and the earlier the stronger, the commoner the entity the weaker; a triplet is joined to
its two entities and to the passages that state it. The walk starts at the passages that the first
look found good, at the entities that the question names, and at the triplets whose relation it asks
for. The matrix is made of rows that the library's own indexes hold, around the question only: it is
always in step with the library, and its size does not grow with it.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from indexes.facts import StatedFact
from kgrag.candidates import Candidate
from kgrag.retrieve.asked import Asked
from kgrag.retrieve.bridges import Found
from kgrag.retrieve.first_look import Look, specificity
from kgrag.retrieve.walk import Nodes, walk

Floats = NDArray[np.float64]

DAMPINGS = (0.5, 0.7)
"""How often the walk goes on instead of starting anew; HippoRAG 2 uses 0.5."""

STEPS = 8
"""What is left after them is under a hundredth of the walk at 0.5, a seventeenth at 0.7."""

TOO_COMMON = 200
"""Names: an entity that the library names more often joins nothing."""

ABOUT, ALIKE = 3.0, 4.0
"""What being about an entity, and beginning with words like its name, add to the tie."""

ENTITY_SHARE, FACT_SHARE = 0.4, 0.1
"""Of the starts, entities and triplets; the passages have the rest."""

BEST_FACTS = 10


def spread(
    asked: Asked,
    pool: Sequence[Candidate],
    looks: Sequence[Look],
    first: NDArray[np.float32],
    found: Sequence[Found],
    facts: Sequence[StatedFact],
    near: Mapping[str, float],
) -> Floats:
    """Return float64 (passages, dampings): where the walk is, over the best passage's share.

    Parameters
    ----------
    asked, pool, looks:
        The question, and the passages with what was seen in them.
    first:
        Float32 (passages,): the probabilities of the first look; the pool may have grown since.
    found:
        Where names lead to.
    facts, near:
        What the best passages state, and how near each relation is to the question.
    """
    ties = _passage_ties(pool, looks, found)
    nodes = Nodes(len(pool))
    for (passage, entity), strength in ties.items():
        nodes.join(passage, nodes.number(entity), strength)
    starts = _start_facts(facts, near, asked)
    index = {candidate.row: at for at, candidate in enumerate(pool)}
    for fact in facts:
        key = fact.subject, fact.relation, fact.object
        node = nodes.number(key)
        nodes.join(index[fact.passage], node, fact.score)
        for entity in (fact.subject, fact.object):
            if entity in nodes.numbers:
                nodes.join(nodes.number(entity), node, fact.score)
    start = np.zeros(nodes.count)
    start[: len(first)] = first
    start /= start.sum() or 1.0
    start *= 1.0 - ENTITY_SHARE - FACT_SHARE
    _seed(start, {nodes.numbers[e]: w for e, w in asked.named.items() if e in nodes.numbers},
          ENTITY_SHARE)  # fmt: skip
    _seed(start, {nodes.numbers[key]: value for key, value in starts.items()}, FACT_SHARE)
    start /= start.sum() or 1.0
    matrix = nodes.transitions()
    walks = [walk(matrix, start, damping, STEPS)[: len(pool)] for damping in DAMPINGS]
    return np.column_stack([shares / (shares.max() or 1.0) for shares in walks])


def _passage_ties(
    pool: Sequence[Candidate], looks: Sequence[Look], found: Sequence[Found]
) -> dict[tuple[int, str], float]:
    ties: dict[tuple[int, str], float] = {}
    index = {candidate.row: at for at, candidate in enumerate(pool)}
    for at, (candidate, seen) in enumerate(zip(pool, looks, strict=True)):
        counts = Counter(mention.entity for mention in candidate.placed)
        names = {mention.entity: mention.names for mention in candidate.placed}
        for entity, count in counts.items():
            if names[entity] <= TOO_COMMON:
                strength = 1.0 + math.log(count) + ABOUT * seen.about.get(entity, 0.0)
                ties[at, entity] = strength * specificity(names[entity])
    for item in found:
        target = index.get(item.row)
        if target is not None and item.likeness and item.name.names <= TOO_COMMON:
            strength = ALIKE * item.likeness * specificity(item.name.names)
            ties.setdefault((target, item.name.entity), strength)
    return ties


def _start_facts(
    facts: Sequence[StatedFact], near: Mapping[str, float], asked: Asked
) -> dict[tuple[str, str, str], float]:
    """Return the triplets about what the question names whose relation is nearest to it."""
    scored: dict[tuple[str, str, str], float] = {}
    for fact in facts:
        named = max(asked.named.get(fact.subject, 0.0), asked.named.get(fact.object, 0.0))
        value = named * near.get(fact.relation, 0.0) * fact.score
        if value:
            key = fact.subject, fact.relation, fact.object
            scored[key] = max(scored.get(key, 0.0), value)
    best = sorted(scored, key=lambda key: (-scored[key], key))[:BEST_FACTS]
    return {key: scored[key] for key in best}


def _seed(start: Floats, seeds: Mapping[int, float], share: float) -> None:
    total = sum(seeds.values())
    for node, value in seeds.items():
        start[node] += share * value / total
