"""Edges as facts with quotations: only of those that are shown is anything more read."""

from collections.abc import Collection

from indexes.edges import Edges
from indexes.errors import FactNotFoundError
from indexes.evidence import EvidenceReader
from indexes.facts import FactKey
from indexes.records import Triplet
from kgrag.explorer.records import ListedFact
from kgrag.explorer.tables import Reading

SHOWN_EVIDENCE, ALL_EVIDENCE = 5, 50
"""Quotations of a fact in a list, and where it stands alone."""


def listed(
    reading: Reading,
    edges: Edges,
    each: int = SHOWN_EVIDENCE,
    documents: Collection[int] | None = None,
) -> tuple[ListedFact, ...]:
    """Return edges as facts, in their order, with the surest quotations of each.

    ``documents`` are the rows of those that may be quoted; None is all.
    """
    keys = [reading.edges.key(place) for place in edges.places.tolist()]
    facts = stated_facts(reading, keys, each, documents)
    counts = zip(
        edges.confidence.tolist(), edges.documents.tolist(), edges.evidence.tolist(), strict=True
    )
    return tuple(
        ListedFact(facts[key], *count)
        for key, count in zip(keys, counts, strict=True)
        if key in facts
    )


def stated_facts(
    reading: Reading, keys: list[FactKey], each: int, documents: Collection[int] | None = None
) -> dict[FactKey, Triplet]:
    """Return these facts with the surest quotations of each; what nothing states is left out."""
    evidence = EvidenceReader(reading.db, documents).of(keys, each)
    entities = reading.graph.entities({id_ for key in evidence for id_ in (key[0], key[2])})
    return {
        key: Triplet(entities[key[0]], key[1], entities[key[2]], quotes)
        for key, quotes in evidence.items()
    }


def one_fact(reading: Reading, key: FactKey) -> ListedFact:
    """Return a fact with all its quotations, up to ``ALL_EVIDENCE``.

    Raises
    ------
    FactNotFoundError
        No document states it.
    """
    place = reading.edges.place_of(key)
    if place is None:
        raise FactNotFoundError(
            f"No document in this library states {key[1]!r} of {key[0]!r} and {key[2]!r}: it may "
            "have been removed or retracted."
        )
    edges = reading.edges.all
    (fact,) = listed(reading, edges[edges.places == place], ALL_EVIDENCE)
    return fact
