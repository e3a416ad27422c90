import pytest

from indexes.additions import Addition
from indexes.errors import DocumentNotFoundError
from indexes.library import Library
from indexes.records import Document, Heading, Page
from tests.indexes.samples import add, analysis, document_of


def test_a_document_comes_back_as_it_was_put_in(library: Library) -> None:
    document = Document(
        id="sha256:" + "a" * 64,
        name="b.txt",
        media_type="text/plain",
        text="Титул\n\nЭйлер 🜍 came.",
        pages=(Page(1, 0, 7), Page(2, 7, 20)),
        headings=(Heading(1, 0, 5),),
    )
    original = bytes(range(256))
    row = library.documents.insert(
        document, language="en", title="T", original=original, outcome="indexed", reason=None
    )
    library.documents.set_source("/b.txt", "b.txt", row)
    assert library.documents.get(document.id) == document
    assert library.documents.original(document.id) == original
    assert library.documents.sources(document.id) == [("/b.txt", "b.txt", None)]


def test_a_document_is_found_by_id_beginning_name_and_path(library: Library) -> None:
    id_ = add(library, "/letters/a.txt", analysis("One."))
    add(library, "/letters/b.txt", analysis("Another."))
    for wanted in (id_, id_[:15], id_.removeprefix("sha256:")[:6], "/letters/a.txt"):
        assert library.documents.find(wanted) == id_


def test_what_is_not_there_or_not_one_is_told(library: Library) -> None:
    ids = sorted(add(library, f"/{i}/a.txt", analysis(f"Text {i}.")) for i in (1, 2))
    library.db.execute("UPDATE sources SET name = 'a.txt'")
    with pytest.raises(DocumentNotFoundError, match="'c.txt'; kgrag list"):
        library.documents.find("c.txt")
    with pytest.raises(DocumentNotFoundError, match=f"2 documents are called.*{ids[0]}, {ids[1]}"):
        library.documents.find("a.txt")
    for wildcard in ("%", "____", "sha256:%", ""):
        with pytest.raises(DocumentNotFoundError):
            library.documents.find(wildcard)
    for missing in (library.documents.get, library.documents.original):
        with pytest.raises(DocumentNotFoundError):
            missing("sha256:0")


def test_two_paths_with_the_same_bytes_share_a_document_until_the_last_goes(
    library: Library,
) -> None:
    shared = analysis("Shared words.")
    id_ = add(library, "b.txt", shared)
    add(library, "a.txt", id_)
    assert [summary.name for summary in library.documents.summaries()] == ["a.txt"]
    add(library, "a.txt", analysis("New words."))
    assert library.documents.get(id_).name == "b.txt"
    add(library, "b.txt", analysis("Newer words."))
    assert id_ not in library.documents.ids()
    assert library.lexical.search(["share"], 5) == []


def test_a_document_may_move_to_another_path_in_the_step_that_leaves_it(library: Library) -> None:
    id_ = add(library, "a.txt", analysis("Old words."))
    library.add(
        [Addition("a.txt", "a.txt", analysis("New words.")), Addition("b.txt", "b.txt", id_)]
    )
    assert library.documents.sources(id_) == [("b.txt", "b.txt", None)]
    assert len(library.documents.ids()) == 2


def test_an_unknown_id_is_refused_and_nothing_of_its_batch_is_kept(library: Library) -> None:
    batch = [Addition("a.txt", "a.txt", analysis("Words.")), Addition("b.txt", "b.txt", "sha256:0")]
    with pytest.raises(DocumentNotFoundError):
        library.add(batch)
    assert library.documents.ids() == set()


def test_passages_come_in_the_order_asked_for_with_their_page(library: Library) -> None:
    id_ = add(library, "a.txt", analysis("One. Two. Three."))
    library.db.execute("UPDATE documents SET pages = '[[1, 0, 4], [2, 5, 16]]', title = 'T'")
    row = library.documents.row_of(id_)
    assert row is not None
    rows = library.documents.passage_rows(row)
    found = library.documents.passages([rows[2], 999_999, rows[0]])
    assert [(item.text, item.page, item.title) for item in found] == [
        ("Three.", 2, "T"),
        ("One.", 1, "T"),
    ]
    assert library.documents.passages([]) == []
    assert library.documents.spans(row) == [(0, 4), (5, 9), (10, 16)]


def test_the_list_counts_what_each_document_holds(library: Library) -> None:
    add(library, "b.txt", analysis("One. Two."))
    add(library, "a.txt", analysis("Один."))
    lines = [(s.name, s.language, s.passages, s.characters) for s in library.documents.summaries()]
    assert lines == [("a.txt", "ru", 1, 5), ("b.txt", "en", 2, 9)]
    assert document_of("One. Two.").id == library.documents.summaries()[1].id
