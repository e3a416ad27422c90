from pathlib import Path

from indexes.corrected import Corrected, CorrectedReader
from indexes.library import Library
from tests.indexes.correcting import entity_of, merge, retract, split, undo
from tests.indexes.samples import add, plain_library, said

ANNA, BELLA, CARL = "person|anna", "person|bella", "person|carl"


def whole(folder: Path) -> Library:
    library = plain_library(folder)
    names = [("Anna", ANNA), ("Carl", CARL)]
    add(library, "a.txt", said("Anna met Carl.", names, facts=[(0, "P26", 1)]))
    names = [("Bella", BELLA), ("Carl", CARL)]
    add(library, "b.txt", said("Bella met Carl.", names, facts=[(0, "P26", 1)]))
    return library


def only(library: Library) -> tuple[CorrectedReader, Corrected]:
    reader = CorrectedReader(library.db)
    (item,) = reader.all()
    return reader, item


def test_a_merge_tells_what_was_kept_from_what_was_joined(tmp_path: Path) -> None:
    library = whole(tmp_path)
    made = merge(library, ANNA, BELLA)
    reader, item = only(library)
    assert (item.id, item.kind, item.relation, item.name) == (made.id, "merge", None, None)
    assert reader.names_of(item.one) == ["Anna"]
    assert reader.names_of(item.other) == ["Bella"]
    assert reader.entity_of(item.one) == reader.entity_of(item.other) == entity_of(library, ANNA)
    (span,) = reader.spans_stating(item.other)
    assert library.documents.get(span[0]).text[span[1] : span[2]] == "Bella met Carl."
    undo(library, made)
    assert reader.all() == []
    library.close()


def test_a_retraction_tells_the_sentences_that_it_took_back(tmp_path: Path) -> None:
    library = whole(tmp_path)
    retract(library, ANNA, "P26", CARL)
    reader, item = only(library)
    assert item.relation == "P26"
    taken = reader.retracted_evidence(item.one, "P26", item.other)
    assert [evidence.quote for evidence in taken] == ["Anna met Carl."]
    assert reader.spans_stating(item.one) == set()
    library.close()


def test_what_a_newer_split_set_apart_is_still_spoken_of(tmp_path: Path) -> None:
    library = whole(tmp_path)
    merge(library, CARL, ANNA)
    id_ = next(
        document.id for document in library.documents.summaries() if document.name == "b.txt"
    )
    split(library, CARL, documents=(id_,))
    reader = CorrectedReader(library.db)
    merged, _ = reader.all()
    assert len(merged.one) == 2  # Carl, and Carl in b.txt
    assert reader.entity_of(merged.one) == entity_of(library, CARL)
    library.close()


def test_of_documents_that_are_gone_nothing_is_left_to_speak_of(tmp_path: Path) -> None:
    library = whole(tmp_path)
    merge(library, ANNA, BELLA)
    for document in list(library.documents.summaries()):
        with library.writing():
            library.remove(document.id)
    reader, item = only(library)
    assert (item.one, item.other) == ((), ())
    assert reader.entity_of(item.one) is None
    assert reader.names_of(item.one) == []
    library.close()
