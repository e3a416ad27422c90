"""What is around one entity, and how two entities hang together."""

import numpy as np
from numpy.typing import NDArray

from indexes.edges import Edges, Numbers
from indexes.errors import EntityNotFoundError
from kgrag.explorer.layout import SPACING, Points
from kgrag.explorer.overview import drawn_edges
from kgrag.explorer.records import Community, Graph, GraphFilter, Node
from kgrag.explorer.selection import chosen_edges
from kgrag.explorer.tables import Reading

MAX_STEPS = 6
"""Of a path: what is farther away is hardly a connection."""

_STEP = 2.5 * SPACING
"""Between the nodes of a path, in pixels: the relation's name fits."""


def number_of(reading: Reading, entity: str) -> int:
    """Return the number of an entity.

    Raises
    ------
    EntityNotFoundError
        There is none with this id.
    """
    number = reading.edges.numbers.get(entity)
    if number is None:
        raise EntityNotFoundError(
            f"Nothing in this library has the id {entity!r}: the documents that named it may have "
            "been removed. Look for it by its name."
        )
    return number


def neighbours(reading: Reading, entity: str, limit: int, where: GraphFilter) -> Graph:
    """Return an entity in the middle of what its surest facts tie it to.

    The filter's types are those of the neighbours.
    """
    table, own = reading.edges, number_of(reading, entity)
    edges = chosen_edges(reading, where, own)
    ends = np.stack([table.subject[edges.places], table.object[edges.places]], 1)
    total = len(np.unique(ends[ends != own])) + 1
    order = np.lexsort((-edges.documents, -edges.evidence, -edges.confidence))
    drawn = edges[order[:limit]]
    nodes = [own, *_others(reading, drawn, own)]
    places = np.concatenate([np.zeros((1, 2)), _rings(len(nodes) - 1)])
    return _graph(reading, nodes, drawn, places, (total, len(edges)))


def path(reading: Reading, first: str, second: str) -> Graph:
    """Return one of the shortest ways between two entities over facts, the surest of them.

    Two that meet in a date or a number only do not hang together. Where there is no way of at most
    ``MAX_STEPS`` facts, the two nodes come back without an edge.
    """
    start, end = number_of(reading, first), number_of(reading, second)
    edges = reading.edges.all
    way = _way(reading, edges, start, end)
    nodes = [start] if start == end else [start, end]
    if way:
        nodes = [start]
        for place in edges.places[way].tolist():
            ends = int(reading.edges.subject[place]), int(reading.edges.object[place])
            nodes.append(ends[0] if ends[1] == nodes[-1] else ends[1])
    places = np.zeros((len(nodes), 2))
    places[:, 0] = (np.arange(len(nodes)) - (len(nodes) - 1) / 2) * _STEP
    return _graph(reading, nodes, edges[np.array(way, np.int64)], places, (len(nodes), len(way)))


def _others(reading: Reading, edges: Edges, own: int) -> list[int]:
    """Return the other ends, those of one relation side by side, each once."""
    table, at = reading.edges, edges.places
    is_subject = table.subject[at] == own
    other = np.where(is_subject, table.object[at], table.subject[at])
    order = np.lexsort((np.arange(len(at)), table.relation[at], ~is_subject))
    return list(dict.fromkeys(other[order].tolist()))


def _rings(count: int) -> Points:
    """Return places around (0, 0), none nearer to another than ``SPACING``; neighbours in the
    order stand beside each other, on rings by turns.
    """
    rings = max(1, round((count / 12) ** 0.5))
    seats = -(-count // rings) * rings
    nearest = max(2 * SPACING, seats * SPACING / (2 * np.pi * rings) * 1.05)
    at = np.arange(count)
    radius = nearest + at % rings * SPACING
    turn = 2 * np.pi * at / max(seats, 1) - np.pi / 2
    return np.stack([radius * np.cos(turn), radius * np.sin(turn)], 1)


def _graph(
    reading: Reading, nodes: list[int], edges: Edges, places: Points, total: tuple[int, int]
) -> Graph:
    table = reading.edges
    entities = reading.graph.entities(table.entities[node] for node in nodes)
    named = [entities[table.entities[node]] for node in nodes]
    return Graph(
        nodes=tuple(
            Node(entity, int(reading.degrees[node]), 0, *place.round(1).tolist())
            for entity, node, place in zip(named, nodes, places, strict=True)
        ),
        edges=drawn_edges(table, edges),
        communities=(Community(0, named[0].name, len(nodes)),),
        total_nodes=total[0],
        total_edges=total[1],
        is_truncated=(len(nodes), len(edges)) != total,
    )


def _way(reading: Reading, edges: Edges, start: int, end: int) -> list[int]:
    """Return the edges of the way, by their index; empty where there is none.

    Breadth first, a step for all nodes at once: no more than ``MAX_STEPS`` looks at each edge.
    """
    if start == end:
        return []
    usable = _usable(reading, edges, start, end)
    table, at = reading.edges, edges.places[usable]
    source = np.concatenate([table.subject[at], table.object[at]])
    target = np.concatenate([table.object[at], table.subject[at]])
    sure = np.tile(edges.confidence[usable], 2)
    reached = np.full(len(table.entities), -1, np.int64)
    score = np.zeros(len(table.entities))
    by = np.full(len(table.entities), -1, np.int64)
    reached[start], score[start] = 0, 1.0
    for step in range(1, MAX_STEPS + 1):
        ahead = np.flatnonzero((reached[source] == step - 1) & (reached[target] < 0))
        value = score[source[ahead]] * sure[ahead]
        # Written from the least sure to the surest: the last stays.
        order = np.lexsort((-ahead, value))
        onto = target[ahead[order]]
        reached[onto], score[onto], by[onto] = step, value[order], ahead[order]
        if reached[end] == step or not len(ahead):
            break
    return _back(by, source, usable, start, end) if reached[end] > 0 else []


def _back(by: Numbers, source: Numbers, usable: Numbers, start: int, end: int) -> list[int]:
    way = []
    while end != start:
        way.append(int(usable[by[end] % len(usable)]))
        end = int(source[by[end]])
    return way[::-1]


def _usable(reading: Reading, edges: Edges, start: int, end: int) -> Numbers:
    """Return the edges, by index, that lead over no date or number but the ends themselves."""
    is_barred: NDArray[np.bool_] = reading.types.is_literal.copy()
    is_barred[[start, end]] = False
    table, at = reading.edges, edges.places
    return np.flatnonzero(~is_barred[table.subject[at]] & ~is_barred[table.object[at]])
