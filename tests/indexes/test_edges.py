"""Edges as columns are what triplets are, whatever documents state and whatever is removed."""

import random

import pytest

from indexes.edges import Edges, EdgeTable, read_edges
from indexes.entity_names import folded, read_literals, read_names, read_order, read_types
from indexes.evidence import EvidenceReader
from indexes.facts import FactKey
from indexes.library import Library
from indexes.records import Triplet
from tests.kgrag.exploring import entity_id, state

NAMES = ("Anna", "Boris", "Clara", "Dmitri", "Emma", "Fyodor")
RELATIONS = ("P26", "P40", "P108")


def random_library(library: Library, seed: int) -> list[str]:
    """State facts at random, the same ones again and again; return the documents' ids."""
    draw = random.Random(seed)
    documents = []
    for number in range(8):
        facts = []
        for _ in range(12):
            subject, object_ = draw.sample(NAMES, 2)
            facts.append((subject, draw.choice(RELATIONS), object_, round(draw.random(), 3)))
        documents.append(state(library, f"{number}.txt", facts))
    return documents


def as_triplets(table: EdgeTable, edges: Edges) -> dict[FactKey, tuple[float, int, int]]:
    return {
        table.key(place): (confidence, documents, evidence)
        for place, confidence, documents, evidence in zip(
            edges.places.tolist(),
            edges.confidence.tolist(),
            edges.documents.tolist(),
            edges.evidence.tolist(),
            strict=True,
        )
    }


def as_columns(facts: list[Triplet]) -> dict[FactKey, tuple[float, int, int]]:
    return {
        (fact.subject.id, fact.relation, fact.object.id): (
            fact.confidence,
            len({item.document_id for item in fact.evidence}),
            len(fact.evidence),
        )
        for fact in facts
    }


@pytest.mark.parametrize("seed", range(4))
def test_every_edge_has_the_confidence_and_the_counts_of_its_triplet(
    library: Library, seed: int
) -> None:
    random_library(library, seed)
    table = read_edges(library.db)
    found = as_triplets(table, table.all)
    assert len(found) > 30
    # To the last bit: both multiply in the order of the documents' ids.
    assert found == as_columns(library.graph.triplets())


@pytest.mark.parametrize("seed", range(4))
def test_edges_of_some_documents_are_those_of_a_library_of_them(
    library: Library, seed: int
) -> None:
    documents = random_library(library, seed)
    kept = set(documents[2:5])
    rows = {row for id_ in kept if (row := library.documents.row_of(id_)) is not None}
    table = read_edges(library.db)
    some = as_triplets(table, table.stated_by(rows))
    assert 0 < len(some) < len(table.all)
    for id_ in set(documents) - kept:
        library.remove(id_)
    assert some == as_columns(library.graph.triplets())
    alone = read_edges(library.db)
    assert some == as_triplets(alone, alone.all)


def test_one_span_counts_once_with_its_best_score(library: Library) -> None:
    twice = [("Anna", "P26", "Boris", 0.2), ("Anna", "P26", "Boris", 0.7)]
    state(library, "a.txt", twice)
    library.db.execute("UPDATE evidence SET start = 0, end = 20, quote = substr(quote, 1, 20)")
    table = read_edges(library.db)
    assert as_triplets(table, table.all) == as_columns(library.graph.triplets())
    assert (table.all.confidence[0], table.all.evidence[0]) == (pytest.approx(0.7), 1)


def test_what_two_names_of_one_thing_have_between_them_is_no_edge(library: Library) -> None:
    state(library, "a.txt", [("Anna", "P26", "Boris"), ("Anna", "P40", "Anya")])
    state(library, "b.txt", [("Anna", "P40", "Clara")], same_as=[("Anna", "Anya")])
    table = read_edges(library.db)
    assert entity_id(library, "Anna") == entity_id(library, "Anya")
    assert {relation for _, relation, _ in as_triplets(table, table.all)} == {"P26", "P40"}
    assert len(table.all) == 2


def test_an_edge_is_found_by_its_key_and_what_is_none_is_not(library: Library) -> None:
    random_library(library, 1)
    table = read_edges(library.db)
    assert [table.place_of(table.key(place)) for place in range(len(table.all))] == list(
        range(len(table.all))
    )
    anna, boris = entity_id(library, "Anna"), entity_id(library, "Boris")
    for nothing in ((anna, "P26", anna), (anna, "P999", boris), ("e:none", "P26", boris)):
        assert table.place_of(nothing) is None


def test_an_empty_library_has_no_edges(library: Library) -> None:
    table = read_edges(library.db)
    assert (len(table.all), len(table.entities), len(table.stated_by({1}))) == (0, 0, 0)
    assert list(read_names(library.db, table).find("")) == []
    assert not read_names(library.db, table).having("anna").any()
    assert read_types(library.db, table)[0] == ()


