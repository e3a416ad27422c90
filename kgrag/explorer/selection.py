"""Which edges a filter or a search leaves: masks over columns, milliseconds for any library."""

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from indexes.edges import Edges, documents_of
from indexes.entity_names import folded
from indexes.scope import Filter, choose
from kgrag.explorer.records import GraphFilter
from kgrag.explorer.tables import Reading
from kgrag.ontology import relation_label


@dataclass(frozen=True, slots=True)
class FactQuery:
    """Which facts are asked for; what is empty does not limit.

    Parameters
    ----------
    query:
        Words: each begins a word in a name of the subject or of the object, or in the label of the
        relation, English or Russian.
    subject, relation:
        An entity's and a relation's id.
    type:
        Id of the type of one of the two entities.
    document:
        Id or name: only what it states counts.
    """

    query: str = ""
    subject: str = ""
    relation: str = ""
    type: str = ""
    document: str = ""

    @property
    def of_documents(self) -> Filter:
        """The part that chooses documents."""
        return Filter(documents=(self.document,) if self.document else ())


def chosen_edges(reading: Reading, where: GraphFilter, entity: int | None = None) -> Edges:
    """Return the edges that a filter leaves; ``entity`` may be of any type, and has all of them."""
    edges = stated_by(reading, chosen_documents(reading, where.of_documents))
    table = reading.edges
    if entity is not None:
        at = edges.places
        edges = edges[(table.subject[at] == entity) | (table.object[at] == entity)]
    if where.min_confidence > 0:
        edges = edges[edges.confidence >= where.min_confidence]
    if where.relations:
        edges = edges[_of_relations(reading, edges, where.relations)]
    if where.types:
        is_wanted = reading.types.mask(where.types)
        if entity is not None:
            is_wanted[entity] = True
        at = edges.places
        edges = edges[is_wanted[table.subject[at]] & is_wanted[table.object[at]]]
    return edges


def asked_edges(reading: Reading, asked: FactQuery) -> Edges:
    """Return the edges that a search for facts finds."""
    edges = stated_by(reading, chosen_documents(reading, asked.of_documents))
    table = reading.edges
    if asked.subject:
        edges = edges[table.subject[edges.places] == table.numbers.get(asked.subject, -1)]
    if asked.relation:
        edges = edges[_of_relations(reading, edges, (asked.relation,))]
    if asked.type:
        is_wanted = reading.types.mask((asked.type,))
        at = edges.places
        edges = edges[is_wanted[table.subject[at]] | is_wanted[table.object[at]]]
    words = folded(asked.query).split()
    if words:
        edges = edges[reduce(np.logical_and, [_saying(reading, edges, word) for word in words])]
    return edges


def chosen_documents(reading: Reading, wanted: Filter) -> set[int] | None:
    """Return the rows of the wanted documents; None is all."""
    with choose(reading.db, wanted) as scope:
        return None if scope is None else documents_of(reading.db, scope.passages)


def stated_by(reading: Reading, documents: set[int] | None) -> Edges:
    """Return the edges that documents state; None is all of them."""
    return reading.edges.all if documents is None else reading.edges.stated_by(documents)


def _of_relations(reading: Reading, edges: Edges, relations: tuple[str, ...]) -> NDArray[np.bool_]:
    numbers = [at for at, id_ in enumerate(reading.edges.relations) if id_ in relations]
    return np.isin(reading.edges.relation[edges.places], numbers)


def _saying(reading: Reading, edges: Edges, word: str) -> NDArray[np.bool_]:
    """Return which edges have a word that begins so in a name or in the relation's label."""
    table, at = reading.edges, edges.places
    named = reading.names.having(word)
    labelled = np.array([f" {word}" in _labels(id_) for id_ in table.relations], np.bool_)
    return named[table.subject[at]] | named[table.object[at]] | labelled[table.relation[at]]


def _labels(relation: str) -> str:
    return folded(f" {relation_label(relation, 'en')} {relation_label(relation, 'ru')}")
