"""Where the nodes of a drawn graph stand: communities apart, hubs in their middle, no two overlap.

Each community is laid out by itself, by springs from a sunflower with its hub in the middle; then
it is a disc. Discs that are tied to others are placed by springs too, and turned so that what is
tied across stands on the near side; the rest stands in rows below. Every step is bounded by the
number of nodes and starts from the same places, so that two thousand take about a second and come
out the same each time.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexes.edges import Numbers
from kgrag.explorer.communities import Pairs

SPACING = 64.0
"""Least distance between the middles of two nodes, in pixels: they are 24 wide, and a name fits."""

_GAP = 1.7 * SPACING
"""Least distance between the nodes of two communities."""

_GOLDEN = np.pi * (3 - np.sqrt(5))
_INWARDS, _HUB_INWARDS = 0.6, 10.0
"""Pulls to the middle of a community, of the distance from it. Of six pairs that were tried on five
graphs, this one has hubs nearest to the middle: 0.18 of a community's radius; 0.31 without any."""

_STEPS = 80
_WORK = 800_000
"""Pairs that the springs of one community, or those between all, look at in all steps together."""

_DISC_STEPS, _SEPARATING_STEPS = 150, 100

Points = NDArray[np.float64]
"""Shape (nodes, 2): x, y in pixels."""


def lay_out(
    count: int, pairs: Pairs, communities: Sequence[Sequence[int]], degrees: NDArray[np.int64]
) -> Points:
    """Return a place for each node, the whole around (0, 0).

    Parameters
    ----------
    count, pairs:
        How many nodes there are (one at least), numbered from 0, and the edges between them.
    communities:
        The members of each community; every node is in one.
    degrees:
        How well connected each node is, which counts where ties within communities do not tell.
    """
    community_of, place_in = np.zeros(count, np.int64), np.zeros(count, np.int64)
    for number, members in enumerate(communities):
        community_of[members] = number
        place_in[members] = np.arange(len(members))
    places: Points = np.zeros((count, 2))
    is_inner = community_of[pairs[:, 0]] == community_of[pairs[:, 1]]
    for number, members in enumerate(communities):
        own = pairs[is_inner & (community_of[pairs[:, 0]] == number)]
        places[members] = _cluster(place_in[own], degrees[members])
    across = pairs[~is_inner]
    radii = np.array([np.hypot(*places[members].T).max() for members in communities])
    middles = _place_discs(radii + _GAP / 2, community_of[across])
    _turn(places, middles, community_of, across)
    places += middles[community_of]
    return _centred(places)


def sunflower(count: int, spacing: float = SPACING) -> Points:
    """Return places around (0, 0), from the middle outwards, no two nearer than ``spacing``."""
    turns = np.arange(count)
    # Vogel (1979), with some room around the first: of 20,000 such points none is nearer.
    radius = spacing / np.sqrt(2) * np.sqrt(turns + np.minimum(turns, 1))
    return np.stack([radius * np.cos(turns * _GOLDEN), radius * np.sin(turns * _GOLDEN)], 1)


