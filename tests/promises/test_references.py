"""A reference carries its antecedent's facts, and is no name by which anything can be found."""

from contextlib import closing
from pathlib import Path

from indexes import schema
from indexes.check import find_problems, repair, state_hash
from indexes.records import Extraction, Mention, MentionRelation, Resolution
from kgrag.resolve import resolve
from kgrag.shapes import extraction_shape
from tests.fakes import NoLinker
from tests.indexes.samples import add, analysis, as_schema, plain_library

TEXT = "Leonhard Euler left. She stayed. He was born in Basel."


def extraction() -> Extraction:
    """Return what an extractor would find: "He" is Euler, and was born in Basel."""
    mentions = []
    for surface, type_, antecedent in (
        ("Leonhard Euler", "person", None),
        ("He", "person", 0),
        ("Basel", "city", None),
    ):
        start = TEXT.index(surface)
        mentions.append(Mention(start, start + len(surface), surface, type_, 0.9, antecedent))
    start = TEXT.index("He ")
    return Extraction(tuple(mentions), (MentionRelation(1, "P19", 2, start, len(TEXT), 0.8),))


def resolution() -> Resolution:
    return resolve(TEXT, extraction(), linker=NoLinker(), document_id="d1")


def test_a_reference_has_the_identity_of_its_antecedent() -> None:
    euler, he, basel = resolution().mentions
    assert he.identity == euler.identity != basel.identity
    assert he.mention.antecedent == 0


def test_a_fact_about_a_reference_is_one_about_its_name_and_quotes_the_reference(
    tmp_path: Path,
) -> None:
    with closing(plain_library(tmp_path)) as library:
        add(library, "a.txt", analysis(TEXT, resolution()))
        (fact,) = library.graph.triplets()
        assert (fact.subject.name, fact.object.name) == ("Leonhard Euler", "Basel")
        assert [item.quote for item in fact.evidence] == ["He was born in Basel."]
        assert find_problems(library) == []


def test_a_reference_is_neither_alias_nor_searchable_name(tmp_path: Path) -> None:
    with closing(plain_library(tmp_path)) as library:
        id_ = add(library, "a.txt", analysis(TEXT, resolution()))
        row = library.documents.row_of(id_)
        assert row is not None
        mentions = library.graph.mentions(row)
        assert [(m.text, m.antecedent) for m, _ in mentions] == [
            ("Leonhard Euler", None),
            ("He", 0),
            ("Basel", None),
        ]
        assert library.graph.named(["he", "leonhard euler"]).keys() == {"leonhard euler"}
        entity = mentions[1][1]
        assert library.graph.entities([entity])[entity].aliases == ()
        assert {n for n, _ in library.db.execute("SELECT text, 1 FROM surfaces")} == {
            "Leonhard Euler",
            "Basel",
        }


def test_adding_and_removing_a_text_with_references_leaves_nothing(tmp_path: Path) -> None:
    with closing(plain_library(tmp_path)) as library:
        # "He" is somebody's name here, so that the counts of surfaces could be confused.
        text = "He left."
        named = Extraction((Mention(0, 2, "He", "person", 0.9),))
        other = resolve(text, named, linker=NoLinker(), document_id="d2")
        add(library, "b.txt", analysis(text, other))
        before = state_hash(library)
        id_ = add(library, "a.txt", analysis(TEXT, resolution()))
        assert state_hash(library) != before
        assert find_problems(library) == []
        library.remove(id_)
        assert state_hash(library) == before


def test_a_repair_does_not_make_names_of_references(tmp_path: Path) -> None:
    with closing(plain_library(tmp_path)) as library:
        add(library, "a.txt", analysis(TEXT, resolution()))
        before = state_hash(library)
        library.db.execute("UPDATE surfaces SET count = 7")
        assert find_problems(library) != []
        assert repair(library) == []
        assert state_hash(library) == before


def test_a_library_of_the_first_schema_opens_and_has_names_only(tmp_path: Path) -> None:
    text = "Leonhard Euler left."
    named = Extraction((Mention(0, 14, "Leonhard Euler", "person", 0.9),))
    with closing(plain_library(tmp_path)) as library:
        found = resolve(text, named, linker=NoLinker(), document_id="d1")
        id_ = add(library, "a.txt", analysis(text, found))
    (path,) = (p for p in tmp_path.iterdir() if p.suffix in (".sqlite", ".db"))
    as_schema(path, 1)
    with closing(plain_library(tmp_path)) as library:
        version = library.db.execute("PRAGMA user_version").fetchone()[0]
        assert version == schema.SCHEMA_VERSION
        row = library.documents.row_of(id_)
        assert row is not None
        assert [m.antecedent for m, _ in library.graph.mentions(row)] == [None]


def test_extract_prints_references_apart_and_triplets_between_names() -> None:
    shape = extraction_shape("t", extraction(), [None, None, None])
    assert [mention["text"] for mention in shape["mentions"]] == ["Leonhard Euler", "Basel"]
    (reference,) = shape["references"]
    assert (reference["text"], reference["antecedent"]) == ("He", 0)
    (triplet,) = shape["triplets"]
    assert (triplet["subject"], triplet["object"]) == (0, 1)
    assert TEXT[triplet["start"] : triplet["end"]] == "He was born in Basel."
