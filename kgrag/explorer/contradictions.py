"""What documents contradict one another in: two objects of a relation that admits only one.

Objects contradict where they are of one type and neither only says less than the other: dates where
no day is in both, ages where none bears out the other, names of which none is a part of the other
and no document says that one place lies in the other.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from indexes.edges import Edges, Numbers
from indexes.entity_names import folded
from indexes.records import Entity
from kgrag.explorer.listing import listed
from kgrag.explorer.records import Contradiction
from kgrag.explorer.tables import Reading
from kgrag.literals import LITERAL_TYPES, Literal
from kgrag.ontology import load_ontology
from kgrag.verify.numbers import agree

MAX_CLAIMS = 10
"""Of one contradiction, those that most documents state."""

_WITHIN = frozenset({"P17", "P131", "P150", "P276", "P361", "P527"})
"""Country, part of, and the like: the one object lies in the other."""

_JULIAN_GAPS = ((577_736, 0), (620_617, 10), (657_142, 11), (693_667, 12), (701_996, 13))
"""(Gregorian day until which it holds, days between the calendars): until 15 October 1582, until 11
March 1700, 12 March 1800, 13 March 1900, and 1923. Days count as ``date.toordinal`` does."""


def contradictions(reading: Reading, limit: int) -> tuple[Contradiction, ...]:
    """Return contradictions, those that most documents speak to first."""
    edges = _functional(reading)
    found: list[Contradiction] = []
    for rivals in _rivals(reading, edges):
        claims = _contradicting(reading, rivals)
        if len(claims):
            facts = listed(reading, claims)
            subject, relation = facts[0].fact.subject, facts[0].fact.relation
            found.append(Contradiction(subject, relation, facts))
        if len(found) >= limit:
            break
    return tuple(found)


def _functional(reading: Reading) -> Edges:
    known, table = load_ontology().relation_types, reading.edges
    numbers = [
        number
        for number, relation in enumerate(table.relations)
        if relation in known and known[relation].functional
    ]
    return table.all[np.isin(table.relation, numbers)]


def _rivals(reading: Reading, edges: Edges) -> Iterator[Edges]:
    """Yield the edges of one subject and relation, where there are several, best documented first.

    Within each, too, the best documented come first; only so many are looked at.
    """
    table = reading.edges
    subject, relation = table.subject[edges.places], table.relation[edges.places]
    order = np.lexsort((edges.places, -edges.confidence, -edges.documents, relation, subject))
    edges = edges[order]
    group = subject[order].astype(np.int64) * max(len(table.relations), 1) + relation[order]
    begins: Numbers = np.flatnonzero(np.diff(group, prepend=-1))
    sizes = np.diff(np.append(begins, len(edges)))
    documents = np.add.reduceat(edges.documents, begins) if len(begins) else begins
    for at in np.lexsort((begins, -documents)).tolist():
        if sizes[at] > 1:
            yield edges[np.arange(begins[at], begins[at] + min(sizes[at], MAX_CLAIMS))]


def _contradicting(reading: Reading, rivals: Edges) -> Edges:
    """Return those of some edges that another contradicts."""
    objects = reading.edges.object[rivals.places].tolist()
    entities = reading.graph.entities(reading.edges.entities[number] for number in objects)
    named = [entities[reading.edges.entities[number]] for number in objects]
    held = np.zeros(len(rivals), np.bool_)
    for one, other in combinations(range(len(rivals)), 2):
        if named[one].type == named[other].type and _differ(
            reading, (named[one], objects[one]), (named[other], objects[other])
        ):
            held[[one, other]] = True
    return rivals[held]


def _differ(reading: Reading, one: tuple[Entity, int], other: tuple[Entity, int]) -> bool:
    if one[0].type in LITERAL_TYPES:
        mine, theirs = reading.values.get(one[1]), reading.values.get(other[1])
        return mine is not None and theirs is not None and values_differ(mine, theirs)
    return not names_overlap(one[0], other[0]) and not _is_within(reading, one[1], other[1])


def values_differ(one: Literal, other: Literal) -> bool:
    """Return whether two values cannot both be true of one thing.

    What is only about a value contradicts none, and no more do dates that are one day in the Julian
    and in the Gregorian calendar.
    """
    if "~" in one.value + other.value or one.dimension != other.dimension:
        return False
    if one.dimension != "calendar":
        return agree(one, other) is None and agree(other, one) is None
    first, second = sorted((one.bounds or (-np.inf, np.inf), other.bounds or (-np.inf, np.inf)))
    is_apart = first[1] < second[0]
    is_day = first[0] == first[1] and second[0] == second[1]
    return is_apart and not (is_day and second[0] - first[0] == _julian_gap(second[0]))


def _julian_gap(day: float) -> int:
    return next((gap for until, gap in _JULIAN_GAPS if day < until), 0)


def names_overlap(one: Entity, other: Entity) -> bool:
    """Return whether a name of one thing is a part of a name of the other."""
    mine, theirs = _words(one), _words(other)
    return any(a <= b or b <= a for a in mine for b in theirs)


def _words(entity: Entity) -> Sequence[frozenset[str]]:
    return [frozenset(folded(name).split()) for name in (entity.name, *entity.aliases)]


def _is_within(reading: Reading, one: int, other: int) -> bool:
    table = reading.edges
    ids = table.entities[one], table.entities[other]
    return any(
        table.place_of((subject, relation, object_)) is not None
        for subject, object_ in (ids, ids[::-1])
        for relation in _WITHIN
    )
