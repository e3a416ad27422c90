"""Entities by themselves, what the graph can be filtered by, and all of it as JSON."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from indexes.library import Library
from kgrag.corrections import Corrections
from kgrag.explore import Explorer
from kgrag.explore_shapes import (
    contradiction_shape,
    entity_card_shape,
    facets_shape,
    fact_page_shape,
    found_entity_shape,
    graph_shape,
    listed_fact_shape,
    timeline_shape,
)
from kgrag.explorer.records import GraphFilter
from kgrag.explorer.selection import FactQuery
from kgrag.shapes import fact_shape
from tests.indexes.samples import plain_library
from tests.kgrag.exploring import entity_id, state

TYPES = {"Basel": "city", "1707": "date", "1708": "date", "Academy": "organization"}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = plain_library(tmp_path)
    facts = [("Leonhard Euler", "P19", "Basel"), ("Leonhard Euler", "P569", "1707")]
    state(opened, "a.txt", [*facts, ("Leonhard Euler", "P108", "Academy")], TYPES)
    facts = [("Леонард Эйлер", "P569", "1708"), ("Johann Euler", "P40", "Леонард Эйлер")]
    state(opened, "b.txt", facts, TYPES, same_as=[("Leonhard Euler", "Леонард Эйлер")])
    yield opened
    opened.close()


def test_a_card_tells_names_documents_and_relations(library: Library) -> None:
    id_ = entity_id(library, "Leonhard Euler")
    card = Explorer(library).entity(id_)
    (entity,) = library.graph.entities([id_]).values()
    assert card.entity == entity
    assert [(name.text, name.count) for name in card.names] == [
        ("Leonhard Euler", 3),
        ("Леонард Эйлер", 2),
    ]
    assert [(each.name, each.mentions) for each in card.documents] == [("a.txt", 3), ("b.txt", 2)]
    assert card.facts == 5
    assert [(each.relation, each.direction, each.count) for each in card.relations] == [
        ("P569", "out", 2),
        ("P108", "out", 1),
        ("P19", "out", 1),
        ("P40", "in", 1),
    ]


def test_entities_are_found_with_their_facts_in_either_language(library: Library) -> None:
    explorer = Explorer(library)
    euler = entity_id(library, "Leonhard Euler")
    for text in ("leonhard", "эйл", "ЛЕОНАРД"):
        (found,) = explorer.find(text)
        assert (found.entity.id, found.facts) == (euler, 5)
    assert [found.entity.name for found in explorer.find("euler")] == [
        "Leonhard Euler",
        "Johann Euler",
    ]
    assert len(explorer.find("", 3)) == 3
    assert explorer.find("", 3)[0].entity.id == euler
    assert explorer.find("euler", 0) == explorer.find("nobody") == ()


def test_facets_count_what_has_facts(library: Library) -> None:
    state(library, "c.txt", [])
    facets = Explorer(library).facets()
    assert facets.types == (("date", 2), ("person", 2), ("city", 1), ("organization", 1))
    assert facets.relations == (("P569", 2), ("P108", 1), ("P19", 1), ("P40", 1))
    assert [name for _, name in facets.documents] == ["a.txt", "b.txt"]


def test_corrections_are_seen_everywhere(library: Library) -> None:
    explorer, corrections = Explorer(library), Corrections(library)
    euler, johann = (entity_id(library, name) for name in ("Leonhard Euler", "Johann Euler"))
    renaming = corrections.rename(euler, "Zacharias")
    assert explorer.find("zach")[0].entity.id == euler
    assert [node.entity.name for node in explorer.overview().nodes][0] == "Zacharias"
    last = explorer.facts(sort="subject", descending=True).facts[0]
    assert last.fact.subject.name == "Zacharias"
    corrections.undo(renaming.id)
    assert explorer.find("zach") == ()

    basel = entity_id(library, "Basel")
    renaming = corrections.rename(basel, "Aarau")
    assert explorer.facts(sort="object", descending=False).facts[2].fact.object.name == "Aarau"
    corrections.undo(renaming.id)

    retraction = corrections.retract(euler, "P19", basel)
    assert "P19" not in {relation for relation, _ in explorer.facets().relations}
    assert explorer.facts().total == 4
    corrections.undo(retraction.id)
    assert explorer.facts().total == 5

    corrections.merge(euler, johann)
    assert explorer.facts().total == 4  # nobody is his own child
    assert [found.entity.id for found in explorer.find("euler")] == [euler]
    assert explorer.entity(euler).facts == 4


def test_what_is_merged_is_of_the_type_of_what_was_kept(library: Library) -> None:
    explorer = Explorer(library)
    euler, basel = entity_id(library, "Leonhard Euler"), entity_id(library, "Basel")
    Corrections(library).merge(basel, euler)
    (kept,) = (found.entity for found in explorer.find("basel"))
    assert (kept.name, kept.type) == ("Basel", "city")
    drawn = explorer.neighbours(kept.id)
    assert drawn.nodes[0].entity.type == "city"
    of_cities = explorer.facts(FactQuery(type="city"))
    assert of_cities.total == explorer.entity(kept.id).facts == 4
    assert ("city", 1) in explorer.facets().types


FACT_KEYS = {
    "subject", "relation", "object", "confidence", "documents", "evidence_count", "evidence",
}  # fmt: skip
THING_KEYS = {"id", "name", "type", "type_label", "group", "wikidata"}


def test_a_graph_is_the_json_of_the_contract(library: Library) -> None:
    euler = entity_id(library, "Leonhard Euler")
    graph = graph_shape(Explorer(library).neighbours(euler), "ru")
    assert set(graph) == {"nodes", "edges", "communities", "total", "truncated"}
    node = graph["nodes"][0]
    assert node == {
        "id": euler, "label": "Leonhard Euler", "type": "person", "type_label": "человек",
        "group": "person", "degree": 5, "community": 0, "x": 0.0, "y": 0.0,
    }  # fmt: skip
    for edge in graph["edges"]:
        assert json.loads(edge["id"]) == [edge["source"], edge["relation"], edge["target"]]
        assert set(edge) == {
            "id", "source", "target", "relation", "label", "confidence", "evidence",
        }  # fmt: skip
    assert {edge["label"] for edge in graph["edges"]} >= {"место рождения", "дата рождения"}
    assert graph["total"] == {"nodes": 6, "edges": 5}
    assert graph["communities"] == [{"id": 0, "label": "Leonhard Euler", "size": 6}]
    assert graph["truncated"] is False


def test_a_fact_is_that_of_the_command_line_and_more(library: Library) -> None:
    explorer = Explorer(library)
    item = explorer.fact(entity_id(library, "Leonhard Euler"), "P19", entity_id(library, "Basel"))
    shape = listed_fact_shape(item)
    plain = fact_shape(item.fact)
    assert set(shape) == FACT_KEYS
    assert set(shape["subject"]) == set(shape["object"]) == THING_KEYS
    for part in ("subject", "relation", "object"):
        assert plain[part].items() <= shape[part].items()
    assert (shape["confidence"], shape["evidence"]) == (plain["confidence"], plain["evidence"])
    assert shape["relation"]["id"] == "P19"
    assert listed_fact_shape(item, "ru")["relation"]["label"] == "место рождения"
    assert (shape["documents"], shape["evidence_count"]) == (1, 1)


def test_everything_is_plain_json_in_both_languages(library: Library) -> None:
    explorer = Explorer(library)
    euler = entity_id(library, "Leonhard Euler")
    for language in ("en", "ru"):
        shapes: list[Any] = [
            graph_shape(explorer.overview(GraphFilter(types=("person", "date"))), language),
            graph_shape(explorer.path(euler, entity_id(library, "Johann Euler")), language),
            entity_card_shape(explorer.entity(euler), language),
            facets_shape(explorer.facets(), language),
            fact_page_shape(explorer.facts(FactQuery(query="euler")), language),
            timeline_shape(explorer.timeline(), language),
            [contradiction_shape(each, language) for each in explorer.contradictions()],
            [found_entity_shape(each, language) for each in explorer.find("euler")],
        ]
        assert json.loads(json.dumps(shapes)) == shapes
        card, page, timeline, contradictions, found = *shapes[2:3], *shapes[4:]
        assert set(card) == {
            "id", "name", "type", "type_label", "group", "aliases", "names", "wikidata",
            "documents", "facts", "relations",
        }  # fmt: skip
        assert page["total"] == len(page["facts"]) == 5
        assert [event["date"] for event in timeline["events"]] == ["1707", "1708"]
        ((claims),) = [each["claims"] for each in contradictions]
        assert {claim["object"]["name"] for claim in claims} == {"1707", "1708"}
        assert set(contradictions[0]) == {"subject", "relation", "claims"}
        assert set(found[0]) == {"id", "name", "type", "type_label", "group", "facts"}
        assert all(set(fact) == FACT_KEYS for fact in [*claims, *page["facts"]])


def test_foreign_types_and_relations_are_their_own_labels(tmp_path: Path) -> None:
    library = plain_library(tmp_path)
    state(library, "a.txt", [("Anna", "kgrag:odd_tie", "Widget")], {"Widget": "gadget"})
    graph = graph_shape(Explorer(library).overview())
    assert {(node["type_label"], node["group"]) for node in graph["nodes"]} == {
        ("person", "person"),
        ("gadget", "other"),
    }
    assert [edge["label"] for edge in graph["edges"]] == ["odd tie"]
    library.close()
