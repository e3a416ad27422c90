"""Which nodes of a drawn graph belong together: Louvain's communities, the same in every run."""

import numpy as np
from numpy.typing import NDArray

Pairs = NDArray[np.int64]
"""Shape (edges, 2): the places of two nodes each."""

_SEED = 1
_LEAST_GAIN = 1e-4
"""Of modularity, under which a level ends; the default of 1e-7 takes twice as long and moves hardly
a node."""


def find_communities(count: int, pairs: Pairs, weights: NDArray[np.float64]) -> list[list[int]]:
    """Return the members of each community, ascending; the largest community first.

    Parameters
    ----------
    count:
        How many nodes there are, numbered from 0.
    pairs, weights:
        Edges; what joins two nodes twice counts twice.

    Notes
    -----
    Blondel et al., Fast unfolding of communities in large networks (2008), as networkx has it.
    """
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(range(count))
    for (one, other), weight in zip(pairs.tolist(), weights.tolist(), strict=True):
        known = graph.get_edge_data(one, other, {"weight": 0.0})["weight"]
        graph.add_edge(one, other, weight=known + weight)
    found = nx.community.louvain_communities(graph, seed=_SEED, threshold=_LEAST_GAIN)
    return sorted((sorted(members) for members in found), key=lambda each: (-len(each), each))
