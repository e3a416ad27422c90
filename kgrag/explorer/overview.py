"""The best connected entities of a library as one picture: what to draw, and where it stands."""

import numpy as np
from numpy.typing import NDArray

from indexes.edges import Edges, EdgeTable, Numbers
from indexes.records import Entity
from kgrag.explorer.communities import Pairs, find_communities
from kgrag.explorer.layout import Points, lay_out
from kgrag.explorer.records import Community, Edge, Graph, GraphFilter, Node
from kgrag.explorer.selection import chosen_edges
from kgrag.explorer.tables import Reading, degrees

MAX_NODES = 2_000
EDGES_PER_NODE = 4
"""How many edges are drawn at most, for each node: more only make a blot."""

_FIRST = 0.75
"""Share of the nodes that are chosen by their degree alone; then the alone get a neighbour."""

_NAMES = 3
"""Of a community's best connected nodes, in its label."""


def overview(reading: Reading, where: GraphFilter, limit: int) -> Graph:
    """Return the best connected entities and the surest edges among them.

    Dates, numbers and the like join strangers: they are left out unless the filter asks for their
    type.
    """
    edges = chosen_edges(reading, where)
    table = reading.edges
    if not where.types:
        is_literal = reading.types.is_literal
        at = edges.places
        edges = edges[~is_literal[table.subject[at]] & ~is_literal[table.object[at]]]
    degree = degrees(table, edges.places)
    nodes = _chosen_nodes(table, edges, degree, min(limit, MAX_NODES))
    drawn = _surest(table, _among(table, edges, nodes), EDGES_PER_NODE * len(nodes))
    total = int(np.count_nonzero(degree))
    return _drawn(reading, nodes, drawn, degree, (total, len(edges)))


def _chosen_nodes(table: EdgeTable, edges: Edges, degree: Numbers, limit: int) -> Numbers:
    """Return the entities to draw, best connected first.

    One whose neighbours are all too little known to be drawn gets the best known of them.
    """
    ranked = np.argsort(-degree, kind="stable")[: np.count_nonzero(degree)]
    if len(ranked) <= limit:
        return ranked
    chosen = np.zeros(len(degree), np.bool_)
    chosen[ranked[: int(limit * _FIRST)]] = True
    subject, object_ = table.subject[edges.places], table.object[edges.places]
    joined = np.zeros(len(degree), np.bool_)
    inner = chosen[subject] & chosen[object_]
    joined[subject[inner]] = joined[object_[inner]] = True
    lone = np.concatenate([chosen[subject] & ~joined[subject], chosen[object_] & ~joined[object_]])
    own = np.concatenate([subject, object_])[lone]
    other = np.concatenate([object_, subject])[lone]
    order = np.lexsort((other, -degree[other], own))
    _, first = np.unique(own[order], return_index=True)
    companions = other[order][first]
    left = limit - np.count_nonzero(chosen)
    chosen[companions[np.argsort(-degree[own[order][first]], kind="stable")][:left]] = True
    left = limit - np.count_nonzero(chosen)
    chosen[ranked[~chosen[ranked]][:left]] = True
    return ranked[chosen[ranked]]


def _among(table: EdgeTable, edges: Edges, nodes: Numbers) -> Edges:
    is_drawn = np.zeros(len(table.entities), np.bool_)
    is_drawn[nodes] = True
    at = edges.places
    return edges[is_drawn[table.subject[at]] & is_drawn[table.object[at]]]


def _surest(table: EdgeTable, edges: Edges, limit: int) -> Edges:
    """Return the surest edges, and those without which less would hang together."""
    order = np.lexsort((-edges.evidence, -edges.confidence))
    ranked = edges[order]
    if len(ranked) <= limit:
        return ranked
    kept = _forest(table, ranked)
    kept[np.flatnonzero(~kept)[: limit - np.count_nonzero(kept)]] = True
    return ranked[kept]


def _forest(table: EdgeTable, ranked: Edges) -> NDArray[np.bool_]:
    """Return a mask of the edges of a spanning forest, of the surest edges that make one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import minimum_spanning_tree

    ends = np.stack([table.subject[ranked.places], table.object[ranked.places]], 1)
    nodes, at = np.unique(ends, return_inverse=True)
    pairs = np.sort(at.reshape(ends.shape), axis=1)
    unique, first = np.unique(pairs[:, 0] * len(nodes) + pairs[:, 1], return_index=True)
    one, other = np.divmod(unique, len(nodes))
    # Ranks from 1: a weight of nought would be no edge.
    weights = coo_array((first + 1.0, (one, other)), shape=(len(nodes), len(nodes)))
    mask = np.zeros(len(ranked), np.bool_)
    mask[minimum_spanning_tree(weights.tocsr()).data.astype(np.int64) - 1] = True
    return mask


def _drawn(
    reading: Reading, nodes: Numbers, edges: Edges, degree: Numbers, total: tuple[int, int]
) -> Graph:
    table = reading.edges
    if not len(nodes):
        return Graph()
    pairs = _pairs(table, edges, nodes)
    communities = find_communities(len(nodes), pairs, edges.confidence)
    places = lay_out(len(nodes), pairs, communities, degree[nodes])
    found = reading.graph.entities(table.entities[node] for node in nodes.tolist())
    entities = [found[table.entities[node]] for node in nodes.tolist()]
    return Graph(
        nodes=_nodes(entities, degree[nodes], communities, places),
        edges=drawn_edges(table, edges),
        communities=tuple(
            Community(number, _label(members, entities), len(members))
            for number, members in enumerate(communities)
        ),
        total_nodes=total[0],
        total_edges=total[1],
        is_truncated=(len(nodes), len(edges)) != total,
    )


def _pairs(table: EdgeTable, edges: Edges, nodes: Numbers) -> Pairs:
    place_of = np.zeros(len(table.entities), np.int64)
    place_of[nodes] = np.arange(len(nodes))
    ends = [place_of[table.subject[edges.places]], place_of[table.object[edges.places]]]
    return np.stack(ends, 1)


def _nodes(
    entities: list[Entity], degree: Numbers, communities: list[list[int]], places: Points
) -> tuple[Node, ...]:
    community_of = {node: at for at, members in enumerate(communities) for node in members}
    return tuple(
        Node(entity, int(degree[at]), community_of[at], *places[at].round(1).tolist())
        for at, entity in enumerate(entities)
    )


def _label(members: list[int], entities: list[Entity]) -> str:
    """Return the names of the best connected members: nodes stand in that order.

    What has a name of its own goes before what any dictionary has ("professor", "died").
    """
    names = [entities[member].name for member in members]
    return ", ".join(sorted(names, key=lambda name: name[:1].islower())[:_NAMES])


def drawn_edges(table: EdgeTable, edges: Edges) -> tuple[Edge, ...]:
    """Return edges as records, in their order."""
    return tuple(
        Edge(*table.key(place), confidence, evidence)
        for place, confidence, evidence in zip(
            edges.places.tolist(), edges.confidence.tolist(), edges.evidence.tolist(), strict=True
        )
    )
