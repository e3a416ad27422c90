"""The walk against networkx's PageRank."""

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kgrag.retrieve.walk import Key, Nodes, walk

TIES = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.floats(0.1, 5)), min_size=1, max_size=15
).map(lambda ties: [tie for tie in ties if tie[0] != tie[1]] or [(0, 1, 1.0)])


@given(TIES, st.sampled_from([0.3, 0.5, 0.85]))
def test_the_walk_is_personalised_pagerank(
    ties: list[tuple[int, int, float]], damping: float
) -> None:
    nodes = Nodes(3)
    keys: list[Key] = ["a", "b", ("a", "P1", "b")]
    graph = nx.Graph()
    for one, other, strength in ties:
        first, second = (end if end < 3 else nodes.number(keys[end - 3]) for end in (one, other))
        nodes.join(first, second, strength)
        before = graph.get_edge_data(first, second, {"weight": 0.0})["weight"]
        graph.add_edge(first, second, weight=before + strength)
    source = next(iter(graph.nodes))
    start = np.zeros(nodes.count)
    start[source] = 1.0
    found = walk(nodes.transitions(), start, damping, 200)
    expected = nx.pagerank(graph, damping, {source: 1.0}, tol=1e-10, max_iter=500)
    for node, value in expected.items():
        assert abs(found[node] - value) < 1e-6


def test_without_ties_the_walk_stays_where_it_starts() -> None:
    start = np.array([0.25, 0.75])
    assert np.allclose(walk(Nodes(2).transitions(), start, 0.5, 40), 0.5 * start)
