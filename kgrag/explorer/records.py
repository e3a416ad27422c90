"""What the explorer returns. Coordinates are pixels, y downwards; counts are after the filter."""

from dataclasses import dataclass, field
from typing import Literal

from indexes.records import Entity, Triplet
from indexes.scope import Filter

FactSort = Literal["confidence", "subject", "relation", "object", "documents"]
Direction = Literal["out", "in"]


@dataclass(frozen=True, slots=True)
class GraphFilter:
    """Which part of the graph is looked at; what is empty does not limit.

    Parameters
    ----------
    types, relations:
        Ids of the ontology: entities of these types, facts of these relations.
    documents:
        Ids or names: only what they state counts, with the confidence that they give it.
    since, until:
        First and last day on which a document's file was last changed, as in
        ``indexes.scope.Filter``.
    min_confidence:
        Of facts, 0..1.
    """

    types: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    min_confidence: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.min_confidence <= 1.0:
            raise ValueError(f"min_confidence is {self.min_confidence}, and must be within 0..1")
        self.of_documents  # noqa: B018  (checks the days)

    @property
    def of_documents(self) -> Filter:
        """The part that chooses documents."""
        return Filter(documents=self.documents, since=self.since, until=self.until)


@dataclass(frozen=True, slots=True)
class Node:
    """An entity as it is drawn; ``degree`` counts its facts, ``community`` is a number from 0."""

    entity: Entity
    degree: int
    community: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Edge:
    """A fact as it is drawn, between ids of entities; ``evidence`` counts its quotations."""

    subject: str
    relation: str
    object: str
    confidence: float
    evidence: int


@dataclass(frozen=True, slots=True)
class Community:
    """Nodes that are more tied to each other than to the rest, called after its best connected."""

    id: int
    label: str
    size: int


@dataclass(frozen=True, slots=True)
class Graph:
    """A part of the graph as it is drawn.

    ``total_nodes`` and ``total_edges`` count what the filter leaves, ``is_truncated`` says that not
    all of it is here.
    """

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    communities: tuple[Community, ...] = ()
    total_nodes: int = 0
    total_edges: int = 0
    is_truncated: bool = False


@dataclass(frozen=True, slots=True)
class ListedFact:
    """A fact of which not all evidence need be at hand.

    ``confidence``, ``documents`` and ``evidence_count`` are those of all of it.
    """

    fact: Triplet
    confidence: float
    documents: int
    evidence_count: int


@dataclass(frozen=True, slots=True)
class FactPage:
    """Some of the facts that were asked for, and how many there are."""

    total: int
    facts: tuple[ListedFact, ...]


@dataclass(frozen=True, slots=True)
class FoundEntity:
    """An entity that a name was looked for under, with how many facts are about it."""

    entity: Entity
    facts: int


@dataclass(frozen=True, slots=True)
class NameCount:
    """A name, and how often documents use it."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class MentioningDocument:
    """A document, and how often it mentions an entity, references ("she") included."""

    id: str
    name: str
    mentions: int


@dataclass(frozen=True, slots=True)
class RelationCount:
    """How many facts of a relation an entity is the subject ("out") or the object ("in") of."""

    relation: str
    direction: Direction
    count: int


@dataclass(frozen=True, slots=True)
class EntityCard:
    """What is known of an entity; the commonest names, documents and relations come first."""

    entity: Entity
    names: tuple[NameCount, ...]
    documents: tuple[MentioningDocument, ...]
    facts: int
    relations: tuple[RelationCount, ...]


@dataclass(frozen=True, slots=True)
class Facets:
    """By what the graph can be filtered: (id, count) by count, and (id, name) of documents."""

    types: tuple[tuple[str, int], ...] = ()
    relations: tuple[tuple[str, int], ...] = ()
    documents: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """A dated fact; ``date`` is a day, a month or a year, as exact as the documents say it."""

    date: str
    fact: ListedFact


@dataclass(frozen=True, slots=True)
class Timeline:
    """Some of the dated facts, and how many there are."""

    total: int
    events: tuple[TimelineEvent, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Facts of which only one can be true: one subject, a relation that admits one object."""

    subject: Entity
    relation: str
    claims: tuple[ListedFact, ...]
