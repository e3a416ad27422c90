"""The explorer's graphs around an entity, and between two."""

from itertools import pairwise
from pathlib import Path

import networkx as nx
import pytest

from indexes.library import Library
from kgrag.explore import Explorer
from kgrag.explorer.records import Graph, GraphFilter
from tests.indexes.samples import plain_library
from tests.kgrag.exploring import as_network, entity_id, names, state, without_dates

RELATIONS = ("P26", "P40", "P108")


def test_neighbours_are_those_of_the_surest_facts(crowd: Library) -> None:
    network = as_network(crowd)
    hub = max(network, key=lambda node: (network.degree(node), node))
    drawn = Explorer(crowd).neighbours(hub, limit=10)
    incident = [*network.in_edges(hub, data="score"), *network.out_edges(hub, data="score")]
    assert drawn.nodes[0].entity.id == hub
    assert drawn.nodes[0].degree == len(incident)
    surest = sorted((score for _, _, score in incident), reverse=True)
    assert [edge.confidence for edge in drawn.edges] == surest[:10]
    assert all(hub in (edge.subject, edge.object) for edge in drawn.edges)
    assert drawn.is_truncated
    others = {*network.predecessors(hub), *network.successors(hub)}
    assert (drawn.total_nodes, drawn.total_edges) == (len(others) + 1, len(incident))
    assert not Explorer(crowd).neighbours(hub, limit=1_000).is_truncated


def test_a_filter_of_types_is_one_of_the_neighbours(crowd: Library) -> None:
    year = entity_id(crowd, "1700")
    drawn = Explorer(crowd).neighbours(year, where=GraphFilter(types=("person",)))
    assert [node.entity.type for node in drawn.nodes] == [
        "date",
        *["person"] * (len(drawn.nodes) - 1),
    ]
    assert len(drawn.nodes) > 5


@pytest.mark.parametrize("count", [1, 2, 7, 12, 13, 30, 31, 49, 50, 99, 101, 200])
def test_neighbours_do_not_lie_on_each_other(tmp_path: Path, count: int) -> None:
    library = plain_library(tmp_path)
    state(library, "a.txt", [("Hub", "P40", f"Leaf {number}") for number in range(count)])
    drawn = Explorer(library).neighbours(entity_id(library, "Hub"), limit=count)
    library.close()
    assert len(drawn.nodes) == count + 1
    assert (drawn.nodes[0].x, drawn.nodes[0].y) == (0, 0)
    assert nearest(drawn) > 60


def nearest(graph: Graph) -> float:
    at = [complex(node.x, node.y) for node in graph.nodes]
    return min(abs(a - b) for number, a in enumerate(at) for b in at[:number])


def test_a_path_is_as_short_as_any_and_the_surest_of_those(crowd: Library) -> None:
    explorer = Explorer(crowd)
    network = nx.MultiGraph()
    network.add_edges_from(without_dates(crowd).edges(data=True))
    nodes = sorted(network)
    lengths = dict(nx.all_pairs_shortest_path_length(network))
    for first, second in zip(nodes, nodes[::-1], strict=True):
        drawn = explorer.path(first, second)
        assert len(drawn.edges) == lengths[first][second]
        assert (drawn.nodes[0].entity.id, drawn.nodes[-1].entity.id) == (first, second)
        sure = 1.0
        for (one, other), edge in zip(pairwise(drawn.nodes), drawn.edges, strict=True):
            assert {one.entity.id, other.entity.id} == {edge.subject, edge.object}
            sure *= edge.confidence
        best = max(
            _sureness(network, way)
            for way in nx.all_shortest_paths(nx.Graph(network), first, second)
        )
        assert sure == pytest.approx(best)


def _sureness(network: "nx.MultiGraph[str]", way: list[str]) -> float:
    sure = 1.0
    for one, other in pairwise(way):
        sure *= max(edge["score"] for edge in network.get_edge_data(one, other).values())
    return sure


def chain(library: Library, length: int) -> None:
    names = [f"Link {number}" for number in range(length + 1)]
    state(library, "chain.txt", [(one, "P40", other) for one, other in pairwise(names)])


def test_a_path_has_at_most_six_steps(tmp_path: Path) -> None:
    library = plain_library(tmp_path)
    chain(library, 7)
    explorer = Explorer(library)
    first, sixth, seventh = (entity_id(library, f"Link {number}") for number in (0, 6, 7))
    assert len(explorer.path(first, sixth).edges) == 6
    far = explorer.path(first, seventh)
    assert (names(far), far.edges) == (["Link 0", "Link 7"], ())
    itself = explorer.path(first, first)
    assert (names(itself), itself.edges) == (["Link 0"], ())
    library.close()


def test_two_that_share_only_a_date_do_not_hang_together(tmp_path: Path) -> None:
    library = plain_library(tmp_path)
    born = [("Anna", "P569", "1707"), ("Boris", "P569", "1707")]
    state(library, "a.txt", born, {"1707": "date"})
    explorer = Explorer(library)
    anna, boris, year = (entity_id(library, name) for name in ("Anna", "Boris", "1707"))
    assert explorer.path(anna, boris).edges == ()
    assert [edge.relation for edge in explorer.path(anna, year).edges] == ["P569"]
    library.close()