def _cluster(pairs: Pairs, degrees: NDArray[np.int64]) -> Points:
    """Lay out one community around (0, 0), the one with most ties within it in the middle."""
    count = len(degrees)
    order = np.lexsort((-degrees, -np.bincount(pairs.ravel(), minlength=count)))
    places = np.empty((count, 2))
    places[order] = sunflower(count)
    steps = min(_STEPS, _WORK // count**2)
    if count < 3:
        return _centred(places)
    if not steps:
        return places
    sprung = _spring(places, pairs, int(order[0]), steps)
    return _separated(_rounded(sprung - sprung[order[0]]), np.full(count, SPACING / 2))


def _centred(places: Points) -> Points:
    centred: Points = places - (places.min(0) + places.max(0)) / 2
    return centred


def _spring(places: Points, pairs: Pairs, hub: int, steps: int) -> Points:
    """Let edges pull and nodes push (Fruchterman and Reingold, 1991), ever less from step to step.

    All are pulled towards the middle a little, and the hub strongly.
    """
    reach = SPACING * 1.15
    one, other = pairs[:, 0], pairs[:, 1]
    for step in range(steps):
        delta = places[:, None] - places[None]
        distance = np.maximum(np.hypot(delta[..., 0], delta[..., 1]), SPACING / 8)
        force = (delta * (reach / distance)[..., None] ** 2).sum(1)
        pull = delta[one, other] * (distance[one, other] / reach)[:, None]
        np.add.at(force, one, -pull)
        np.add.at(force, other, pull)
        away = places - places.mean(0)
        force -= _INWARDS * away
        force[hub] -= _HUB_INWARDS * away[hub]
        length = np.maximum(np.hypot(force[:, 0], force[:, 1]), 1e-9)[:, None]
        places = places + force / length * np.minimum(length, SPACING * (1 - step / steps))
    return places


def _rounded(places: Points) -> Points:
    """Draw in what stands far out: half of each distance from the middle is that of its rank."""
    distance = np.hypot(places[:, 0], places[:, 1])
    wanted = np.empty(len(places))
    wanted[np.argsort(distance, kind="stable")] = np.hypot(*sunflower(len(places)).T)
    scaled = distance * np.sqrt((wanted**2).sum() / max((distance**2).sum(), 1e-9))
    drawn_in: Points = places * ((wanted + scaled) / 2 / np.maximum(distance, 1e-9))[:, None]
    return drawn_in


def _separated(places: Points, radii: NDArray[np.float64]) -> Points:
    """Push discs apart until none overlaps; what is left after that is spread out as a whole."""
    for _ in range(_SEPARATING_STEPS):
        one, other, overlap = _overlaps(places, radii)
        if overlap.max(initial=0) < SPACING / 100:
            break
        delta = places[one] - places[other]
        push = delta * (0.4 * overlap / np.maximum(np.hypot(*delta.T), 1e-3))[:, None]
        places = places.copy()
        np.add.at(places, one, push)
        np.subtract.at(places, other, push)
    one, other, overlap = _overlaps(places, radii)
    needed = radii[one] + radii[other]
    return places * float((needed / np.maximum(needed - overlap, 1e-3)).max(initial=1.0))


def _overlaps(
    places: Points, radii: NDArray[np.float64]
) -> tuple[Numbers, Numbers, NDArray[np.float64]]:
    """Return pairs of discs that overlap, and how deep."""
    from scipy.spatial import cKDTree

    near = cKDTree(places).query_pairs(2 * radii.max(initial=0), output_type="ndarray")
    one, other = near[np.lexsort(near.T)].T
    overlap = radii[one] + radii[other] - np.hypot(*(places[one] - places[other]).T)
    is_over = overlap > 0
    return one[is_over], other[is_over], overlap[is_over]


def _place_discs(radii: NDArray[np.float64], links: Pairs) -> Points:
    """Return the middles of discs: what is linked in the middle, the others in rows below."""
    count = len(radii)
    middles = np.zeros((count, 2))
    weights = np.zeros((count, count))
    np.add.at(weights, (links[:, 0], links[:, 1]), 1)
    weights += weights.T
    linked = np.flatnonzero(weights.any(1))
    middles[linked] = _spring_discs(radii[linked], np.log1p(weights[np.ix_(linked, linked)]))
    alone = np.flatnonzero(~weights.any(1))
    width = 1.3 * float(np.sqrt((4 * radii[alone] ** 2).sum()))
    if len(linked):
        low, high = _box(middles[linked], radii[linked])
        middles[linked] -= [(low[0] + high[0]) / 2, high[1]]
        width = max(width, high[0] - low[0])
    middles[alone] = _rows(radii[alone], width)
    return middles


def _spring_discs(radii: NDArray[np.float64], strength: NDArray[np.float64]) -> Points:
    """Place linked discs: near where much ties them, and none over another."""
    if len(radii) < 2:
        return np.zeros((len(radii), 2))
    ideal = radii[:, None] + radii[None]
    places = _by_distances(ideal, strength)
    size = float(np.sqrt((radii**2).sum()))
    steps = min(_DISC_STEPS, _WORK // len(radii) ** 2)
    for step in range(steps):
        delta = places[:, None] - places[None]
        distance = np.maximum(np.hypot(delta[..., 0], delta[..., 1]), 1.0)
        outwards = np.minimum((ideal / distance) ** 2, 4.0) * ideal
        inwards = strength * np.maximum(distance - ideal, 0)
        change = (delta * ((outwards - inwards) / distance)[..., None]).sum(1) * 0.1
        change -= places * 0.05
        length = np.maximum(np.hypot(change[:, 0], change[:, 1]), 1e-9)[:, None]
        places = places + change / length * np.minimum(length, size / 4 * (1 - step / steps))
    return _drawn_together(places, radii)


def _by_distances(ideal: Points, strength: Points) -> Points:
    """Return places whose distances are about those over links, strong ones being short.

    Classical scaling (Torgerson, 1952); discs of two parts of the graph are far from each other.
    """
    from scipy.sparse.csgraph import shortest_path

    length = np.where(strength > 0, ideal / np.sqrt(np.maximum(strength, 1e-9)), 0)
    apart = shortest_path(length, directed=False)
    is_reached = np.isfinite(apart)
    apart[~is_reached] = 1.2 * apart[is_reached].max()
    squares = apart**2
    centred = squares - squares.mean(0) - squares.mean(1)[:, None] + squares.mean()
    values, vectors = np.linalg.eigh(-centred / 2)
    best = vectors[:, -2:]
    best = best * np.sign(best[np.abs(best).argmax(0), [0, 1]])
    # A trace of a sunflower, so that what no distance tells apart does not fall together.
    places: Points = best * np.sqrt(np.maximum(values[-2:], 0)) + sunflower(len(ideal), 1.0)
    return places


def _drawn_together(places: Points, radii: NDArray[np.float64]) -> Points:
    """Close the gaps between discs without changing how they lie to one another."""
    for _ in range(8):
        places = _separated(places * 0.85, radii)
    return places


def _rows(radii: NDArray[np.float64], width: float) -> Points:
    """Return places in rows, the largest disc first, centred below y = 0."""
    places = np.zeros((len(radii), 2))
    order = np.argsort(-radii, kind="stable").tolist()
    top = 0.0
    while order:
        row: list[int] = []
        x = 0.0
        while order and (not row or x + 2 * radii[order[0]] <= width):
            places[order[0], 0] = x + radii[order[0]]
            x += 2 * radii[order[0]]
            row.append(order.pop(0))
        places[row] -= [x / 2, 0]
        places[row, 1] = top + radii[row[0]]
        top += 2 * radii[row[0]]
    return places


def _turn(places: Points, middles: Points, community_of: Numbers, across: Pairs) -> None:
    """Turn each community so that its members stand near to what they are tied to outside."""
    ends = np.concatenate([across, across[:, ::-1]])
    own, outside = ends[:, 0], community_of[ends[:, 1]]
    away = middles[outside] - middles[community_of[own]]
    away /= np.maximum(np.hypot(away[:, 0], away[:, 1]), 1e-9)[:, None]
    from_middle = places[own]
    sine = from_middle[:, 0] * away[:, 1] - from_middle[:, 1] * away[:, 0]
    cosine = (from_middle * away).sum(1)
    angle = np.arctan2(
        np.bincount(community_of[own], sine, len(middles)),
        np.bincount(community_of[own], cosine, len(middles)),
    )[community_of]
    x, y = places[:, 0].copy(), places[:, 1].copy()
    places[:, 0] = x * np.cos(angle) - y * np.sin(angle)
    places[:, 1] = x * np.sin(angle) + y * np.cos(angle)


def _box(places: Points, radii: NDArray[np.float64]) -> tuple[Points, Points]:
    return (places - radii[:, None]).min(0), (places + radii[:, None]).max(0)
