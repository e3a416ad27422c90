import json
from dataclasses import replace
from typing import Any

import pytest

from indexes.records import Entity, Evidence, Triplet
from kgrag.events import Answer, Citation, RankedFact, SearchResult, Sentence
from tests.ui.library import PAYLOADS
from ui.answer_view import Turn
from ui.graph_view import MAX_CITED, MAX_EVIDENCE, MAX_RELATED, answer_graph, document_graph


def entity(name: str, kind: str = "person", wikidata: str | None = None) -> Entity:
    return Entity("id:" + name, name, kind, (name, "alias of " + name), wikidata)


def fact(
    subject: str, object_: str, relation: str = "P26", quote: str = "They married.", times: int = 1
) -> Triplet:
    evidence = Evidence("d1", "a.pdf", 2, 0, len(quote), quote, "test", 0.8)
    return Triplet(entity(subject), relation, entity(object_), (evidence,) * times)


def turn(*, cited: tuple[Triplet, ...], found: tuple[Triplet, ...] = ()) -> Turn:
    citations = (Citation(1, "d1", "a.pdf", 2, 0, 4, "They", cited),)
    answer = Answer("Q", (Sentence("S.", (1,)),), citations, False, None, "quote", 0.1)
    ranked = tuple(RankedFact(item, 1.0, 1, (), ()) for item in found)
    return Turn("Q", answer, SearchResult("Q", (), ranked, 0.1))


def graph(text: str) -> dict[str, Any]:
    loaded = json.loads(text)
    assert isinstance(loaded, dict)
    return loaded


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_names_are_inert_data_and_come_back_unchanged(payload: str) -> None:
    text = document_graph([fact(payload, "B", relation=payload, quote=payload)])
    assert not set(text) & set("<>&")
    text.encode("ascii")
    loaded = graph(text)
    assert loaded["nodes"][0]["label"] == payload
    assert loaded["edges"][0]["label"] == payload
    assert loaded["edges"][0]["evidence"][0]["quote"] == payload


def test_cited_facts_stand_before_found_ones_that_touch_them() -> None:
    euler, other, far = fact("Euler", "Gsell"), fact("Euler", "Basel"), fact("Kant", "Nobody")
    loaded = graph(answer_graph(turn(cited=(euler,), found=(far, euler, other)), focus=1))
    assert [edge["cited"] for edge in loaded["edges"]] == [[1], []]
    assert loaded["focus"] == 1
    assert {node["label"] for node in loaded["nodes"]} == {"Euler", "Gsell", "Basel"}


def test_without_cited_facts_the_found_ones_are_drawn_up_to_a_limit() -> None:
    found = tuple(fact("Euler", f"Friend {number}") for number in range(30))
    loaded = graph(answer_graph(turn(cited=(), found=found)))
    assert len(loaded["edges"]) == MAX_RELATED


def test_a_citation_that_states_many_facts_does_not_flood_the_graph() -> None:
    cited = tuple(fact("Euler", f"Friend {number}") for number in range(30))
    loaded = graph(answer_graph(turn(cited=cited)))
    assert len(loaded["edges"]) == MAX_CITED


def test_every_edge_joins_two_nodes_that_are_drawn() -> None:
    loaded = graph(document_graph([fact("A", "B"), fact("B", "C"), fact("A", "B", "P40")]))
    ids = {node["id"] for node in loaded["nodes"]}
    assert {end for edge in loaded["edges"] for end in (edge["source"], edge["target"])} <= ids
    assert len({edge["id"] for edge in loaded["edges"]}) == 3


def test_labels_follow_the_language_of_the_quotation() -> None:
    assert graph(document_graph([fact("A", "B")]))["edges"][0]["label"] == "spouse"
    russian = graph(document_graph([fact("А", "Б", quote="Они поженились.")]))
    assert russian["edges"][0]["label"] == "супруг"
    assert russian["nodes"][0]["type"] == "человек"


def test_only_a_wikidata_number_becomes_a_link() -> None:
    def linked(wikidata: str) -> str | None:
        euler = entity("Euler", wikidata=wikidata)
        evidence = fact("x", "y").evidence
        loaded = graph(document_graph([Triplet(euler, "P26", entity("B"), evidence)]))
        found = loaded["nodes"][0]["wikidata"]
        assert found is None or isinstance(found, str)
        return found

    assert linked("Q7604") == "Q7604"
    assert linked("Q1/../../evil?x=javascript:alert(1)") is None


def test_a_fact_with_many_sentences_says_how_many_are_left_out() -> None:
    edge = graph(document_graph([fact("A", "B", times=MAX_EVIDENCE + 3)]))["edges"][0]
    assert len(edge["evidence"]) == MAX_EVIDENCE
    assert edge["more"] == 3
    assert edge["evidence"][0]["page"] == 2


@pytest.mark.parametrize(
    ("question", "label"), [("Whom did he marry?", "spouse"), ("На ком он женат?", "супруг")]
)
def test_relations_are_named_in_the_language_of_the_question(question: str, label: str) -> None:
    russian = fact("Эйлер", "Гзель", quote="Эйлер женился на Катарине Гзель.")
    asked = replace(turn(cited=(russian,), found=(fact("A", "B"),)), question=question)
    labels = {edge["label"] for edge in graph(answer_graph(asked))["edges"]}
    assert labels == {label}
