r"""Names and types of all entities in memory: what is typed is looked for in every name at once.

Names stand in one string, a line each, the best known entity's first, folded: `` leonhard euler``.
Each word follows a space, so that looking for a word's beginning is one ``str.find`` (some
milliseconds in a hundred thousand names, without an index of its own), and the first hits are the
best known ones.
"""

import json
import re
import sqlite3
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterator
from itertools import accumulate, chain

import numpy as np
from numpy.typing import NDArray

from indexes.edges import EdgeTable, Numbers
from indexes.facts import GraphReader
from indexes.records import Entity
from indexes.rules import base_key

_MARKS = re.compile(r"[\u0300-\u036f]+")
_BETWEEN_WORDS = re.compile(r"[^\w\n]+|_+")


def folded(text: str) -> str:
    """Return a text in lower case, without accents (ё is е), its words a space apart."""
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return _BETWEEN_WORDS.sub(" ", plain)


class EntityNames:
    """Every name of every entity, to be searched.

    Parameters
    ----------
    table:
        The entities.
    surfaces:
        (row of the identity, name, its normal form, how often it occurs).
    given:
        (number of the entity, name) of what users call entities.
    """

    def __init__(
        self,
        table: EdgeTable,
        surfaces: Collection[tuple[int, str, str, int]],
        given: Collection[tuple[int, str]] = (),
    ) -> None:
        identity = np.array([row for row, *_ in surfaces], np.int64)
        entity = table.entity_of[np.searchsorted(table.identity_rows, identity)]
        counts = [count for *_, count in surfaces]
        self.mentions = np.bincount(entity, counts, len(table.entities)).astype(np.int64)
        named = [
            (of, name)
            for of, (_, text, normal, _) in zip(entity.tolist(), surfaces, strict=True)
            for name in ((text,) if normal == text.lower() else (text, normal))
        ]
        named += given
        of_line = np.array([of for of, _ in named], np.int64)
        order = np.lexsort((of_line, -self.mentions[of_line]))
        self._entity_of: Numbers = of_line[order]
        lines = "\n".join(named[at][1].replace("\n", " ") for at in order.tolist())
        # The line feeds before and behind let a whole name be looked for.
        text = folded("\n" + lines + "\n")
        self._text = text.replace("\n ", "\n").replace(" \n", "\n").replace("\n", "\n ")
        self._begins = list(accumulate(len(line) + 1 for line in self._text.split("\n")))

    def find(self, text: str) -> Iterator[int]:
        """Yield the number of each entity of which a name is the text; then, best known first, of
        each of which one name has words that begin with all of its words.
        """
        words = folded(text).split()
        whole = self._lines("\n " + " ".join(words) + "\n", 1) if words else ()
        seen: set[int] = set()
        for line in chain(whole, self._lines_with(words)):
            if (entity := int(self._entity_of[line])) not in seen:
                seen.add(entity)
                yield entity

    def having(self, word: str) -> NDArray[np.bool_]:
        """Return a mask of the entities that have a name with a word that begins so, folded."""
        mask = np.zeros(len(self.mentions), np.bool_)
        found = [hit.start() for hit in re.finditer(re.escape(f" {word}"), self._text)]
        lines = np.searchsorted(np.array(self._begins), np.array(found, np.int64), "right") - 1
        mask[self._entity_of[lines]] = True
        return mask

    def _lines_with(self, words: list[str]) -> Iterator[int]:
        if not words:
            yield from range(len(self._entity_of))
            return
        longest = max(words, key=len)
        others = [f" {word}" for word in words if word != longest]
        for line in self._lines(f" {longest}", 0):
            text = self._text[self._begins[line] : self._begins[line + 1]]
            if all(other in text for other in others):
                yield line

    def _lines(self, wanted: str, offset: int) -> Iterator[int]:
        """Yield each line that holds a text, once; the text begins ``offset`` before it."""
        at = self._text.find(wanted)
        while at >= 0:
            line = bisect_right(self._begins, at + offset) - 1
            yield line
            at = self._text.find(wanted, self._begins[line + 1] - 1)


