"""Facts page by page, in any order that they can be sorted by, and all of them for an export."""

from collections.abc import Iterator, Sequence
from typing import get_args, overload

import numpy as np
from numpy.typing import NDArray

from indexes.edges import Edges, Numbers
from indexes.records import Triplet
from kgrag.explorer.listing import listed, stated_facts
from kgrag.explorer.records import FactPage, FactSort
from kgrag.explorer.selection import FactQuery, asked_edges, chosen_documents
from kgrag.explorer.tables import Reading, TableCache
from kgrag.ontology import relation_label

EXPORTED_EVIDENCE = 500
"""Quotations of one fact in an export."""

_BLOCK = 200
"""Facts that an export reads at once."""


def fact_page(
    reading: Reading,
    asked: FactQuery,
    sort: FactSort,
    *,
    descending: bool,
    limit: int,
    offset: int,
    language: str,
) -> FactPage:
    """Return some of the facts that are asked for; the order is total and always the same."""
    edges = asked_edges(reading, asked)
    order = sorted_edges(reading, edges, sort, language, descending=descending)
    shown = edges[order[max(offset, 0) :][: max(limit, 0)]]
    documents = chosen_documents(reading, asked.of_documents)
    return FactPage(len(edges), listed(reading, shown, documents=documents))


def sorted_edges(
    reading: Reading, edges: Edges, sort: FactSort, language: str, *, descending: bool
) -> Numbers:
    """Return the order of edges; of what ties, the surest first, then in the order of ids."""
    key = _key(reading, edges, sort, language)
    return np.lexsort(
        (
            -edges.evidence,
            -edges.documents,
            -edges.confidence,
            -key if descending else key,
        )
    )


def _key(
    reading: Reading, edges: Edges, sort: FactSort, language: str
) -> NDArray[np.float64] | NDArray[np.int32] | Numbers:
    table, at = reading.edges, edges.places
    if sort == "confidence":
        return edges.confidence
    if sort == "documents":
        return edges.documents
    if sort == "subject":
        return reading.order[table.subject[at]]
    if sort == "object":
        return reading.order[table.object[at]]
    if sort != "relation":
        raise ValueError(f"Facts can be sorted by {', '.join(get_args(FactSort))}, not {sort!r}.")
    labels = [relation_label(relation, language).lower() for relation in table.relations]
    place = {label: number for number, label in enumerate(sorted(labels))}
    return np.array([place[label] for label in labels], np.int64)[table.relation[at]]


class ExportedFacts(Sequence[Triplet]):
    """All facts that are asked for, the surest first, read some hundred at a time.

    Facts that are removed while they are being read are left out.
    """

    def __init__(self, cache: TableCache, asked: FactQuery) -> None:
        self._cache = cache
        with cache.reading() as reading:
            self._table = reading.edges
            self._documents = chosen_documents(reading, asked.of_documents)
            edges = asked_edges(reading, asked)
            order = sorted_edges(reading, edges, "confidence", "en", descending=True)
            self._places = edges.places[order]

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Triplet: ...

    @overload
    def __getitem__(self, index: slice) -> list[Triplet]: ...

    def __getitem__(self, index: int | slice) -> Triplet | list[Triplet]:
        if isinstance(index, slice):
            return self._read(self._places[index])
        (fact,) = self._read(self._places[[index]])
        return fact

    def __iter__(self) -> Iterator[Triplet]:
        for start in range(0, len(self._places), _BLOCK):
            yield from self._read(self._places[start : start + _BLOCK])

    def _read(self, places: Numbers) -> list[Triplet]:
        keys = [self._table.key(place) for place in places.tolist()]
        with self._cache.reading() as reading:
            found = stated_facts(reading, keys, EXPORTED_EVIDENCE, self._documents)
        return [found[key] for key in keys if key in found]
