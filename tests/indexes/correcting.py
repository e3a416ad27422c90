"""Corrections of documents made by hand, by the keys of what they speak of."""

from indexes.corrections import Correction
from indexes.library import Library
from indexes.records import Entity
from tests.indexes.samples import add, said

EULER, GAUSS, LEONHARD, ANNA = "Q7604", "Q6722", "person|leonhard", "person|anna"


def entity_of(library: Library, key: str) -> str:
    (found,) = library.db.execute(
        "SELECT entity FROM identities WHERE key = ?", (key,)
    ).fetchone() or ("",)
    return str(found)


def called(library: Library, key: str) -> Entity:
    return library.graph.entities([entity_of(library, key)])[entity_of(library, key)]


def merge(library: Library, keep: str, other: str) -> Correction:
    with library.correcting() as corrections:
        return corrections.merge(entity_of(library, keep), entity_of(library, other), what="m")


def split(
    library: Library, key: str, names: tuple[str, ...] = (), documents: tuple[str, ...] = ()
) -> Correction:
    rows = [row for id_ in documents if (row := library.documents.row_of(id_)) is not None]
    with library.correcting() as corrections:
        return corrections.split(entity_of(library, key), names=names, documents=rows, what="s")


def rename(library: Library, key: str, name: str) -> Correction:
    with library.correcting() as corrections:
        return corrections.rename(entity_of(library, key), name, name.lower(), what="r")


def retract(library: Library, subject: str, relation: str, object_: str) -> Correction:
    with library.correcting() as corrections:
        return corrections.retract(
            entity_of(library, subject), relation, entity_of(library, object_), what="t"
        )


def undo(library: Library, correction: Correction) -> None:
    with library.correcting() as corrections:
        corrections.undo(correction.id)


def met(library: Library, source: str, one: tuple[str, str], other: tuple[str, str]) -> str:
    text = f"In {source} {one[0]} met {other[0]}."
    return add(library, source, said(text, [one, other], facts=[(0, "P26", 1)]))


def joined(library: Library) -> str:
    """Add a document that says that Euler is Leonhard; return its id."""
    text, same = "Euler is Leonhard.", [(EULER, LEONHARD)]
    names = [("Euler", EULER), ("Leonhard", LEONHARD)]
    return add(library, "same.txt", said(text, names, same_as=same))


def namesakes(library: Library) -> tuple[str, str]:
    """Two documents that mean two people by one name; return their ids."""
    anna = ("Anna Ivanova", ANNA)
    return (
        met(library, "one.txt", anna, ("Euler", EULER)),
        met(library, "two.txt", anna, ("Gauss", GAUSS)),
    )