def read_names(db: sqlite3.Connection, table: EdgeTable) -> EntityNames:
    """Read the names of all entities; the caller holds the snapshot that the table is of."""
    query = "SELECT identity, text, normal, sum(count) FROM surfaces GROUP BY 1, 2, 3"
    given = [(table.numbers[id_], entity.name) for id_, entity in _corrected(db).items()]
    return EntityNames(table, db.execute(query).fetchall(), given)


def read_types(
    db: sqlite3.Connection, table: EdgeTable
) -> tuple[tuple[str, ...], NDArray[np.int16]]:
    """Return the types, and the number of each entity's: that of most of its names, else -1.

    Of two types that are as common, it is the first by name, as ``Entity`` has it.
    """
    found = db.execute("SELECT identity, type, sum(count) FROM surfaces GROUP BY 1, 2").fetchall()
    types = tuple(sorted({type_ for _, type_, _ in found}))
    type_of = np.full(len(table.entities), -1, np.int16)
    if not found:
        return types, type_of
    number = {type_: at for at, type_ in enumerate(types)}
    identity = np.array([row for row, _, _ in found], np.int64)
    kind = np.array([number[type_] for _, type_, _ in found], np.int64)
    entity = table.entity_of[np.searchsorted(table.identity_rows, identity)]
    keys, where = np.unique(entity * len(types) + kind, return_inverse=True)
    counts = np.bincount(where, [count for _, _, count in found])
    entity, kind = np.divmod(keys, len(types))
    # Written from the rarest to the commonest: the last stays.
    order = np.lexsort((-kind, counts, entity))
    type_of[entity[order]] = kind[order]
    for id_, corrected in _corrected(db).items():
        type_of[table.numbers[id_]] = number[corrected.type]
    return types, type_of


def read_order(db: sqlite3.Connection, table: EdgeTable) -> Numbers:
    """Return the place of each entity in the order of their names, without regard to case."""
    names: dict[int, str] = {}
    several: set[int] = set()
    surfaces = db.execute("SELECT identity, text FROM surfaces").fetchall()
    identity = np.array([row for row, _ in surfaces], np.int64)
    entities = table.entity_of[np.searchsorted(table.identity_rows, identity)].tolist()
    for entity, (_, name) in zip(entities, surfaces, strict=True):
        if entity in names:
            several.add(entity)
        names[entity] = name
    # Which of several names is shown takes longer to tell.
    shown = GraphReader(db).entities(table.entities[entity] for entity in several)
    for id_, corrected in (shown | _corrected(db)).items():
        names[table.numbers[id_]] = corrected.name
    order = sorted(
        range(len(table.entities)), key=lambda entity: (folded(names.get(entity, "")), entity)
    )
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    return places


def _corrected(db: sqlite3.Connection) -> dict[str, Entity]:
    """Return the entities of whose names users had a say, by id."""
    found = db.execute(
        "SELECT DISTINCT entity FROM identities JOIN correction_keys USING (key) "
        "WHERE role IN ('named', 'keep')"
    )
    return GraphReader(db).entities([entity for (entity,) in found])


def read_literals(db: sqlite3.Connection, types: Collection[str]) -> list[tuple[str, str, str]]:
    """Return (entity id, type, key) of every literal of these types."""
    rows = db.execute(
        "SELECT entity, key FROM identities WHERE substr(key, 1, instr(key, '|') - 1) "
        "IN (SELECT value FROM json_each(?)) OR key LIKE 'split:%' ORDER BY key",
        (json.dumps(sorted(types)),),
    )
    # A literal that a user told apart in some documents is still the literal that stands there.
    found = ((entity, *base_key(key).partition("|")[::2]) for entity, key in rows)
    return [(entity, type_, key) for entity, type_, key in found if type_ in types]
