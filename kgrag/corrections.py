"""Corrections of the graph in a user's words: what to correct is looked up, and told in one line.

What each correction means, and that it holds for documents that come later, is the business of
``indexes.corrections``. What is corrected is looked up in the step that corrects it: nothing can
change in between.
"""

import unicodedata
from collections.abc import Sequence

from indexes.corrections import Correction
from indexes.errors import CorrectionError
from indexes.library import Library
from indexes.records import Entity
from kgrag.names import normal_name
from kgrag.ontology import relation_label

MAX_NAME_CHARS = 200
_SHOWN_CHARS = 60
_UNSEEN = frozenset({"Cc", "Cs", "Co", "Cn"})


class Corrections:
    """Makes, lists and undoes corrections of one library; safe from any thread.

    Every method that writes raises ``CorrectionError`` where something is not there or makes no
    sense, and then changes nothing; and ``LibraryLockedError`` while another process is writing.
    """

    def __init__(self, library: Library) -> None:
        self._library = library

    def list(self) -> "list[Correction]":
        """Return the corrections in force, newest first."""
        with self._library.reading():
            return self._library.corrections.in_force()

    def merge(self, keep: str, other: str) -> Correction:
        """Let two entities (ids) be one for ever; it is called what ``keep`` is called.

        The id is that of ``keep``, unless only ``other`` has a Wikidata id.
        """
        with self._library.correcting() as store:
            one, second = self._entity(keep), self._entity(other)
            if one.id == second.id:
                raise CorrectionError(f"{_quoted(one.name)} cannot be merged with itself.")
            what = f"Merged {_quoted(second.name)} into {_quoted(one.name)}"
            return store.merge(one.id, second.id, what=what)

    def split(
        self, entity: str, *, names: Sequence[str] = (), documents: Sequence[str] = ()
    ) -> Correction:
        """Let names of an entity mean another one, or let it be another one in some documents.

        Parameters
        ----------
        entity:
            The id of the entity that stands for two things.
        names:
            Names, as documents write them, that are to mean the other thing.
        documents:
            Ids or names of documents that mean the other thing; by some of its names only, where
            both are given.

        Raises
        ------
        DocumentNotFoundError
            A document is not there.
        """
        with self._library.correcting() as store:
            found = self._entity(entity)
            if not names and not documents:
                raise CorrectionError("Choose names or documents that mean something else.")
            ids = [self._library.documents.find(_whole(document)) for document in documents]
            rows = [row for id_ in ids if (row := self._library.documents.row_of(id_)) is not None]
            what = f"Split {_parts(names, len(rows))} off {_quoted(found.name)}"
            return store.split(found.id, names=names, documents=rows, what=what)

    def rename(self, entity: str, name: str) -> Correction:
        """Call an entity by another name everywhere; questions may use it, and the others too."""
        name = _usable(name)
        with self._library.correcting() as store:
            found = self._entity(entity)
            if found.name == name:
                raise CorrectionError(f"It is called {_quoted(name)} already.")
            what = f"Renamed {_quoted(found.name)} to {_quoted(name)}"
            return store.rename(found.id, name, normal_name(name), what=what)

    def retract(self, subject: str, relation: str, object: str) -> Correction:  # noqa: A002
        """Take a fact back (ids of two entities and of a relation); its sentences stay text."""
        relation = _whole(relation)
        with self._library.correcting() as store:
            one, other = self._entity(subject), self._entity(object)
            label = relation_label(relation, "en")
            what = f"Retracted {_quoted(one.name)} – {label} – {_quoted(other.name)}"
            return store.retract(one.id, relation, other.id, what=what)

    def undo(self, correction_id: int) -> None:
        """Take a correction back, as if it had never been made; any one, in any order."""
        with self._library.correcting() as store:
            store.undo(correction_id)

    def _entity(self, id_: str) -> Entity:
        found = self._library.graph.entities([_whole(id_)])
        if id_ not in found:
            raise CorrectionError(
                f"There is no entity {_quoted(id_)} (any more): it may have been merged, split or "
                "removed meanwhile. Look it up again."
            )
        return found[id_]


def _whole(text: str) -> str:
    """Return what a database can be asked for: half a character is in none."""
    return text.encode(errors="replace").decode()


def _usable(name: str) -> str:
    """Return a name on one line, without superfluous space."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name:
        raise CorrectionError("A name cannot be empty.")
    if len(name) > MAX_NAME_CHARS:
        raise CorrectionError(
            f"A name can have {MAX_NAME_CHARS} characters, and this one has {len(name)}."
        )
    if any(unicodedata.category(char) in _UNSEEN for char in name):
        raise CorrectionError("This name holds characters that cannot be shown.")
    return name


def _parts(names: Sequence[str], documents: int) -> str:
    """Say what is split off: “Gauss”, in 2 documents."""
    shown = ", ".join(_quoted(" ".join(name.split())) for name in names[:3])
    if len(names) > 3:
        shown += f" and {len(names) - 3} more names"
    where = f"{documents} document{'s' if documents != 1 else ''}"
    if not names:
        return f"what {where} mention{'s' if documents == 1 else ''}"
    return f"{shown} in {where}" if documents else shown


def _quoted(text: str) -> str:
    return f"“{text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + '…'}”"
