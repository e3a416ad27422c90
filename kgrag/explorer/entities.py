"""Entities by themselves: found by a name, shown on a card, counted by type."""

from itertools import islice

import numpy as np

from indexes.edges import Numbers
from indexes.entity_card import document_names, documents_mentioning, names_of
from kgrag.explorer.around import number_of
from kgrag.explorer.records import (
    EntityCard,
    Facets,
    FoundEntity,
    MentioningDocument,
    NameCount,
    RelationCount,
)
from kgrag.explorer.tables import Reading

MAX_LISTED = 50
"""Names and documents on a card."""

MAX_DOCUMENTS = 1_000
"""Documents to filter by: those that state most."""


def find_entities(reading: Reading, text: str, limit: int) -> tuple[FoundEntity, ...]:
    """Return the entities of which a name is this or has words that begin so.

    Whole names come first, then the best known; without a text, the best known of all.
    """
    table = reading.edges
    numbers = list(islice(reading.names.find(text), max(limit, 0)))
    found = reading.graph.entities(table.entities[number] for number in numbers)
    return tuple(
        FoundEntity(found[table.entities[number]], int(reading.degrees[number]))
        for number in numbers
    )


def entity_card(reading: Reading, entity: str) -> EntityCard:
    """Return what is known of an entity.

    Raises
    ------
    EntityNotFoundError
        There is none with this id.
    """
    number = number_of(reading, entity)
    return EntityCard(
        entity=reading.graph.entities([entity])[entity],
        names=tuple(NameCount(*row) for row in names_of(reading.db, entity, MAX_LISTED)),
        documents=tuple(
            MentioningDocument(id_, name or "", count)
            for id_, name, count in documents_mentioning(reading.db, entity, MAX_LISTED)
        ),
        facts=int(reading.degrees[number]),
        relations=_relations(reading, number),
    )


def facets(reading: Reading) -> Facets:
    """Return by what the graph can be filtered: only what has facts, the commonest first."""
    types, table = reading.types, reading.edges
    of_type = types.of[(reading.degrees > 0) & (types.of >= 0)]
    stated = np.bincount(table.statements.document, minlength=len(table.document_rows))
    most = np.argsort(-stated, kind="stable")[: min(MAX_DOCUMENTS, np.count_nonzero(stated))]
    names = document_names(reading.db, table.document_rows[most].tolist())
    return Facets(
        types=_counted(types.ids, np.bincount(of_type, minlength=len(types.ids))),
        relations=_counted(
            table.relations, np.bincount(table.relation, minlength=len(table.relations))
        ),
        documents=tuple((id_, name or "") for id_, name in names),
    )


def _relations(reading: Reading, number: int) -> tuple[RelationCount, ...]:
    table = reading.edges
    counts = [
        RelationCount(relation, "out" if ends is table.subject else "in", count)
        for ends in (table.subject, table.object)
        for relation, count in _counted(
            table.relations,
            np.bincount(table.relation[ends == number], minlength=len(table.relations)),
        )
    ]
    return tuple(sorted(counts, key=lambda item: (-item.count, item.relation, item.direction)))


def _counted(ids: tuple[str, ...], counts: Numbers) -> tuple[tuple[str, int], ...]:
    found = [(id_, count) for id_, count in zip(ids, counts.tolist(), strict=True) if count]
    return tuple(sorted(found, key=lambda item: (-item[1], item[0])))
