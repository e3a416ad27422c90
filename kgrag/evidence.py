"""Facts as evidence: ranked, with who states them, the way to them, and what speaks against them.

A fact counts by the passage that states it, by how sure it is, by whether it is about what the
question names, and by how near its relation is to the question. The way to it is the shortest path
over facts and shared documents, found by networkx in the small graph around the best passages.
"""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from indexes.facts import FactKey
from indexes.records import Triplet
from indexes.view import View
from kgrag.candidates import Candidate, NamedEntity
from kgrag.events import PathStep, RankedFact
from kgrag.literals import LITERAL_TYPES
from kgrag.ontology import load_ontology, relation_label

if TYPE_CHECKING:
    import networkx as nx

MAX_FACTS = 12
UNNAMED, FAR = 0.4, 0.5
"""What a fact counts for that is not about what the question names; whose relation is not near."""

BY_FACT, BY_DOCUMENT = 1.0, 1.5
"""Lengths of a step: a document that two share is a weaker tie than a fact."""

LONGEST = 5.0

_START = ("question", "")


def rank_facts(
    view: View,
    named: Sequence[NamedEntity],
    candidates: Sequence[Candidate],
    near: Mapping[str, float],
    language: str,
) -> tuple[RankedFact, ...]:
    """Return the facts that the best passages state, best first.

    Parameters
    ----------
    view:
        What may be read.
    named, candidates:
        The entities that the question names, and the best passages, scored.
    near:
        How near each relation is to the question, 0..1.
    language:
        Of the labels of relations in paths.
    """
    asked = {item.entity: item.weight for item in named}
    facts = view.graph.stated_in([item.row for item in candidates])
    scored = {_key(fact): _score(fact, candidates, asked, near) for fact in facts}
    best = sorted(facts, key=lambda fact: (-scored[_key(fact)], _key(fact)))[:MAX_FACTS]
    ways = _Ways(facts, candidates, asked)
    stated = view.graph.stating([_key(fact) for fact in best])
    # Where one fact has more evidence than is read, another may be left with what was found here.
    whole = {_key(fact): fact for fact in (*best, *stated)}
    against = rivals(view, best)
    return tuple(
        RankedFact(
            whole[key],
            scored[key],
            independent_documents(whole[key]),
            ways.to(fact, language),
            against.get(key, ()),
        )
        for key, fact in ((_key(fact), fact) for fact in best)
    )


def independent_documents(fact: Triplet) -> int:
    """Return how many documents state a fact, copies of one sentence counted once."""
    quotes: dict[str, str] = {}
    for item in fact.evidence:
        quotes.setdefault(" ".join(item.quote.lower().split()), item.document_id)
    return len(set(quotes.values()))


def rivals(view: View, facts: Sequence[Triplet]) -> dict[FactKey, tuple[Triplet, ...]]:
    """Return what contradicts each fact: another object of a relation that admits only one.

    Objects of another type are no rivals ("born in Basel", "born in Switzerland"), nor is a date
    that only says less or more.
    """
    relations = load_ontology().relation_types
    keys = {
        _key(fact): view.graph.rivals(_key(fact))
        for fact in facts
        if fact.relation in relations and relations[fact.relation].functional
    }
    wanted = sorted({other for others in keys.values() for other in others})
    stated = {_key(fact): fact for fact in view.graph.stating(wanted)}
    found = {}
    for fact in facts:
        others = [stated[key] for key in keys.get(_key(fact), ()) if key in stated]
        against = tuple(
            other
            for other in others
            if other.object.type == fact.object.type and not _is_part(fact, other)
        )
        if against:
            found[_key(fact)] = against
    return found


def _is_part(fact: Triplet, other: Triplet) -> bool:
    """Return whether one object only says less than the other: 1707, and 15 April 1707."""
    one, two = (set(item.object.name.lower().split()) for item in (fact, other))
    is_literal = fact.object.type in LITERAL_TYPES
    return is_literal and (one <= two or two <= one)


def _key(fact: Triplet) -> FactKey:
    return fact.subject.id, fact.relation, fact.object.id


