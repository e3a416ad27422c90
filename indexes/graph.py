"""The cited graph: identities, mentions and evidence in SQLite; entities and triplets as views.

Each document says what its mentions stand for (identities) and which identities are one (same_as).
An entity is a connected component of identities under same_as, over all documents, that never joins
two QIDs; a triplet is all the evidence between two entities. Both are functions of the documents
that are there, so any history of additions and removals gives the graph of its survivors.
"""

import hashlib
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from indexes.documents import NAME_SQL, page_number
from indexes.records import Entity, Evidence, Mention, Resolution, Triplet

_MAX_ALIASES = 12


class GraphStore:
    """Reads and writes the graph; the caller holds the transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    # -- writing ---------------------------------------------------------------------------------

    def insert(self, document: int, text: str, resolution: Resolution, *, extractor: str) -> None:
        """Store what was found in a document, and join the entities that it says are one."""
        keys = {item.identity for item in resolution.mentions}
        keys.update(key for pair in resolution.same_as for key in pair)
        rows = self._identity_rows(sorted(keys))
        touched: set[int] = set()
        mention_rows = self._insert_mentions(document, resolution, rows)
        for first, second in resolution.same_as:
            pair = sorted((rows[first], rows[second]))
            touched.update(pair)
            self._db.execute("INSERT OR IGNORE INTO same_as VALUES (?, ?, ?)", (*pair, document))
        self._db.executemany(
            "INSERT INTO evidence (document, subject, relation, object, subject_mention, "
            "object_mention, start, end, quote, extractor, score) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    document,
                    rows[resolution.mentions[item.subject].identity],
                    item.relation,
                    rows[resolution.mentions[item.object].identity],
                    mention_rows[item.subject],
                    mention_rows[item.object],
                    item.start,
                    item.end,
                    text[item.start : item.end],
                    extractor,
                    item.score,
                )
                for item in resolution.relations
            ],
        )
        self.place(self._entities_around(touched))

    def remove(self, document: int) -> None:
        """Forget what a document said; entities that only it held together fall apart again."""
        touched = {
            row
            for pair in self._db.execute(
                "SELECT first, second FROM same_as WHERE document = ?", (document,)
            )
            for row in pair
        }
        held = Counter(
            (identity, mention.text, mention.type)
            for mention, identity in self._stored_mentions(document, "identity")
        )
        self._db.executemany(
            "UPDATE surfaces SET count = count - ? WHERE identity = ? AND text = ? AND type = ?",
            [(count, *surface) for surface, count in held.items()],
        )
        self._db.executemany(
            "DELETE FROM surfaces WHERE identity = ? AND text = ? AND type = ? AND count <= 0",
            list(held),
        )
        for table in ("evidence", "mentions", "same_as"):
            self._db.execute(f"DELETE FROM {table} WHERE document = ?", (document,))
        candidates = touched | {identity for identity, _, _ in held}
        gone = {row for row in candidates if not self._is_held(row)}
        self._db.executemany("DELETE FROM identities WHERE row = ?", [(row,) for row in gone])
        self.place(self._entities_around(touched - gone))

    def _identity_rows(self, keys: Sequence[str]) -> dict[str, int]:
        """Return the row of each key; a new key is an entity of its own."""
        rows: dict[str, int] = {}
        for key in keys:
            found = self._db.execute("SELECT row FROM identities WHERE key = ?", (key,)).fetchone()
            if found is None:
                cursor = self._db.execute(
                    "INSERT INTO identities (key, entity) VALUES (?, ?)", (key, _entity_id([key]))
                )
                assert cursor.lastrowid is not None
                rows[key] = cursor.lastrowid
            else:
                rows[key] = int(found[0])
        return rows

    def _insert_mentions(
        self, document: int, resolution: Resolution, rows: dict[str, int]
    ) -> list[int]:
        mention_rows = []
        surfaces: Counter[tuple[int, str, str, str]] = Counter()
        for item in resolution.mentions:
            mention, identity = item.mention, rows[item.identity]
            cursor = self._db.execute(
                "INSERT INTO mentions (document, start, end, type, score, identity) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (document, mention.start, mention.end, mention.type, mention.score, identity),
            )
            assert cursor.lastrowid is not None
            mention_rows.append(cursor.lastrowid)
            surfaces[identity, mention.text, mention.type, item.normal] += 1
        self._db.executemany(
            "INSERT INTO surfaces VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET count = count + excluded.count",
            [(*surface, count) for surface, count in surfaces.items()],
        )
        return mention_rows

    def _is_held(self, identity: int) -> bool:
        query = (
            "SELECT 1 FROM surfaces WHERE identity = :row UNION ALL SELECT 1 FROM same_as "
            "WHERE first = :row UNION ALL SELECT 1 FROM same_as WHERE second = :row LIMIT 1"
        )
        return self._db.execute(query, {"row": identity}).fetchone() is not None

    # -- entities as components of identities ----------------------------------------------------

    def misplaced(self) -> dict[int, str]:
        """Return the identities whose entity is not what the documents say, and what it should be.

        None in a whole library: ``insert`` and ``remove`` keep them in place.
        """
        held = dict(self._db.execute("SELECT row, entity FROM identities"))
        due = self._entities_around(set(held))
        return {row: entity for row, entity in due.items() if held[row] != entity}

    def place(self, entities: dict[int, str]) -> None:
        """Give these identities these entities."""
        self._db.executemany(
            "UPDATE identities SET entity = ? WHERE row = ? AND entity <> ?",
            [(entity, row, entity) for row, entity in entities.items()],
        )

    def _entities_around(self, touched: set[int]) -> dict[int, str]:
        """Return the entity of these identities and of all that are joined to them."""
        edges = self._edges_around(touched)
        members = sorted(touched | {row for edge in edges for row in edge})
        keys = dict(
            self._db.execute(
                "SELECT row, key FROM identities WHERE row IN (SELECT value FROM json_each(?))",
                (json.dumps(members),),
            )
        )
        edges = {edge: count for edge, count in edges.items() if keys.keys() >= set(edge)}
        entities: dict[int, str] = {}
        for component in _components(keys, edges):
            entity = _entity_id([keys[row] for row in component])
            entities.update(dict.fromkeys(component, entity))
        return entities

    def _edges_around(self, rows: set[int]) -> dict[tuple[int, int], int]:
        """Return every same_as pair reachable from these rows, with how many documents say it."""
        edges: dict[tuple[int, int], int] = {}
        waiting, seen = list(rows), set(rows)
        while waiting:
            row = waiting.pop()
            for first, second, count in self._db.execute(
                "SELECT first, second, count(*) FROM same_as WHERE first = :row OR second = :row "
                "GROUP BY first, second",
                {"row": row},
            ):
                edges[first, second] = count
                for other in (first, second):
                    if other not in seen:
                        seen.add(other)
                        waiting.append(other)
        return edges

    # -- reading ---------------------------------------------------------------------------------

    def named(self, normals: Sequence[str]) -> dict[str, dict[str, int]]:
        """Return, for each normal name that is known, its entities and how often it means them."""
        marks = ",".join("?" * len(normals))
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for normal, entity, count in self._db.execute(
            f"SELECT normal, entity, sum(count) FROM surfaces JOIN identities ON row = identity "
            f"WHERE normal IN ({marks}) GROUP BY normal, entity",
            tuple(normals),
        ):
            found[normal][entity] = count
        return dict(found)

    def entities(self, ids: Iterable[str]) -> dict[str, Entity]:
        """Return these entities by id; unknown ids are left out."""
        wanted = sorted(set(ids))
        surfaces: dict[str, list[tuple[str, str, str, int]]] = defaultdict(list)
        for chunk in _chunks(wanted, 500):
            marks = ",".join("?" * len(chunk))
            for entity, *surface in self._db.execute(
                f"SELECT entity, text, type, normal, sum(count) FROM identities JOIN surfaces "
                f"ON identity = row WHERE entity IN ({marks}) GROUP BY 1, 2, 3, 4",
                tuple(chunk),
            ):
                surfaces[entity].append((surface[0], surface[1], surface[2], surface[3]))
        return {id_: _entity(id_, surfaces[id_]) for id_ in wanted if id_ in surfaces}

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
            f"SELECT start, end, type, score, {column} FROM mentions JOIN identities "
            "ON identities.row = identity WHERE document = ? ORDER BY start, end, type",
            (document,),
        )
        return [
            (Mention(start, end, text[start:end], type_, score), value)
            for start, end, type_, score, value in rows
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

    def _triplets(
        self, where: str, values: Sequence[object], limit: int = 100_000
    ) -> list[Triplet]:
        found = self._db.execute(
            f"SELECT s.entity, relation, o.entity, documents.id, {NAME_SQL}, pages, start, end, "
            "quote, extractor, score FROM evidence JOIN identities s ON s.row = subject "
            "JOIN identities o ON o.row = object JOIN documents ON documents.row = document "
            # Between two names of one entity nothing is left to state.
            f"WHERE {where} AND s.entity <> o.entity "
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

    def mentioning(self, entities: Sequence[str], limit: int) -> list[tuple[int, str, int]]:
        """Return (passage row, entity id, mentions) for passages that mention these entities."""
        marks = ",".join("?" * len(entities))
        return self._db.execute(
            f"SELECT passages.row, entity, count(*) FROM identities "
            "JOIN mentions ON mentions.identity = identities.row JOIN passages ON "
            "passages.document = mentions.document AND mentions.start >= passages.start "
            f"AND mentions.start < passages.end WHERE entity IN ({marks}) "
            "GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT ?",
            (*entities, limit),
        ).fetchall()

    def mentioned_in(self, passages: Sequence[int]) -> dict[int, list[tuple[Mention, str]]]:
        """Return, for each of these passage rows, its mentions with the ids of their entities."""
        marks = ",".join("?" * len(passages))
        found: dict[int, list[tuple[Mention, str]]] = defaultdict(list)
        for row, start, end, text, type_, score, entity in self._db.execute(
            "SELECT passages.row, mentions.start, mentions.end, substr(passages.text, "
            "mentions.start - passages.start + 1, mentions.end - mentions.start), type, score, "
            "entity FROM passages JOIN mentions ON mentions.document = passages.document AND "
            "mentions.start >= passages.start AND mentions.end <= passages.end "
            f"JOIN identities ON identities.row = identity WHERE passages.row IN ({marks}) "
            "ORDER BY mentions.start, mentions.end",
            tuple(passages),
        ):
            found[row].append((Mention(start, end, text, type_, score), entity))
        return dict(found)


def _components(keys: dict[int, str], edges: dict[tuple[int, int], int]) -> Iterator[list[int]]:
    """Yield the components; the pairs that most documents say come first, two QIDs never join."""
    parent = {row: row for row in keys}
    qid = {row: key if key.startswith("Q") else None for row, key in keys.items()}

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    def rank(edge: tuple[int, int]) -> tuple[int, str, str]:
        first, second = sorted((keys[edge[0]], keys[edge[1]]))
        return -edges[edge], first, second

    for first, second in sorted(edges, key=rank):
        one, other = root(first), root(second)
        if one != other and not (qid[one] and qid[other]):
            parent[other] = one
            qid[one] = qid[one] or qid[other]
    components: dict[int, list[int]] = defaultdict(list)
    for row in keys:
        components[root(row)].append(row)
    yield from components.values()


def _entity_id(keys: Sequence[str]) -> str:
    """Return the QID of a component, or a hash of its least key."""
    qids = [key for key in keys if key.startswith("Q")]
    return qids[0] if qids else "e:" + hashlib.sha256(min(keys).encode()).hexdigest()[:16]


def _entity(id_: str, surfaces: Sequence[tuple[str, str, str, int]]) -> Entity:
    """Name an entity by its surfaces: nominative before inflected, full name before short."""
    types: Counter[str] = Counter()
    names: Counter[tuple[str, str]] = Counter()
    for text, type_, normal, count in surfaces:
        types[type_] += count
        names[" ".join(text.split()), normal] += count
    type_ = min(types, key=lambda name: (-types[name], name))
    normals: Counter[str] = Counter()
    for (_, normal), count in names.items():
        normals[normal] += count

    def rank(name: tuple[str, str]) -> tuple[bool, int, bool, int, int, str]:
        text, normal = name
        is_short = type_ == "person" and " " not in normal
        is_inflected = text.lower().replace("ё", "е") != normal
        return (is_short, -normals[normal], is_inflected, -names[name], -len(text), text)

    ordered = [text for text, _ in sorted(names, key=rank)]
    unique = list(dict.fromkeys(ordered))
    return Entity(
        id=id_,
        name=unique[0],
        type=type_,
        aliases=tuple(unique[1 : 1 + _MAX_ALIASES]),
        wikidata=id_ if id_.startswith("Q") else None,
    )


def _chunks(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
