"""The edges of the whole graph as columns: what is counted, sorted and drawn is read from here.

An edge is all the evidence between two entities, as a triplet is, without its quotations: a hundred
thousand of them are read in one pass and take a few megabytes, where as many ``Triplet`` records
take minutes and a gigabyte. Edges stand in the order of (subject, relation, object); entities are
numbered by their id and documents by theirs, so that no number depends on what was added when.
"""

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from indexes.facts import FactKey

Numbers = NDArray[np.int64]

_EVIDENCE = np.dtype(
    [
        ("subject", np.int64),
        ("relation", np.object_),  # a string, until all are known
        ("object", np.int64),
        ("document", np.int64),
        ("start", np.int64),
        ("end", np.int64),
        ("score", np.float64),
    ]
)


@dataclass(frozen=True, eq=False)
class Edges:
    """Some edges of a table: their places in it, and how far the chosen documents state them.

    Places ascend unless edges were put in another order: a stable sort leaves ties in that of ids.
    ``confidence`` is that of ``Triplet``; ``documents`` and ``evidence`` count.
    """

    places: Numbers
    confidence: NDArray[np.float64]
    documents: NDArray[np.int32]
    evidence: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, chosen: NDArray[np.bool_] | Numbers) -> "Edges":
        """Return the edges that a mask or an order chooses."""
        return Edges(
            self.places[chosen],
            self.confidence[chosen],
            self.documents[chosen],
            self.evidence[chosen],
        )


@dataclass(frozen=True, eq=False)
class Statements:
    """Which document states which edge, in the order of edges, then of document ids."""

    edge: NDArray[np.int32]
    document: NDArray[np.int32]
    score: NDArray[np.float64]
    evidence: NDArray[np.int32]

    @property
    def begins(self) -> Numbers:
        """Where each edge begins."""
        return _begins(self.edge)


