"""Draws a small graph as SVG: nodes by type, edges with their relation."""

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from indexes.records import Triplet
from kgrag.ontology import relation_label

if TYPE_CHECKING:
    import networkx as nx

WIDTH, HEIGHT = 1200, 760
MARGINS = (200, 60)
"""Left and right, for half of a long name; above and below."""

SEED = 7

COLOURS = {
    "person": "#3b6fb6",
    "organization": "#8a5a9e",
    "city": "#3d8b6e",
    "country": "#3d8b6e",
    "date": "#8c8c8c",
    "profession": "#c0722e",
}
OTHER_COLOUR = "#5f6b7a"


def draw(facts: Sequence[Triplet]) -> str:
    """Return an SVG of all entities and facts; the same facts give the same bytes."""
    import networkx as nx

    graph = nx.Graph()
    names: dict[str, tuple[str, str]] = {}
    labels: dict[tuple[str, str], list[str]] = {}
    for fact in facts:
        for end in (fact.subject, fact.object):
            names[end.id] = end.name, end.type
        graph.add_edge(fact.subject.id, fact.object.id)
        label = relation_label(fact.relation, "en")
        labels.setdefault((fact.subject.id, fact.object.id), []).append(label)
    places = _places(graph)
    edges = [_edge(places[one], places[two], ", ".join(sorted(set(text))))
             for (one, two), text in sorted(labels.items())]  # fmt: skip
    nodes = [_node(places[id_], *names[id_]) for id_ in sorted(names)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'font-family="system-ui, sans-serif">',
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
            'markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#9aa4b0"/></marker>'
            "</defs>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
            *edges,
            *nodes,
            "</svg>",
            "",
        ]
    )


def _places(graph: "nx.Graph[str]") -> dict[str, tuple[float, float]]:
    """Lay the graph out, larger components first, within the margins."""
    import networkx as nx

    ordered = nx.Graph()
    ordered.add_nodes_from(sorted(graph))
    ordered.add_edges_from(sorted(tuple(sorted(edge)) for edge in graph.edges))
    spread = 2.2 / math.sqrt(max(len(ordered), 1))
    layout = nx.spring_layout(ordered, seed=SEED, k=spread, iterations=300)
    if not layout:
        return {}
    xs, ys = zip(*(tuple(place) for place in layout.values()), strict=True)

    def scale(value: float, values: Sequence[float], size: float, margin: float) -> float:
        low, high = min(values), max(values)
        return margin + (value - low) / max(high - low, 1e-9) * (size - 2 * margin)

    return {
        id_: (scale(x, xs, WIDTH, MARGINS[0]), scale(y, ys, HEIGHT, MARGINS[1]))
        for id_, (x, y) in layout.items()
    }


def _edge(one: tuple[float, float], two: tuple[float, float], label: str) -> str:
    (x1, y1), (x2, y2) = one, two
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    back = min(24.0, length / 3) / length
    end_x, end_y = x2 - (x2 - x1) * back, y2 - (y2 - y1) * back
    middle_x, middle_y = (x1 + x2) / 2, (y1 + y2) / 2
    return (
        f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{end_x:.0f}" y2="{end_y:.0f}" stroke="#9aa4b0" '
        'stroke-width="1.4" marker-end="url(#tip)"/>'
        f'<text x="{middle_x:.0f}" y="{middle_y - 4:.0f}" font-size="12" fill="#58626e" '
        'text-anchor="middle" stroke="#ffffff" stroke-width="4" paint-order="stroke">'
        f"{escape(label)}</text>"
    )


def _node(place: tuple[float, float], name: str, type_: str) -> str:
    x, y = place
    colour = COLOURS.get(type_, OTHER_COLOUR)
    return (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="11" fill="{colour}"/>'
        f'<text x="{x:.0f}" y="{y + 28:.0f}" font-size="15" font-weight="600" fill="#1f2730" '
        'text-anchor="middle" stroke="#ffffff" stroke-width="4" paint-order="stroke">'
        f"{escape(name)}</text>"
    )
