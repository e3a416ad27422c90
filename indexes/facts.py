"""What the graph says: entities, triplets and mentions, read as views of identities and evidence.

Nothing here is stored as such: see ``indexes.graph`` for why.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from indexes.documents import NAME_SQL, page_number
from indexes.records import Entity, Evidence, Mention, Triplet
from indexes.scope import Scope
from indexes.shown_names import Named, ShownNames, called, entity_of

_MAX_EVIDENCE = 50
"""Of each fact that is asked for."""

_MAX_RIVALS = 5

FactKey = tuple[str, str, str]
"""Entity, relation, entity: their ids."""


class PlacedMention(NamedTuple):
    """A mention within a passage: ``place`` and ``end`` are offsets from the passage's start.

    ``is_name`` is False for references ("she"); ``names`` counts the names in the library that
    stand for the same identity.
    """

    passage: int
    place: int
    end: int
    type: str
    is_name: bool
    entity: str
    names: int


class StatedFact(NamedTuple):
    """A fact that a passage states, in brief: ids of entities and relation, score 0..1."""

    passage: int
    subject: str
    relation: str
    object: str
    score: float


class GraphReader:
    """Reads the graph through one connection; within a scope, only what its passages say.

    What a name can mean, and what an entity is called, is still known from all documents.
    """

    def __init__(self, db: sqlite3.Connection, scope: Scope | None = None) -> None:
        self._db = db
        self._scope = scope
        self._shown_names = ShownNames(db)
        self._stated_in_scope = (
            f"AND subject_mention IN (SELECT row FROM mentions WHERE passage IN ({scope.passages}))"
            if scope
            else ""
        )
        self._and_chosen = f"AND mentions.passage IN ({scope.passages})" if scope else ""

    def named(self, normals: Sequence[str]) -> dict[str, dict[str, int]]:
        """Return, for each normal name that is known, its entities and how often it means them."""
        counted = "sum(count)"
        if self._scope:
            counted = (
                "(SELECT count(*) FROM mentions WHERE mentions.identity = identities.row "
                f"{self._and_chosen})"
            )
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for normal, entity, count in self._db.execute(
            f"SELECT normal, entity, {counted} FROM surfaces JOIN identities "
            "ON identities.row = identity WHERE normal IN (SELECT value FROM json_each(?)) "
            "GROUP BY normal, entity",
            (json.dumps(list(normals)),),
        ):
            if count:
                found[normal][entity] = count
        for normal, entity in self._shown_names.meant(normals):
            if count := self._times_meant(entity):
                found[normal][entity] = count
        return dict(found)

    def _times_meant(self, entity: str) -> int:
        """Count what means an entity: a name that a user gave stands for all of that."""
        counted = "SELECT sum(mentions) FROM identities WHERE entity = ?"
        if self._scope:
            counted = (
                "SELECT count(*) FROM mentions JOIN identities ON identities.row = identity "
                f"WHERE entity = ? {self._and_chosen}"
            )
        return int(self._db.execute(counted, (entity,)).fetchone()[0] or 0)

    def entities(self, ids: Iterable[str]) -> dict[str, Entity]:
        """Return these entities by id; unknown ids are left out."""
        wanted = sorted(set(ids))
        surfaces: dict[str, list[Named]] = defaultdict(list)
        for chunk in _chunks(wanted, 500):
            marks = ",".join("?" * len(chunk))
            for entity, *surface in self._db.execute(
                f"SELECT entity, text, type, normal, sum(count) FROM identities JOIN surfaces "
                f"ON identity = row WHERE entity IN ({marks}) GROUP BY 1, 2, 3, 4",
                tuple(chunk),
            ):
                surfaces[entity].append((surface[0], surface[1], surface[2], surface[3]))
        found = {id_: entity_of(id_, surfaces[id_]) for id_ in wanted if id_ in surfaces}
        for id_, shown in self._shown_names.of(list(found)).items():
            found[id_] = called(found[id_], shown, surfaces[id_], self._named_by(shown.rows))
        return found

    def _named_by(self, identities: Iterable[int]) -> list[Named]:
        """Return the names that stand for any of these identities, with how often they do."""
        return self._db.execute(
            "SELECT text, type, normal, sum(count) FROM surfaces WHERE identity IN "
            "(SELECT value FROM json_each(?)) GROUP BY 1, 2, 3",
            (json.dumps(sorted(identities)),),
        ).fetchall()

    def mentions(self, document: int) -> list[tuple[Mention, str]]:
        """Return each mention of a document, in text order, with the id of its entity."""
        return self._stored_mentions(document, "entity")

    def _stored_mentions(self, document: int, column: str) -> list[tuple[Mention, Any]]:
        """Return a document's mentions with their identity's row or its entity."""
        # SQLite counts characters from the start for each substr: slice here, linear in the text.
        (text,) = self._db.execute(
            "SELECT text FROM documents WHERE row = ?", (document,)
        ).fetchone()
        rows = self._db.execute(
            f"SELECT start, end, type, score, antecedent, {column} FROM mentions JOIN identities "
            "ON identities.row = identity WHERE document = ? ORDER BY start, end, type, "
            "mentions.row",
            (document,),
        )
        return [
            (Mention(start, end, text[start:end], type_, score, antecedent), value)
            for start, end, type_, score, antecedent, value in rows
        ]

    def triplets(
        self,
        *,
        entities: Sequence[str] | None = None,
        document: int | None = None,
        span: tuple[int, int] | None = None,
        limit: int = 100_000,
    ) -> list[Triplet]:
        """Return the facts about any of these entities, or those that a document (span) states.

        At most ``limit`` pieces of evidence are read. Most confident first; the order is total.
        """
        if entities is not None:
            marks = ",".join("?" * len(entities))
            rows = f"SELECT row FROM identities WHERE entity IN ({marks})"
            where = f"(evidence.subject IN ({rows}) OR evidence.object IN ({rows}))"
            values: tuple[object, ...] = (*entities, *entities)
        elif document is not None and span is not None:
            where, values = "evidence.document = ? AND start < ? AND end > ?", (
                document, span[1], span[0],
            )  # fmt: skip
        elif document is not None:
            where, values = "evidence.document = ?", (document,)
        else:
            where, values = "1", ()
        return self._triplets(where, values, limit)

    def stated_in(self, passages: Sequence[int]) -> list[Triplet]:
        """Return the facts whose evidence begins in one of these passages, most confident first."""
        marks = ",".join("?" * len(passages))
        return self._triplets(
            f"""evidence.row IN (SELECT evidence.row FROM passages JOIN evidence
            ON evidence.document = passages.document AND evidence.start >= passages.start
            AND evidence.start < passages.end WHERE passages.row IN ({marks}))""",
            tuple(passages),
        )

    def rivals(self, fact: FactKey) -> list[FactKey]:
        """Return what else stands in the relation of a fact to its subject: the first few."""
        subject, relation, object_ = fact
        found = self._db.execute(
            "SELECT DISTINCT o.entity FROM identities s JOIN evidence ON evidence.subject = s.row "
            "AND relation = ? JOIN identities o ON o.row = evidence.object "
            "WHERE s.entity = ? AND o.entity NOT IN (?, s.entity) LIMIT ?",
            (relation, subject, object_, _MAX_RIVALS),
        )
        return [(subject, relation, other) for (other,) in found]

    def stating(self, facts: Sequence[FactKey]) -> list[Triplet]:
        """Return these facts with their evidence in all documents."""
        if not facts:
            return []
        values = ", ".join(["(?, ?, ?)"] * len(facts))
        return self._triplets(
            "o.entity = wanted.o",
            [part for fact in facts for part in fact],
            _MAX_EVIDENCE * len(facts),
            start=f"WITH wanted (s, r, o) AS (VALUES {values})",
            source="wanted JOIN identities s ON s.entity = wanted.s "
            "JOIN evidence ON evidence.subject = s.row AND relation = wanted.r",
        )

    def _triplets(
        self,
        where: str,
        values: Sequence[object],
        limit: int = 100_000,
        *,
        start: str = "",
        source: str = "evidence JOIN identities s ON s.row = subject",
    ) -> list[Triplet]:
        found = self._db.execute(
            f"{start} SELECT s.entity, relation, o.entity, documents.id, {NAME_SQL}, pages, start, "
            f"end, quote, extractor, score FROM {source} "
            "JOIN identities o ON o.row = object JOIN documents ON documents.row = document "
            # Between two names of one entity nothing is left to state.
            f"WHERE {where} AND s.entity <> o.entity {self._stated_in_scope} "
            "ORDER BY documents.id, start, end, relation LIMIT ?",
            (*values, limit),
        )
        return self._assemble(found)

    def _assemble(self, rows: Iterable[tuple[Any, ...]]) -> list[Triplet]:
        grouped: dict[tuple[str, str, str], dict[tuple[str, int, int], Evidence]] = defaultdict(
            dict
        )
        for subject, relation, object_, *fields in rows:
            id_, name, pages, start, end, quote, extractor, score = fields
            item = Evidence(
                document_id=id_,
                document_name=name,
                page=page_number(pages, start),
                start=start,
                end=end,
                quote=quote,
                extractor=extractor,
                score=score,
            )
            spans = grouped[subject, relation, object_]
            known = spans.get((id_, item.start, item.end))
            if known is None or known.score < item.score:
                spans[id_, item.start, item.end] = item
        entities = self.entities({id_ for key in grouped for id_ in (key[0], key[2])})
        triplets = [
            Triplet(entities[subject], relation, entities[object_], tuple(spans.values()))
            for (subject, relation, object_), spans in grouped.items()
        ]
        return sorted(
            triplets,
            key=lambda t: (-t.confidence, t.subject.name, t.relation, t.object.name, t.subject.id),
        )

    def passages_of(self, entities: Iterable[str], each: int) -> list[tuple[str, int, int]]:
        """Return (entity id, passage row, place) of mentions: those nearest to a passage's start.

        At most ``each`` mentions are read of each identity, so that the cost does not grow with
        how common an entity is.
        """
        identities = self._db.execute(
            "SELECT row, entity FROM identities WHERE entity IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(set(entities))),),
        ).fetchall()
        query = (
            "SELECT passage, place FROM mentions WHERE identity = ? AND passage IS NOT NULL "
            f"{self._and_chosen} ORDER BY place, passage LIMIT ?"
        )
        return [
            (entity, passage, place)
            for row, entity in identities
            for passage, place in self._db.execute(query, (row, each))
        ]

    def placed_in(self, passages: Sequence[int]) -> dict[int, list[PlacedMention]]:
        """Return the mentions of these passages, in text order, outer before inner."""
        found: dict[int, list[PlacedMention]] = defaultdict(list)
        rows = self._db.execute(
            "SELECT passage, place, place + end - start, type, antecedent IS NULL, entity, "
            "identities.mentions FROM mentions JOIN identities ON identities.row = identity "
            "WHERE passage IN (SELECT value FROM json_each(?)) ORDER BY passage, start, end DESC",
            (json.dumps(list(passages)),),
        ).fetchall()
        for mention in map(PlacedMention._make, rows):
            found[mention.passage].append(mention)
        return dict(found)

    def facts_in(self, passages: Sequence[int]) -> list[StatedFact]:
        """Return the facts whose subject stands in one of these passages."""
        rows = self._db.execute(
            "SELECT passage, s.entity, relation, o.entity, evidence.score FROM mentions "
            "JOIN evidence ON subject_mention = mentions.row "
            "JOIN identities s ON s.row = subject JOIN identities o ON o.row = object "
            "WHERE passage IN (SELECT value FROM json_each(?)) AND s.entity <> o.entity",
            (json.dumps(list(passages)),),
        )
        return list(map(StatedFact._make, rows))

    def mentioned_in(self, passages: Sequence[int]) -> dict[int, list[tuple[Mention, str]]]:
        """Return, for each of these passage rows, its mentions with the ids of their entities.

        Antecedents count among all mentions of the document, as ``mentions`` returns them.
        """
        marks = ",".join("?" * len(passages))
        found: dict[int, list[tuple[Mention, str]]] = defaultdict(list)
        for row, start, end, text, type_, score, named, entity in self._db.execute(
            "SELECT passages.row, mentions.start, mentions.end, substr(passages.text, "
            "mentions.start - passages.start + 1, mentions.end - mentions.start), type, score, "
            "antecedent, entity FROM passages JOIN mentions "
            "ON mentions.passage = passages.row AND mentions.end <= passages.end "
            f"JOIN identities ON identities.row = identity WHERE passages.row IN ({marks}) "
            "ORDER BY mentions.start, mentions.end",
            tuple(passages),
        ):
            found[row].append((Mention(start, end, text, type_, score, named), entity))
        return dict(found)


def _chunks(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
