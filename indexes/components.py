"""Entities as components of identities: what documents say is one, under the rules of users.

A pure function of the identities, of the pairs that documents say are one, and of the rules. Rules
come first, the newest before the older ones, so that where two disagree the newer holds; then the
documents' pairs, those that most of them say first. Documents never join two QIDs, nor what a split
has set apart; a merge may join both.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from indexes.rules import JoinRule, seen_by

Pair = tuple[int, int]


def entities_of(
    keys: Mapping[int, str], pairs: Mapping[Pair, int], rules: Iterable[JoinRule]
) -> dict[int, str]:
    """Return the entity of each identity.

    Parameters
    ----------
    keys:
        The key of each identity, by its row.
    pairs:
        The identities that documents say are one, with how many documents say so.
    rules:
        The merges and splits that speak of these identities.
    """
    newest_first = sorted(rules, key=lambda rule: -rule.id)
    entities: dict[int, str] = {}
    for component in components(keys, pairs, newest_first):
        entity = _entity_id([keys[row] for row in component], newest_first)
        entities.update(dict.fromkeys(component, entity))
    return entities


def components(
    keys: Mapping[int, str], pairs: Mapping[Pair, int], newest_first: Sequence[JoinRule]
) -> Iterator[list[int]]:
    """Yield the identities of each entity; see ``entities_of``."""
    forest = _Forest(keys)
    rows = {key: row for row, key in keys.items()}
    for rule in newest_first:
        for group in rule.one:
            forest.join_all([rows[key] for key in group if key in rows])
        if rule.left:
            forest.keep_apart(
                [row for row, key in keys.items() if seen_by(rule.id, key) in rule.left],
                [row for row, key in keys.items() if seen_by(rule.id, key) in rule.rest],
            )

    def rank(pair: Pair) -> tuple[int, str, str]:
        first, second = sorted((keys[pair[0]], keys[pair[1]]))
        return -pairs[pair], first, second

    for first, second in sorted(pairs, key=rank):
        forest.join(first, second, by_document=True)
    yield from forest.components()


class _Forest:
    """Sets of identities that are one (union-find), and which of the sets must stay apart."""

    def __init__(self, keys: Mapping[int, str]) -> None:
        self._parent = {row: row for row in keys}
        self._has_qid = {row: is_qid(key) for row, key in keys.items()}
        self._apart: dict[int, set[int]] = defaultdict(set)

    def join_all(self, rows: Sequence[int]) -> None:
        """Make these one, but for those that must stay apart."""
        sets: dict[int, None] = {}
        for row in rows:
            for other in list(sets):
                self.join(other, row)
            sets = dict.fromkeys(map(self._root, (*sets, row)))

    def join(self, first: int, second: int, *, by_document: bool = False) -> None:
        """Make two one, unless they must stay apart."""
        one, other = self._root(first), self._root(second)
        two_qids = by_document and self._has_qid[one] and self._has_qid[other]
        if one == other or two_qids or other in self._apart[one]:
            return
        self._parent[other] = one
        self._has_qid[one] = self._has_qid[one] or self._has_qid[other]
        for enemy in self._apart.pop(other, set()):
            self._apart[enemy].discard(other)
            self._apart[enemy].add(one)
            self._apart[one].add(enemy)

    def keep_apart(self, rows: Sequence[int], others: Sequence[int]) -> None:
        """Let none of the one be joined with any of the others, but where they are one already."""
        ones, rest = {self._root(row) for row in rows}, {self._root(row) for row in others}
        for one in ones - rest:
            for other in rest - ones:
                self._apart[one].add(other)
                self._apart[other].add(one)

    def components(self) -> Iterator[list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for row in self._parent:
            found[self._root(row)].append(row)
        yield from found.values()

    def _root(self, row: int) -> int:
        while self._parent[row] != row:
            self._parent[row] = self._parent[self._parent[row]]
            row = self._parent[row]
        return row


def is_qid(key: str) -> bool:
    """Return whether the key of an identity is a Wikidata id; no key of a split is one."""
    return key.startswith("Q")


def id_of_key(key: str) -> str:
    """Return the id of an entity that is named after one of its keys."""
    return key if is_qid(key) else "e:" + hashlib.sha256(key.encode()).hexdigest()[:16]


def _entity_id(keys: Sequence[str], newest_first: Sequence[JoinRule]) -> str:
    """Return the id of an entity: its QID, else a hash of one of its keys.

    Merged entities may have several QIDs: that of the entity that the newest merge kept stands for
    all; so does, where none has a QID, the key of the one that it kept. Otherwise the least counts.
    """
    qids = [key for key in keys if is_qid(key)]
    if len(qids) == 1:
        return qids[0]
    held = frozenset(qids or keys)
    kept = (key for rule in newest_first for key in rule.heads if key in held)
    return id_of_key(next(kept, min(held)))
