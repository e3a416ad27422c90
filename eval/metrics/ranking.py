"""A ranked list of names against those that were needed, all of them alike (binary relevance).

Names may repeat: the first place of each counts, and a repeat takes up its place without gain. All
values lie within 0..1, higher is better. A case in which nothing is needed has no value
(ValueError): leave it out.
"""

import math
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

Names = AbstractSet[str]


def recall_at(ranked: Sequence[str], needed: Names, k: int) -> float:
    """Return the share of the needed names among the first ``k`` places."""
    return len(_places(ranked[: _positive(k)], needed)) / len(needed)


def all_at(ranked: Sequence[str], needed: Names, k: int) -> bool:
    """Return whether all needed names are among the first ``k`` places."""
    return len(_places(ranked[: _positive(k)], needed)) == len(needed)


def reciprocal_rank(ranked: Sequence[str], needed: Names) -> float:
    """Return 1 / place of the first needed name, 0 without one (Voorhees 1999, TREC-8 QA)."""
    places = _places(ranked, needed)
    return 1 / places[0] if places else 0.0


def ndcg_at(ranked: Sequence[str], needed: Names, k: int) -> float:
    """Return the discounted gain of the first ``k`` places by that of the best ranking.

    Gain 1 for each needed name, divided by log2(1 + place) (Järvelin and Kekäläinen 2002, with the
    discount of Burges et al. 2005 that trec_eval takes).
    """
    places = _places(ranked[: _positive(k)], needed)
    best = range(1, min(k, len(needed)) + 1)
    return _gain(places) / _gain(best)


def _gain(places: Sequence[int]) -> float:
    return math.fsum(1 / math.log2(1 + place) for place in places)


def _places(ranked: Sequence[str], needed: Names) -> list[int]:
    """Return the first place of each needed name that is ranked, from 1, in order."""
    if not needed:
        raise ValueError("nothing is needed, so no ranking of it is better than another")
    first: dict[str, int] = {}
    for place, name in enumerate(ranked, start=1):
        if name in needed:
            first.setdefault(name, place)
    return list(first.values())


def _positive(k: int) -> int:
    if k < 1:
        raise ValueError(f"the first {k} places are none; at least 1 is expected")
    return k
