"""Libraries whose facts are given by hand, for tests of the explorer."""

from collections.abc import Mapping, Sequence

import networkx as nx

from indexes.additions import Addition
from indexes.library import Library
from indexes.records import Mention, MentionRelation, Resolution, ResolvedMention
from kgrag.explorer.records import Graph
from kgrag.literals import LITERAL_TYPES, read_literal
from kgrag.names import normal_name
from tests.indexes.samples import analysis

Stated = tuple[str, str, str] | tuple[str, str, str, float]
"""Subject, relation, object, and how sure it is (0.5)."""


def state(
    library: Library,
    source: str,
    facts: Sequence[Stated],
    types: Mapping[str, str] | None = None,
    same_as: Sequence[tuple[str, str]] = (),
) -> str:
    """Add a document with a sentence for each fact; things are persons unless ``types`` tells.

    Return the document's id.
    """
    kinds = types or {}
    mentions: list[ResolvedMention] = []
    relations = []
    text = ""
    for subject, relation, object_, *score in facts:
        start, middle = len(text), len(text) + len(f"{subject} has ")
        text += f"{subject} has {object_} by {relation} in {source}."
        for name, at in ((subject, start), (object_, middle)):
            mentions.append(_mention(name, at, kinds.get(name, "person")))
        here = len(mentions)
        relations.append(
            MentionRelation(here - 2, relation, here - 1, start, len(text), *score or (0.5,))
        )
        text += "\n"
    keys = [[_mention(name, 0, "person").identity for name in pair] for pair in same_as]
    pairs = tuple(sorted((min(pair), max(pair)) for pair in keys))
    content = analysis(text, Resolution(tuple(mentions), tuple(relations), pairs))
    library.add([Addition(source, source, content)])
    return content.document.id


def _mention(name: str, at: int, type_: str) -> ResolvedMention:
    literal = read_literal(name, type_) if type_ in LITERAL_TYPES else None
    normal = literal.key if literal else normal_name(name)
    mention = Mention(at, at + len(name), name, type_, 0.9)
    return ResolvedMention(mention, f"{type_}|{normal}", normal)


def entity_id(library: Library, name: str) -> str:
    """Return the id of the entity that documents call so."""
    ((id_,),) = library.db.execute(
        "SELECT DISTINCT entity FROM identities JOIN surfaces ON identity = row WHERE text = ?",
        (name,),
    ).fetchall()
    return str(id_)


def as_network(library: Library, minimum: float = 0.0) -> "nx.MultiDiGraph[str]":
    graph = nx.MultiDiGraph()
    for fact in library.graph.triplets():
        if fact.confidence >= minimum:
            graph.add_edge(fact.subject.id, fact.object.id, fact.relation, score=fact.confidence)
    return graph


def names(graph: Graph) -> list[str]:
    return [node.entity.name for node in graph.nodes]


def keys(graph: Graph) -> set[tuple[str, str, str]]:
    return {(edge.subject, edge.relation, edge.object) for edge in graph.edges}


def without_dates(library: Library) -> "nx.MultiDiGraph[str]":
    graph = as_network(library)
    graph.remove_nodes_from([entity_id(library, str(1700 + year)) for year in range(3)])
    return graph
