"""What corrections do to the graph of documents made by hand; see also tests/kgrag."""

import pytest

from indexes.check import find_problems, state_hash
from indexes.errors import CorrectionError
from indexes.library import Library
from tests.indexes.correcting import (
    ANNA,
    EULER,
    GAUSS,
    LEONHARD,
    called,
    entity_of,
    joined,
    merge,
    met,
    namesakes,
    rename,
    split,
    undo,
)
from tests.indexes.samples import add, remove_all, said


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
