"""What corrections do to the graph of documents made by hand; see also tests/kgrag."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from indexes.check import find_problems, repair, state_hash
from indexes.corrections import Correction
from indexes.errors import CorrectionError
from indexes.library import Library
from indexes.records import Entity
from tests.indexes.samples import add, plain_library, remove_all, said

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


@pytest.fixture
def two(library: Library) -> Iterator[Library]:
    """Two documents: Euler (linked) met Anna, Leonhard (not linked) met Gauss."""
    met(library, "a.txt", ("Euler", EULER), ("Anna", ANNA))
    met(library, "b.txt", ("Leonhard", LEONHARD), ("Gauss", GAUSS))
    yield library
    assert find_problems(library) == []


def test_a_merge_makes_two_entities_one_with_the_id_and_the_name_of_the_one_kept(
    two: Library,
) -> None:
    merge(two, EULER, LEONHARD)
    assert entity_of(two, LEONHARD) == entity_of(two, EULER) == EULER
    entity = called(two, EULER)
    assert (entity.name, entity.aliases, entity.wikidata) == ("Euler", ("Leonhard",), EULER)
    assert {fact.subject.id for fact in two.graph.triplets()} == {EULER}


@pytest.mark.parametrize(("keep", "other"), [(EULER, GAUSS), (GAUSS, EULER)])
def test_two_wikidata_entities_merge_under_the_one_that_is_kept(
    two: Library, keep: str, other: str
) -> None:
    merge(two, keep, other)
    assert entity_of(two, other) == entity_of(two, keep) == keep
    met(two, "c.txt", ("Carl", other), ("Anna", ANNA))
    assert entity_of(two, other) == keep


def test_what_is_kept_without_a_wikidata_id_keeps_its_id_and_takes_that_of_the_other(
    two: Library,
) -> None:
    anna = entity_of(two, ANNA)
    merge(two, ANNA, LEONHARD)
    assert entity_of(two, LEONHARD) == anna
    merge(two, ANNA, EULER)
    assert entity_of(two, LEONHARD) == entity_of(two, ANNA) == EULER
    assert called(two, ANNA).name == "Anna"


def test_a_merge_holds_for_documents_that_come_later_and_again(two: Library) -> None:
    merge(two, EULER, LEONHARD)
    remove_all(two)
    met(two, "c.txt", ("Leonhard", LEONHARD), ("Anna", ANNA))
    assert entity_of(two, LEONHARD) not in ("", EULER)
    met(two, "d.txt", ("Euler", EULER), ("Anna", ANNA))
    assert entity_of(two, LEONHARD) == EULER
    text = "Leo is Leonhard."
    names, same = [("Leo", "person|leo"), ("Leonhard", LEONHARD)], [("person|leo", LEONHARD)]
    add(two, "e.txt", said(text, names, same_as=same))
    assert entity_of(two, "person|leo") == EULER


def test_what_a_merge_gave_goes_with_the_document_that_it_came_from(two: Library) -> None:
    own = entity_of(two, LEONHARD)
    merge(two, EULER, LEONHARD)
    two.remove(two.documents.find("a.txt"))
    assert entity_of(two, LEONHARD) == own
    assert called(two, LEONHARD).wikidata is None


def test_undoing_a_merge_takes_apart_only_what_it_joined(two: Library) -> None:
    before = state_hash(two)
    first = merge(two, EULER, LEONHARD)
    only_first = {key: entity_of(two, key) for key in (EULER, LEONHARD, GAUSS, ANNA)}
    second = merge(two, EULER, GAUSS)
    third = merge(two, ANNA, EULER)
    undo(two, third)
    undo(two, second)
    assert {key: entity_of(two, key) for key in only_first} == only_first
    second = merge(two, EULER, GAUSS)
    undo(two, first)
    assert entity_of(two, LEONHARD) not in (EULER, "")
    assert entity_of(two, GAUSS) == EULER
    undo(two, second)
    assert state_hash(two) == before
    with pytest.raises(CorrectionError, match="undone already"):
        undo(two, second)


def joined(library: Library) -> str:
    """Add a document that says that Euler is Leonhard; return its id."""
    text, same = "Euler is Leonhard.", [(EULER, LEONHARD)]
    names = [("Euler", EULER), ("Leonhard", LEONHARD)]
    return add(library, "same.txt", said(text, names, same_as=same))


def test_names_that_are_split_off_are_never_joined_by_documents_again(two: Library) -> None:
    joined(two)
    assert entity_of(two, LEONHARD) == EULER
    made = split(two, EULER, names=("Leonhard",))
    assert entity_of(two, LEONHARD) != EULER
    text = "Leonhard, that is Leo. Leo is Euler."
    names = [("Leonhard", LEONHARD), ("Leo", "person|leo"), ("Euler", EULER)]
    same = [(LEONHARD, "person|leo"), ("person|leo", EULER)]
    for number in range(3):
        add(two, f"{number}.txt", said(f"{number}. {text}", names, same_as=same))
    assert entity_of(two, LEONHARD) != entity_of(two, EULER) == EULER
    undo(two, made)
    assert entity_of(two, LEONHARD) == entity_of(two, EULER) == EULER


def test_a_name_that_held_others_together_leaves_them_together(two: Library) -> None:
    for number, other in enumerate((EULER, "person|leo")):
        names = [("Leonhard", LEONHARD), (f"N{number}", other)]
        same = [(LEONHARD, other)]
        add(two, f"{number}.txt", said(f"Leonhard is N{number}.", names, same_as=same))
    split(two, EULER, names=("Leonhard",))
    assert entity_of(two, "person|leo") == EULER != entity_of(two, LEONHARD)


def test_the_newer_of_a_merge_and_a_split_holds(two: Library) -> None:
    joined(two)
    split_first = split(two, EULER, names=("Leonhard",))
    merge(two, EULER, LEONHARD)
    assert entity_of(two, LEONHARD) == EULER
    again = split(two, EULER, names=("Leonhard",))
    assert entity_of(two, LEONHARD) != EULER
    undo(two, again)
    undo(two, split_first)
    assert entity_of(two, LEONHARD) == EULER


def namesakes(library: Library) -> tuple[str, str]:
    """Two documents that mean two people by one name; return their ids."""
    anna = ("Anna Ivanova", ANNA)
    return (
        met(library, "one.txt", anna, ("Euler", EULER)),
        met(library, "two.txt", anna, ("Gauss", GAUSS)),
    )


def test_one_name_that_means_two_people_is_split_by_documents(library: Library) -> None:
    _, two = namesakes(library)
    before = state_hash(library)
    made = split(library, ANNA, documents=(two,))
    assert find_problems(library) == []
    facts = {fact.object.id: fact.subject for fact in library.graph.triplets()}
    assert facts[EULER].id == entity_of(library, ANNA) != facts[GAUSS].id
    assert facts[GAUSS].name == facts[EULER].name == "Anna Ivanova"
    assert facts[GAUSS].wikidata is None
    assert set(library.graph.named(["anna ivanova"])["anna ivanova"].values()) == {1}
    undo(library, made)
    assert state_hash(library) == before


def test_a_linked_name_that_is_set_apart_does_not_pass_for_a_wikidata_entity(
    library: Library,
) -> None:
    met(library, "one.txt", ("Euler", EULER), ("Anna", ANNA))
    other = met(library, "two.txt", ("Euler", EULER), ("Gauss", GAUSS))
    made = split(library, EULER, documents=(other,))
    apart = called(library, f"split:{made.id}|{EULER}")
    assert (apart.name, apart.wikidata) == ("Euler", None)
    assert called(library, EULER).wikidata == EULER


def test_a_split_by_documents_holds_for_a_changed_version_and_for_new_sources(
    library: Library,
) -> None:
    _, two = namesakes(library)
    made = split(library, ANNA, documents=(two,))
    own = f"split:{made.id}|{ANNA}"
    changed = said("Anna Ivanova met Gauss again.", [("Anna Ivanova", ANNA)])
    add(library, "two.txt", changed)
    assert entity_of(library, own)
    assert two not in library.documents.ids()
    library.remove(changed.document.id)
    assert entity_of(library, own) == ""
    # The same bytes under another source are not meant, under that source they are.
    add(library, "three.txt", changed)
    assert entity_of(library, own) == ""
    add(library, "two.txt", changed.document.id)
    assert entity_of(library, own)
    assert find_problems(library) == []
    add(library, "two.txt", said("Nobody.", []))
    assert entity_of(library, own) == ""
    assert find_problems(library) == []


def test_what_was_split_by_documents_is_not_joined_again_through_another_name(
    library: Library,
) -> None:
    names, same = [("Anna", ANNA), ("Nyura", "person|nyura")], [(ANNA, "person|nyura")]
    add(library, "one.txt", said("Anna is Nyura.", names, same_as=same))
    two = add(library, "two.txt", said("Anna or Nyura.", names, same_as=same))
    made = split(library, ANNA, documents=(two,), names=("Anna",))
    own = f"split:{made.id}|{ANNA}"
    assert entity_of(library, own) != entity_of(library, ANNA)
    assert entity_of(library, "person|nyura") == entity_of(library, ANNA)
    assert find_problems(library) == []


@pytest.mark.parametrize(
    ("names", "documents", "words"),
    [
        (("Euler",), (), "nothing would be left"),
        (("Bernoulli",), (), "No document calls it “Bernoulli”"),
        ((), ("a.txt",), "nothing would be left"),
        ((), ("b.txt",), "None of the chosen documents mentions it"),
    ],
)
def test_a_split_of_nothing_or_of_everything_is_refused(
    two: Library, names: tuple[str, ...], documents: tuple[str, ...], words: str
) -> None:
    before = state_hash(two)
    ids = tuple(two.documents.find(document) for document in documents)
    with pytest.raises(CorrectionError, match=words):
        split(two, EULER, names, ids)
    assert state_hash(two) == before


def test_a_given_name_is_shown_and_found_and_the_former_ones_stay(two: Library) -> None:
    made = rename(two, EULER, "The Cyclops")
    entity = called(two, EULER)
    assert (entity.name, entity.aliases) == ("The Cyclops", ("Euler",))
    assert two.graph.named(["the cyclops", "euler"]) == {
        "the cyclops": {EULER: 1},
        "euler": {EULER: 1},
    }
    rename(two, EULER, "Leo")
    assert called(two, EULER).aliases == ("The Cyclops", "Euler")
    undo(two, made)
    assert two.graph.named(["the cyclops"]) == {}
    assert (called(two, EULER).name, called(two, EULER).aliases) == ("Leo", ("Euler",))
    remove_all(two)
    assert two.graph.named(["leo"]) == {}
    met(two, "c.txt", ("Euler", EULER), ("Anna", ANNA))
    assert called(two, EULER).name == "Leo"


def test_a_given_name_stays_with_the_rest_and_with_what_a_merge_keeps(two: Library) -> None:
    joined(two)
    rename(two, EULER, "The Cyclops")
    split(two, EULER, names=("Euler",))
    assert called(two, LEONHARD).name == "The Cyclops"
    assert called(two, EULER).name == "Euler"
    merge(two, GAUSS, LEONHARD)
    assert called(two, LEONHARD).name == "Gauss"
    assert "The Cyclops" in called(two, LEONHARD).aliases
    merge(two, LEONHARD, ANNA)
    assert called(two, ANNA).name == "Gauss"


def test_a_retracted_fact_is_nowhere_and_stays_away(two: Library) -> None:
    before = state_hash(two)
    made = retract(two, EULER, "P26", ANNA)
    passages = [row for row in range(1, 5)]
    assert [f.subject.id for f in two.graph.triplets()] == [entity_of(two, LEONHARD)]
    assert {f.subject for f in two.graph.facts_in(passages)} == {entity_of(two, LEONHARD)}
    assert len(two.graph.stated_in(passages)) == 1
    assert two.graph.stating([(EULER, "P26", entity_of(two, ANNA))]) == []
    assert two.graph.rivals((EULER, "P26", "Q1")) == []
    assert {summary.name: summary.triplets for summary in two.documents.summaries()} == {
        "a.txt": 0,
        "b.txt": 1,
    }
    assert "Euler met Anna" in two.documents.get(two.documents.find("a.txt")).text
    two.remove(two.documents.find("a.txt"))
    met(two, "a.txt", ("Euler", EULER), ("Anna", ANNA))
    assert len(two.graph.triplets()) == 1
    with pytest.raises(CorrectionError, match="No document states this fact"):
        retract(two, EULER, "P26", ANNA)
    undo(two, made)
    assert len(two.graph.triplets()) == 2
    assert state_hash(two) == before


def test_what_two_corrections_retract_is_back_when_both_are_undone(two: Library) -> None:
    joined(two)
    first = retract(two, EULER, "P26", ANNA)
    two.db.execute("DELETE FROM retracted_evidence WHERE 0")
    met(two, "c.txt", ("Leonhard", LEONHARD), ("Anna", ANNA))
    apart = split(two, EULER, names=("Leonhard",))
    assert [fact.object.id for fact in two.graph.triplets()] == [GAUSS]
    undo(two, first)
    second = retract(two, EULER, "P26", ANNA)
    third = retract(two, LEONHARD, "P26", ANNA)
    assert len(two.graph.triplets()) == 1
    undo(two, second)
    undo(two, apart)
    assert len(two.graph.triplets()) == 2
    undo(two, third)
    assert sorted(len(fact.evidence) for fact in two.graph.triplets()) == [1, 2]


def test_a_split_made_later_brings_no_retracted_fact_back(library: Library) -> None:
    one, two = namesakes(library)
    first = retract(library, ANNA, "P26", GAUSS)
    split(library, ANNA, documents=(two,))
    assert [fact.object.id for fact in library.graph.triplets()] == [EULER]
    undo(library, first)
    assert len(library.graph.triplets()) == 2
    assert find_problems(library) == []
    assert one in library.documents.ids()


def test_corrections_are_listed_newest_first_and_an_id_is_never_used_again(two: Library) -> None:
    first, second = merge(two, EULER, GAUSS), rename(two, ANNA, "Annie")
    assert two.corrections.in_force() == [second, first]
    assert (second.kind, second.what, second.made[-6:]) == ("rename", "r", "+00:00")
    undo(two, second)
    assert rename(two, ANNA, "Annie").id > second.id


DAMAGE = {
    "UPDATE identities SET entity = 'e:1' WHERE key = 'person|leonhard'": "belong to another",
    "INSERT INTO evidence SELECT * FROM retracted_evidence": "although they were retracted",
    "DELETE FROM correction_keys WHERE role = 'subject'": "although nobody retracts them",
    "DELETE FROM correction_sources": "mention another entity than a split says",
    "UPDATE retracted_evidence SET quote = 'x'": "quotations differ",
    "UPDATE retracted_evidence SET object_mention = subject_mention": "are not stated where",
}


@pytest.mark.parametrize("statement", DAMAGE)
def test_what_is_not_as_the_corrections_have_it_is_found_and_mended(
    tmp_path: Path, statement: str
) -> None:
    with closing(plain_library(tmp_path)) as library:
        _, two = namesakes(library)
        met(library, "b.txt", ("Leonhard", LEONHARD), ("Gauss", GAUSS))
        merge(library, EULER, LEONHARD)
        split(library, ANNA, documents=(two,))
        retract(library, ANNA, "P26", EULER)
        assert find_problems(library) == []
        if "INSERT" in statement:
            library.db.execute("BEGIN")
        library.db.execute(statement)
        if "INSERT" in statement:
            library.db.execute("DELETE FROM retracted_evidence")
            library.db.execute("COMMIT")
        problems = find_problems(library)
        assert any(DAMAGE[statement] in problem for problem in problems)
        left = repair(library)
        assert left == [problem for problem in problems if "kgrag rebuild" in problem]


def test_a_correction_leaves_chroma_as_it_is_and_usable(tmp_path: Path) -> None:
    with closing(Library.open(tmp_path)) as library:
        with library.writing():
            met(library, "a.txt", ("Euler", EULER), ("Anna", ANNA))
        version, built = library.version, sorted((tmp_path / "chroma").iterdir())
        merge(library, EULER, ANNA)
        assert int(library.version) == int(version) + 1
        assert library.chroma_is_usable()
    with closing(Library.open(tmp_path)) as library:
        rename(library, EULER, "Leo")
        assert library.chroma_is_usable()
        assert sorted((tmp_path / "chroma").iterdir()) == built
        assert find_problems(library) == []
