"""What users corrected, as rules that the graph is a function of, beside its documents.

A rule speaks of identities by their keys and of documents by their sources: both come back when a
document is added again, or a changed version of it. Rules stand in the order in which they were
made; where two disagree, the newer one holds. A rule never changes: it is there, or it is undone.
"""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_OWN = re.compile(r"split:(\d+)\|")
_OWNS = re.compile(r"\A(?:split:\d+\|)+")


def own_key(rule: int, key: str) -> str:
    """Return the key that an identity has in the documents in which a split sets it apart."""
    return f"split:{rule}|{key}"


def views_of(key: str) -> Iterator[tuple[int, str]]:
    """Yield what a key is without the splits that set it apart, from the newest back.

    Each comes with the number of the split that it was taken from: rules made before that one know
    the identity under the shorter key.
    """
    while found := _OWN.match(key):
        key = key[found.end() :]
        yield int(found.group(1)), key


def seen_by(rule: int, key: str) -> str:
    """Return a key as a rule knows it: without the splits that were made after it."""
    seen = key
    for number, shorter in views_of(key):
        if number <= rule:
            break
        seen = shorter
    return seen


def base_key(key: str) -> str:
    """Return the key that the document itself gave: without any split."""
    return _OWNS.sub("", key)


@dataclass(frozen=True, slots=True)
class JoinRule:
    """What a merge or a split says of identities, by their keys.

    Those of each group in ``one`` are one; none in ``left`` is one with any in ``rest``; ``heads``
    are those of a merge in the order in which they give the entity its id.
    """

    id: int
    one: tuple[tuple[str, ...], ...]
    left: frozenset[str]
    rest: frozenset[str]
    heads: tuple[str, ...]


class RuleReader:
    """Reads the rules through one connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def is_empty(self) -> bool:
        """Return whether there is no rule: then nothing else here needs to be asked."""
        return self._db.execute("SELECT 1 FROM corrections LIMIT 1").fetchone() is None

    def known(self, keys: Iterable[str]) -> set[str]:
        """Return those of these keys of which any merge or split speaks."""
        seen: dict[str, set[str]] = defaultdict(set)
        for key in keys:
            for view in (key, *(shorter for _, shorter in views_of(key))):
                seen[view].add(key)
        found = self._db.execute(
            "SELECT DISTINCT key FROM correction_keys WHERE key IN "
            "(SELECT value FROM json_each(?)) AND role IN ('one', 'left', 'rest')",
            (json.dumps(sorted(seen)),),
        )
        return {key for (view,) in found for key in seen[view]}

    def joining(self, keys: Iterable[str]) -> list[JoinRule]:
        """Return the merges and splits that speak of any of these identities."""
        seen = {view for key in keys for view in (key, *(shorter for _, shorter in views_of(key)))}
        found = self._db.execute(
            "SELECT DISTINCT correction FROM correction_keys WHERE key IN "
            "(SELECT value FROM json_each(?)) AND role IN ('one', 'left', 'rest')",
            (json.dumps(sorted(seen)),),
        ).fetchall()
        return [self._join_rule(id_) for (id_,) in found]

    def _join_rule(self, id_: int) -> JoinRule:
        roles = self.keys_of(id_)
        groups = [tuple(keys) for (role, _), keys in sorted(roles.items()) if role == "one"]
        is_merge = ("keep", 0) in roles
        return JoinRule(
            id_,
            tuple(groups),
            frozenset(roles.get(("left", 0), ())),
            frozenset(roles.get(("rest", 0), ())),
            groups[0] if is_merge and groups else (),
        )

    def keys_of(self, id_: int) -> dict[tuple[str, int], list[str]]:
        """Return the keys that a rule names, by (role, part), each in its order."""
        found: dict[tuple[str, int], list[str]] = defaultdict(list)
        for role, part, key in self._db.execute(
            "SELECT role, part, key FROM correction_keys WHERE correction = ? "
            "ORDER BY role, part, place",
            (id_,),
        ):
            found[role, part].append(key)
        return dict(found)

    def documents_of(self, id_: int) -> list[int]:
        """Return the rows of the documents that a rule chooses by their sources."""
        rows = self._db.execute(
            "SELECT DISTINCT document FROM correction_sources JOIN sources USING (path) "
            "WHERE correction = ? ORDER BY 1",
            (id_,),
        )
        return [row for (row,) in rows]

    def choose_documents(self) -> bool:
        """Return whether any rule speaks of some documents only."""
        query = "SELECT 1 FROM correction_sources LIMIT 1"
        return self._db.execute(query).fetchone() is not None

    def chosen(self) -> list[int]:
        """Return the rows of all documents that any rule chooses."""
        rows = self._db.execute(
            "SELECT DISTINCT document FROM correction_sources JOIN sources USING (path) ORDER BY 1"
        )
        return [row for (row,) in rows]

    def keys_in(self, document: int, keys: Iterable[str]) -> dict[str, str]:
        """Return, for each key that a document itself gives, the one that it has under the rules.

        Splits apply in their order: one may set apart what another did before.
        """
        held = {key: key for key in keys}
        for id_ in self._splits_of(document):
            apart = frozenset(self.keys_of(id_).get(("own", 0), ()))
            held = {key: own_key(id_, at) if at in apart else at for key, at in held.items()}
        return held

    def _splits_of(self, document: int) -> list[int]:
        rows = self._db.execute(
            "SELECT DISTINCT correction FROM sources JOIN correction_sources USING (path) "
            "WHERE document = ? ORDER BY 1",
            (document,),
        )
        return [row for (row,) in rows]

    def variants(self, id_: int, keys: Iterable[str]) -> set[str]:
        """Return the keys that a rule's identities have now: newer splits set some apart."""
        found = set(keys)
        for other, key in self._db.execute(
            "SELECT correction, key FROM correction_keys WHERE role = 'own' AND correction > ? "
            "ORDER BY correction",
            (id_,),
        ):
            if key in found:
                found.add(own_key(other, key))
        return found
