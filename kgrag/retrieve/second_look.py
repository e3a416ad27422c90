"""The second look: each passage beside the best of the first look, and where the graph leads."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kgrag.candidates import Candidate
from kgrag.retrieve.asked import Asked
from kgrag.retrieve.bridges import Bridge
from kgrag.retrieve.first_look import Look, specificity

Floats = NDArray[np.float32]

_BESIDE = (
    "link",  # of the bridges that lead here, by how specific their entity is
    "link_near",  # by the cosine of the sentence with the name
    "link_covered",  # by the share of the question that this sentence has
    "link_new",  # those by names that the question does not hold
    "link_fact",  # by the nearness of a fact
    "link_joint",  # new names, by what both passages cover together
    "link_new_covered",  # new names, by sentence and specificity
    "names_source",  # it mentions what a source is about
    "shared",  # it shares an entity with a source that the question does not name
    "links_back",  # it leads to a source
    "rest",  # share of the question that it has and the source lacks
    "joint",  # share that both have
)
"""What a passage is beside a source: the largest over the sources, each times the probability that
the first look gave the source."""

FEATURES = (
    "first",  # log of the probability of the first look
    *_BESIDE,
    "walk_5",  # where the walks with damping 0.5 and 0.7 are, and the roots of that
    "walk_7",
    "root_5",
    "root_7",
    "compares",  # the question compares things
    "found_late",  # bridges brought it into the pool
)
"""What a passage is judged by at last, beside the features of the first look."""

_NO_LINKS = (0.0,) * sum(name.startswith("link") and name != "links_back" for name in _BESIDE)


def second_features(
    asked: Asked,
    pool: Sequence[Candidate],
    looks: Sequence[Look],
    first: Floats,
    sources: Sequence[int],
    leads: Mapping[int, Sequence[Bridge]],
    walk: NDArray[np.float64],
) -> Floats:
    """Return float32 (candidates, FEATURES)."""
    names = [{mention.entity: mention.names for mention in item.placed} for item in pool]
    unnamed = {at: names[at].keys() - asked.named.keys() for at in sources}
    between: dict[tuple[int, int], list[Bridge]] = defaultdict(list)
    for target, links in leads.items():
        for link in links:
            between[link.source, target].append(link)
    beside: list[tuple[float, ...]] = []
    for at, seen in enumerate(looks):
        for source in sources:
            if source == at:
                beside.append((0.0,) * len(_BESIDE))
                continue
            there = looks[source]
            shared = names[at].keys() & unnamed[source]
            joint = asked.share(seen.covers | there.covers)
            parts = (
                *_linked(between.get((source, at), ()), joint),
                max(
                    (
                        weight * specificity(names[at][entity])
                        for entity, weight in there.about.items()
                        if entity in names[at]
                    ),
                    default=0.0,
                ),
                specificity(min(names[at][entity] for entity in shared)) if shared else 0.0,
                max((link.strength for link in between.get((at, source), ())), default=0.0),
                asked.share(seen.covers & ~there.covers),
                joint,
            )
            beside.append(parts)
    probabilities = np.zeros(len(pool))
    probabilities[: len(first)] = first
    table = np.array(beside).reshape(len(pool), len(sources), len(_BESIDE))
    return np.column_stack(
        [
            np.log(probabilities + 1e-4),
            (table * first[list(sources)][:, None]).max(axis=1),
            walk,
            np.sqrt(walk),
            np.full(len(pool), float(asked.compares)),
            np.arange(len(pool)) >= len(first),
        ]
    ).astype(np.float32)


def _linked(links: Sequence[Bridge], joint: float) -> tuple[float, ...]:
    """Return the best of what the bridges from one source say: ``_BESIDE`` up to "link_..."."""
    if not links:
        return _NO_LINKS
    return tuple(
        max(values)
        for values in zip(
            *(
                (
                    link.strength * link.specificity,
                    link.strength * link.cosine,
                    link.strength * link.covered,
                    link.strength * link.is_new,
                    link.strength * link.fact,
                    link.strength * link.is_new * joint,
                    link.strength * link.is_new * link.covered * link.specificity,
                )
                for link in links
            ),
            strict=True,
        )
    )