@dataclass(frozen=True, eq=False)
class EdgeTable:
    """All edges of a library, and its entities.

    Parameters
    ----------
    entities, relations:
        Ids by number.
    identity_rows, entity_of:
        The row of each identity, ascending, and the number of its entity.
    document_rows:
        The row of each document, in the order of their ids.
    subject, relation, object:
        Of each edge, as numbers.
    statements:
        What each document adds to an edge.
    """

    entities: tuple[str, ...]
    relations: tuple[str, ...]
    identity_rows: Numbers
    entity_of: Numbers
    document_rows: Numbers
    subject: NDArray[np.int32]
    relation: NDArray[np.int16]
    object: NDArray[np.int32]
    statements: Statements

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each entity."""
        return {entity: number for number, entity in enumerate(self.entities)}

    @cached_property
    def all(self) -> Edges:
        """Every edge, as all documents state it."""
        return _added_up(self.statements)

    @property
    def bytes(self) -> int:
        """How much memory the columns take; ids are not counted."""
        columns = [*vars(self.statements).values(), *vars(self.all).values()]
        parts = [*vars(self).values(), *columns]
        return sum(part.nbytes for part in parts if isinstance(part, np.ndarray))

    def stated_by(self, documents: Collection[int]) -> Edges:
        """Return the edges that documents of these rows state, by their evidence alone."""
        wanted = np.isin(self.document_rows, np.array(sorted(documents), np.int64))
        kept = wanted[self.statements.document]
        chosen = Statements(*(column[kept] for column in vars(self.statements).values()))
        return _added_up(chosen)

    def key(self, place: int) -> FactKey:
        """Return the ids of the edge at a place."""
        return (
            self.entities[self.subject[place]],
            self.relations[self.relation[place]],
            self.entities[self.object[place]],
        )

    def place_of(self, fact: FactKey) -> int | None:
        """Return where an edge stands, or None where there is no such edge."""
        subject, object_ = self.numbers.get(fact[0]), self.numbers.get(fact[2])
        if subject is None or object_ is None or fact[1] not in self.relations:
            return None
        first, last = np.searchsorted(self.subject, [subject, subject + 1])
        is_it = (self.relation[first:last] == self.relations.index(fact[1])) & (
            self.object[first:last] == object_
        )
        found = np.flatnonzero(is_it)
        return int(first + found[0]) if len(found) else None


def read_edges(db: sqlite3.Connection) -> EdgeTable:
    """Read the whole graph; the caller holds a snapshot."""
    rows, entity_of, entities = _entities(db)
    document_rows = _column(db.execute("SELECT row FROM documents ORDER BY id"))
    found, relation, relations = _evidence(db)
    subject = entity_of[np.searchsorted(rows, found["subject"])]
    object_ = entity_of[np.searchsorted(rows, found["object"])]
    key = (subject * max(len(relations), 1) + relation) * len(entities) + object_
    ranks = np.argsort(document_rows)
    document = ranks[np.searchsorted(document_rows, found["document"], sorter=ranks)]
    # Between two names of one entity nothing is left to state.
    is_edge = subject != object_
    key, document, found = key[is_edge], document[is_edge], found[is_edge]
    statements, first = _statements(key, document, found)
    return EdgeTable(
        entities=entities,
        relations=relations,
        identity_rows=rows,
        entity_of=entity_of,
        document_rows=document_rows,
        subject=subject[is_edge][first].astype(np.int32),
        relation=relation[is_edge][first].astype(np.int16),
        object=object_[is_edge][first].astype(np.int32),
        statements=statements,
    )


def _entities(db: sqlite3.Connection) -> tuple[Numbers, Numbers, tuple[str, ...]]:
    """Return the rows of identities, the entity of each as a number, and the ids of entities."""
    found = db.execute("SELECT row, entity FROM identities ORDER BY row").fetchall()
    entities = tuple(sorted({entity for _, entity in found}))
    numbers = {entity: number for number, entity in enumerate(entities)}
    rows = np.array([row for row, _ in found], np.int64)
    return rows, np.array([numbers[entity] for _, entity in found], np.int64), entities


def _evidence(db: sqlite3.Connection) -> tuple[NDArray[np.void], Numbers, tuple[str, ...]]:
    """Return all evidence, the number of the relation of each piece, and the relations."""
    found = np.fromiter(
        db.execute("SELECT subject, relation, object, document, start, end, score FROM evidence"),
        _EVIDENCE,
    )
    relation = found["relation"].tolist()
    relations = tuple(sorted(set(relation)))
    numbers = {relation: number for number, relation in enumerate(relations)}
    return found, np.array([numbers[each] for each in relation], np.int64), relations


def _statements(
    key: Numbers, document: Numbers, found: NDArray[np.void]
) -> tuple[Statements, Numbers]:
    """Group evidence by edge and document; also return where each edge is found first.

    One span counts once, with its best score, as in ``Triplet``.
    """
    order = np.lexsort((found["end"], found["start"], document, key))
    key, document, found = key[order], document[order], found[order]
    of_span = _begins(key, document, found["start"], found["end"])
    of_pair, of_edge = _begins(key, document), _begins(key)
    edge = np.cumsum(np.bincount(of_edge, minlength=len(key)))[of_pair] - 1 if len(key) else of_pair
    bounds = np.searchsorted(of_span, np.append(of_pair, len(key)))
    statements = Statements(
        edge=edge.astype(np.int32),
        document=document[of_pair].astype(np.int32),
        score=np.maximum.reduceat(found["score"], of_pair) if len(key) else found["score"],
        evidence=np.diff(bounds).astype(np.int32),
    )
    return statements, order[of_edge]


def _added_up(statements: Statements) -> Edges:
    """Add up what documents say: noisy or over them, in the order of their ids."""
    begins = statements.begins
    if not len(begins):
        nothing = np.zeros(0, np.int32)
        return Edges(begins, np.zeros(0), nothing, nothing)
    doubt = np.multiply.reduceat(1.0 - statements.score, begins)
    return Edges(
        places=statements.edge[begins].astype(np.int64),
        confidence=1.0 - doubt,
        documents=np.diff(np.append(begins, len(statements.edge))).astype(np.int32),
        evidence=np.add.reduceat(statements.evidence, begins).astype(np.int32),
    )


def _begins(*columns: NDArray[np.generic]) -> Numbers:
    """Return where a new run of equal values begins, in sorted columns."""
    if not len(columns[0]):
        return np.zeros(0, np.int64)
    changes = np.ones(len(columns[0]), np.bool_)
    changes[1:] = False
    for column in columns:
        changes[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(changes)


def _column(rows: Iterable[tuple[int]]) -> Numbers:
    return np.array([row for (row,) in rows], np.int64)


def documents_of(db: sqlite3.Connection, passages: str) -> set[int]:
    """Return the rows of the documents of which a query chooses passages."""
    query = f"SELECT DISTINCT document FROM passages WHERE row IN ({passages})"
    return {row for (row,) in db.execute(query)}
