"""The cited graph: identities, mentions and evidence in SQLite; entities and triplets as views.

Each document says what its mentions stand for (identities) and which identities are one (same_as).
An entity is a connected component of identities under same_as, over all documents, that never joins
two QIDs; a triplet is all the evidence between two entities. Both are functions of the documents
that are there, so any history of additions and removals gives the graph of its survivors.
"""

import hashlib
import json
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from indexes.facts import GraphReader
from indexes.records import Mention, Resolution


class GraphStore(GraphReader):
    """Reads and writes the graph; the caller holds the transaction."""

    def insert(
        self,
        document: int,
        text: str,
        resolution: Resolution,
        passages: Sequence[tuple[int, int, int]],
        *,
        extractor: str,
    ) -> None:
        """Store what was found in a document, and join the entities that it says are one.

        ``passages`` are the row, start and end of each of its passages, in order.
        """
        keys = {item.identity for item in resolution.mentions}
        keys.update(key for pair in resolution.same_as for key in pair)
        rows = self._identity_rows(sorted(keys))
        touched: set[int] = set()
        mention_rows = self._insert_mentions(document, resolution, rows, passages)
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
            if mention.antecedent is None
        )
        self._db.executemany(
            "UPDATE surfaces SET count = count - ? WHERE identity = ? AND text = ? AND type = ?",
            [(count, *surface) for surface, count in held.items()],
        )
        self._db.executemany(
            "DELETE FROM surfaces WHERE identity = ? AND text = ? AND type = ? AND count <= 0",
            list(held),
        )
        self._count_names({identity: -count for identity, count in _by_identity(held).items()})
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
        self,
        document: int,
        resolution: Resolution,
        rows: dict[str, int],
        passages: Sequence[tuple[int, int, int]],
    ) -> list[int]:
        mention_rows = []
        surfaces: Counter[tuple[int, str, str, str]] = Counter()
        places = _stored_order([item.mention for item in resolution.mentions])
        for item in resolution.mentions:
            mention, identity = item.mention, rows[item.identity]
            named = None if mention.antecedent is None else places[mention.antecedent]
            passage, place = _place_in(passages, mention.start)
            cursor = self._db.execute(
                "INSERT INTO mentions (document, start, end, type, score, identity, antecedent, "
                "passage, place) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    document,
                    mention.start,
                    mention.end,
                    mention.type,
                    mention.score,
                    identity,
                    named,
                    passage,
                    place,
                ),
            )
            assert cursor.lastrowid is not None
            mention_rows.append(cursor.lastrowid)
            if named is None:  # "she" is no name by which to find anybody
                surfaces[identity, mention.text, mention.type, item.normal] += 1
        self._db.executemany(
            "INSERT INTO surfaces VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET count = count + excluded.count",
            [(*surface, count) for surface, count in surfaces.items()],
        )
        self._count_names(_by_identity(surfaces))
        return mention_rows

    def _count_names(self, counts: dict[int, int]) -> None:
        """Keep how many names stand for each identity: common ones tell passages apart less."""
        self._db.executemany(
            "UPDATE identities SET mentions = mentions + ? WHERE row = ?",
            [(count, identity) for identity, count in counts.items()],
        )

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


def _by_identity(surfaces: Mapping[tuple[Any, ...], int]) -> dict[int, int]:
    """Add up counts of surfaces, whose first part is their identity."""
    counts: Counter[int] = Counter()
    for surface, count in surfaces.items():
        counts[surface[0]] += count
    return dict(counts)


def _place_in(
    passages: Sequence[tuple[int, int, int]], offset: int
) -> tuple[int | None, int | None]:
    """Return the row of the passage that holds an offset, and the offset within it."""
    index = bisect_right(passages, offset, key=lambda passage: passage[1]) - 1
    if index < 0 or offset >= passages[index][2]:
        return None, None
    return passages[index][0], offset - passages[index][1]


def _stored_order(mentions: Sequence[Mention]) -> list[int]:
    """Return the place of each mention in the order in which they are read again."""
    places = [0] * len(mentions)
    keys = [(mention.start, mention.end, mention.type) for mention in mentions]
    for place, index in enumerate(sorted(range(len(mentions)), key=keys.__getitem__)):
        places[index] = place
    return places


def _entity_id(keys: Sequence[str]) -> str:
    """Return the QID of a component, or a hash of its least key."""
    qids = [key for key in keys if key.startswith("Q")]
    return qids[0] if qids else "e:" + hashlib.sha256(min(keys).encode()).hexdigest()[:16]