def _score(
    fact: Triplet,
    candidates: Sequence[Candidate],
    asked: Mapping[str, float],
    near: Mapping[str, float],
) -> float:
    top = candidates[0].score or 1.0
    passage = max(
        (
            item.score
            for item in candidates
            for evidence in fact.evidence
            if evidence.document_id == item.passage.document_id
            and item.passage.start <= evidence.start < item.passage.end
        ),
        default=0.0,
    )
    about = max(asked.get(fact.subject.id, 0.0), asked.get(fact.object.id, 0.0))
    return (
        math.sqrt(passage / top)
        * fact.confidence
        * (UNNAMED + (1 - UNNAMED) * about)
        * (FAR + (1 - FAR) * near.get(fact.relation, 0.0))
    )


Node = tuple[str, str]


class _Ways:
    """The shortest ways from the question over facts and documents, each found once."""

    def __init__(
        self,
        facts: Sequence[Triplet],
        candidates: Sequence[Candidate],
        asked: Mapping[str, float],
    ) -> None:
        import networkx as nx

        self._graph = _graph_around(facts, candidates, asked)
        self._lengths: dict[Node, float] = {}
        self._paths: dict[Node, list[Node]] = {}
        if asked:
            self._lengths, self._paths = nx.single_source_dijkstra(
                self._graph, _START, cutoff=LONGEST, weight="length"
            )

    def to(self, fact: Triplet, language: str) -> tuple[PathStep, ...]:
        """Return the way to the nearer end of a fact."""
        ends = [("entity", entity.id) for entity in (fact.subject, fact.object)]
        reached = [end for end in ends if end in self._lengths]
        if not reached:
            return ()
        nearest = min(reached, key=self._lengths.__getitem__)
        return _steps(self._graph, self._paths[nearest][1:], language)


def _graph_around(
    facts: Sequence[Triplet], candidates: Sequence[Candidate], asked: Mapping[str, float]
) -> "nx.MultiGraph[Node]":
    """Join the question to what it names, entities by facts, and entities to their documents."""
    import networkx as nx

    graph = nx.MultiGraph()
    for entity in asked:
        graph.add_edge(_START, ("entity", entity), length=0.0)
    for fact in facts:
        ends = ("entity", fact.subject.id), ("entity", fact.object.id)
        for node, thing in zip(ends, (fact.subject, fact.object), strict=True):
            graph.add_node(node, name=thing.name)
        graph.add_edge(*ends, length=BY_FACT, fact=fact)
    for candidate in candidates:
        passage = candidate.passage
        here = "passage", str(candidate.row)
        graph.add_node(here, name=passage.document_name)
        for mention in candidate.placed:
            node = "entity", mention.entity
            graph.add_node(node)
            graph.nodes[node].setdefault("name", passage.text[mention.place : mention.end])
            if not graph.has_edge(here, node):
                graph.add_edge(here, node, length=BY_DOCUMENT / 2)
    return graph


def _steps(
    graph: "nx.MultiGraph[Node]", nodes: Sequence[Node], language: str
) -> tuple[PathStep, ...]:
    """Return the steps of a path, a document between two entities as one step."""
    steps = []
    at = 0
    while at < len(nodes) - 1:
        one, other = nodes[at], nodes[at + 1]
        if other[0] == "passage":
            end = nodes[at + 2]
            steps.append(_step(graph, one, end, None, graph.nodes[other]["name"]))
            at += 2
            continue
        facts = [edge["fact"] for edge in graph.get_edge_data(one, other).values()]
        best = max(facts, key=lambda fact: fact.confidence)
        label = relation_label(best.relation, language)
        steps.append(_step(graph, one, other, label, None, is_forward=best.subject.id == one[1]))
        at += 1
    return tuple(steps)


def _step(
    graph: "nx.MultiGraph[Node]",
    one: Node,
    other: Node,
    relation: str | None,
    document: str | None,
    *,
    is_forward: bool = True,
) -> PathStep:
    names = [graph.nodes[node].get("name", node[1]) for node in (one, other)]
    return PathStep(names[0], names[1], relation, document, is_forward)
