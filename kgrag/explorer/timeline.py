"""Dated facts in the order of time: what documents say of when, as exactly as they say it."""

import re

import numpy as np

from kgrag.explorer.listing import listed
from kgrag.explorer.records import Timeline, TimelineEvent
from kgrag.explorer.selection import FactQuery, asked_edges
from kgrag.explorer.tables import Reading
from kgrag.literals import Literal

_POINT = re.compile(r"(?:(?:early|mid|late) )?(-?\d{4}(?:-(?:0\d|1[0-2])(?:-\d\d)?)?)")
_PART_OF_YEAR = re.compile(r"(-?\d{4})-[23]\d")
"""A season or a quarter."""


def timeline(reading: Reading, query: str, limit: int, offset: int) -> Timeline:
    """Return facts whose object is a day, a month or a year, the earliest first.

    An interval stands at its beginning. What is only before or after a date, in a decade or in a
    century has no place. Of what begins on one day, the least exact comes first.
    """
    points = {entity: point_of(literal) for entity, literal in reading.values.items()}
    days, ends = (np.full(len(reading.edges.entities), np.nan) for _ in range(2))
    for entity, point in points.items():
        if point is not None:
            days[entity], ends[entity] = point[1]
    edges = asked_edges(reading, FactQuery(query=query))
    edges = edges[~np.isnan(days[reading.edges.object[edges.places]])]
    at = reading.edges.object[edges.places]
    order = np.lexsort((-edges.confidence, -ends[at], days[at]))
    shown = edges[order[max(offset, 0) :][: max(limit, 0)]]
    events = []
    for fact in listed(reading, shown):
        point = points[reading.edges.numbers[fact.fact.object.id]]
        assert point is not None
        events.append(TimelineEvent(point[0], fact))
    return Timeline(len(edges), tuple(events))


def point_of(literal: Literal) -> tuple[str, tuple[float, float]] | None:
    """Return a day, month or year with its first and last day, or None where there is none.

    Years before Christ are astronomical, as in ISO 8601: ``-0043`` is 44 BC.
    """
    bounds = literal.bounds if literal.dimension == "calendar" else None
    if bounds is None or not np.isfinite(bounds).all():
        return None
    value = literal.value.partition("/")[0].partition("T")[0].rstrip("~")
    found = _POINT.fullmatch(value) or _PART_OF_YEAR.fullmatch(value)
    return (found[1], bounds) if found else None