def test_numbers_do_not_depend_on_what_was_added_when(library: Library) -> None:
    first = state(library, "a.txt", [("Anna", "P26", "Boris", 0.3), ("Clara", "P40", "Anna")])
    state(library, "b.txt", [("Anna", "P26", "Boris", 0.8)])
    before = read_edges(library.db)
    library.remove(first)
    state(library, "a.txt", [("Anna", "P26", "Boris", 0.3), ("Clara", "P40", "Anna")])
    after = read_edges(library.db)
    assert before.entities == after.entities
    assert as_triplets(before, before.all) == as_triplets(after, after.all)
    assert before.subject.tolist() == after.subject.tolist()


def test_types_are_those_of_entities(library: Library) -> None:
    types = {"1707": "date", "Basel": "city", "Anna": "person"}
    state(library, "a.txt", [("Anna", "P19", "Basel"), ("Anna", "P569", "1707")], types)
    state(library, "b.txt", [("Anna", "P19", "Basel")], {"Basel": "organization"})
    table = read_edges(library.db)
    ids, of = read_types(library.db, table)
    entities = library.graph.entities(table.entities)
    assert {id_: ids[of[at]] for at, id_ in enumerate(table.entities)} == {
        id_: entity.type for id_, entity in entities.items()
    }
    assert read_literals(library.db, ["date"]) == [(entity_id(library, "1707"), "date", "1707")]


def found_names(library: Library, text: str) -> list[str]:
    table = read_edges(library.db)
    entities = library.graph.entities(table.entities)
    return [
        entities[table.entities[number]].name for number in read_names(library.db, table).find(text)
    ]


def test_a_name_is_found_by_any_of_its_words_without_regard_to_case_or_accents(
    library: Library,
) -> None:
    names = ("Leonhard Euler", "Фёдор Эйлер", "Étienne Falconet", "Eulalia", "Jean-Paul Marat")
    state(library, "a.txt", [("Anna", "P26", name) for name in names])
    assert set(found_names(library, "eul")) == {"Leonhard Euler", "Eulalia"}
    assert found_names(library, "EULER") == ["Leonhard Euler"]
    assert found_names(library, "euler leon") == ["Leonhard Euler"]
    assert found_names(library, "федор") == found_names(library, "ФЁДОР") == ["Фёдор Эйлер"]
    assert found_names(library, "etienne") == ["Étienne Falconet"]
    assert found_names(library, "paul-m") == found_names(library, "jean") == ["Jean-Paul Marat"]
    assert found_names(library, "ler") == found_names(library, "euler anna") == []
    assert found_names(library, "(.*") == found_names(library, "") != []


def test_the_best_known_come_first_but_for_a_whole_name(library: Library) -> None:
    state(library, "a.txt", [("Ann Lee", "P26", "Anna Bell")] * 5 + [("Ann", "P26", "Anna Bell")])
    assert found_names(library, "an") == ["Anna Bell", "Ann Lee", "Ann"]
    assert found_names(library, "ann") == ["Ann", "Anna Bell", "Ann Lee"]


def test_an_inflected_name_is_found_by_its_normal_form(library: Library) -> None:
    state(library, "a.txt", [("Вольтера", "P26", "Дашковой")])
    assert found_names(library, "вольтер") == ["Вольтера"]


@pytest.mark.parametrize("text", ["Ёлка\nи МЫШЬ", "  a--b  ", "Ünï_c", "\n"])
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert folded(text).count("\n") == text.count("\n")


def test_names_stand_in_the_order_of_the_alphabet(library: Library) -> None:
    state(library, "a.txt", [("clara", "P26", "Anna"), ("Boris", "P26", "Ёж"), ("Жук", "P26", "А")])
    table = read_edges(library.db)
    order = read_order(library.db, table).tolist()
    entities = library.graph.entities(table.entities)
    ranked = sorted(table.entities, key=lambda id_: order[table.numbers[id_]])
    assert [entities[id_].name for id_ in ranked] == ["Anna", "Boris", "clara", "А", "Ёж", "Жук"]


def test_the_surest_quotations_of_many_facts_come_first(library: Library) -> None:
    random_library(library, 2)
    facts = library.graph.triplets()
    keys = [(fact.subject.id, fact.relation, fact.object.id) for fact in facts]
    read = EvidenceReader(library.db).of([*keys, ("e:none", "P26", "e:none")], 2)
    assert list(read) == keys
    for fact, key in zip(facts, keys, strict=True):
        surest = sorted(fact.evidence, key=lambda e: (-e.score, e.document_id, e.start))
        assert list(read[key]) == surest[:2]


def test_only_the_chosen_documents_are_quoted(library: Library) -> None:
    first = state(library, "a.txt", [("Anna", "P26", "Boris", 0.9)])
    second = state(library, "b.txt", [("Anna", "P26", "Boris", 0.4), ("Anna", "P40", "Clara")])
    row = library.documents.row_of(second)
    assert row is not None
    keys = [
        (entity_id(library, "Anna"), relation, entity_id(library, other))
        for relation, other in (("P26", "Boris"), ("P40", "Clara"))
    ]
    found = EvidenceReader(library.db, {row}).of(keys, 5)
    assert {item.document_id for quotes in found.values() for item in quotes} == {second}
    first_row = library.documents.row_of(first)
    assert first_row is not None
    assert list(EvidenceReader(library.db, {first_row}).of(keys, 5)) == keys[:1]
