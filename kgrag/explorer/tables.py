"""What of a library's graph is kept in memory: made when first needed, for one version of it.

A write raises the library's version, and the next reader makes new tables; whoever reads meanwhile
keeps his own, for a snapshot of the database is held while they are used. Some 60 bytes an edge.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from indexes.edges import EdgeTable, Numbers, read_edges
from indexes.entity_names import EntityNames, read_literals, read_names, read_order, read_types
from indexes.facts import GraphReader
from indexes.library import Library
from indexes.schema import snapshot
from kgrag.literals import LITERAL_TYPES, Literal, literal_of

VALUED = ("date", "time", "age")
"""Types whose values are compared: on the timeline, or where they contradict each other."""

_Made = TypeVar("_Made")


@dataclass(frozen=True, eq=False)
class EntityTypes:
    """The type of each entity, by number, -1 for none; and which are dates, numbers and such."""

    ids: tuple[str, ...]
    of: NDArray[np.int16]
    is_literal: NDArray[np.bool_]

    def mask(self, types: tuple[str, ...]) -> NDArray[np.bool_]:
        """Return which entities are of these types."""
        return np.isin(self.of, [at for at, type_ in enumerate(self.ids) if type_ in types])


class _Tables:
    """The tables of one version; each is made once, whichever thread needs it first."""

    def __init__(self, version: str) -> None:
        self.version = version
        self._lock = threading.RLock()
        self._made: dict[str, Any] = {}

    def once(self, name: str, make: Callable[[], _Made]) -> _Made:
        with self._lock:
            if name not in self._made:
                self._made[name] = make()
            made: _Made = self._made[name]
            return made


class Reading:
    """One version of a library's graph, while it is being read."""

    def __init__(self, db: sqlite3.Connection, tables: _Tables) -> None:
        self.db = db
        self.graph = GraphReader(db)
        self._tables = tables

    @property
    def edges(self) -> EdgeTable:
        """All edges."""
        return self._tables.once("edges", lambda: read_edges(self.db))

    @property
    def names(self) -> EntityNames:
        """All names."""
        return self._tables.once("names", lambda: read_names(self.db, self.edges))

    @property
    def order(self) -> Numbers:
        """The place of each entity in the alphabet."""
        return self._tables.once("order", lambda: read_order(self.db, self.edges))

    @property
    def types(self) -> EntityTypes:
        """The types of entities."""
        return self._tables.once("types", self._read_types)

    @property
    def degrees(self) -> Numbers:
        """How many facts are about each entity."""
        return self._tables.once("degrees", lambda: degrees(self.edges, self.edges.all.places))

    @property
    def values(self) -> dict[int, Literal]:
        """The value of each entity of a type in ``VALUED`` that has one."""
        return self._tables.once("values", self._read_values)

    def _read_types(self) -> EntityTypes:
        ids, of = read_types(self.db, self.edges)
        literal = [at for at, id_ in enumerate(ids) if id_ in LITERAL_TYPES]
        return EntityTypes(ids, of, np.isin(of, literal))

    def _read_values(self) -> dict[int, Literal]:
        found = {}
        for entity, type_, key in read_literals(self.db, VALUED):
            literal = literal_of(type_, key)
            if literal is not None:
                found[self.edges.numbers[entity]] = literal
        return found


class TableCache:
    """Keeps the tables of the version that was read last."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._tables = _Tables("")

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Give the graph as it is now, while the block runs.

        Raises
        ------
        LibraryDamagedError
            The database cannot be read.
        """
        with self._library.reading(), snapshot(self._library.db):
            version = self._library.version
            with self._lock:
                if self._tables.version != version:
                    self._tables = _Tables(version)
                tables = self._tables
            yield Reading(self._library.db, tables)


def degrees(table: EdgeTable, places: Numbers) -> Numbers:
    """Return, for each entity, of how many of these edges it is an end."""
    count = len(table.entities)
    ends = np.bincount(table.subject[places], minlength=count)
    return ends + np.bincount(table.object[places], minlength=count)
