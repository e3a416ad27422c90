"""The graph, facts and corrections over HTTP, in the shapes that the page builds on."""

import csv
import io
import json

import pytest
from starlette.testclient import TestClient

from tests.ui.rest.serving import MAIN, error_of

GRAPH = f"{MAIN}/graph"


def euler(client: TestClient) -> str:
    found = client.get(f"{GRAPH}/entities", params={"query": "leon eul"}).json()
    assert found[0]["name"] == "Leonhard Euler"
    assert set(found[0]) == {"id", "name", "type", "type_label", "group", "facts"}
    return str(found[0]["id"])


def test_the_graph_is_seen_in_one_shape_from_everywhere(client: TestClient) -> None:
    id_ = euler(client)
    basel = client.get(f"{GRAPH}/entities", params={"query": "Basel"}).json()[0]["id"]
    for path, params in (
        ("", {}),
        ("/neighbours", {"entity": id_}),
        ("/path", {"from": id_, "to": basel}),
    ):
        told = client.get(f"{GRAPH}{path}", params=params).json()
        assert set(told) == {"nodes", "edges", "communities", "total", "truncated"}, path
        assert {"id", "label", "type", "group", "degree", "community", "x", "y"} <= set(
            told["nodes"][0]
        )
        ids = {node["id"] for node in told["nodes"]}
        assert told["edges"]
        assert all({edge["source"], edge["target"]} <= ids for edge in told["edges"])


def test_labels_come_in_the_language_that_is_asked_for(client: TestClient) -> None:
    told = client.get(f"{GRAPH}/neighbours", params={"entity": euler(client), "lang": "ru"}).json()
    assert "место рождения" in {edge["label"] for edge in told["edges"]}
    assert error_of(client.get(GRAPH, params={"lang": "de"}))[0] == 422


def test_a_filter_leaves_what_it_names(client: TestClient) -> None:
    told = client.get(GRAPH, params={"relations": "P19, P26", "min_confidence": 0.5}).json()
    assert {edge["relation"] for edge in told["edges"]} == {"P19", "P26"}
    persons = client.get(GRAPH, params={"types": "person"}).json()
    assert {node["type"] for node in persons["nodes"]} == {"person"}
    status, _, message = error_of(client.get(GRAPH, params={"since": "yesterday"}))
    assert status == 422
    assert "2024-01-31" in message
    assert error_of(client.get(GRAPH, params={"min_confidence": 2}))[0] == 422


def test_an_entity_and_a_fact_are_told_with_where_they_stand(client: TestClient) -> None:
    id_ = euler(client)
    card = client.get(f"{GRAPH}/entity", params={"id": id_}).json()
    assert card["documents"][0]["name"] == "handlist.txt"
    assert {"relation", "label", "direction", "count"} == set(card["relations"][0])
    fact = client.get(f"{MAIN}/facts", params={"subject": id_, "relation": "P19"}).json()["facts"][
        0
    ]
    key = {"subject": id_, "relation": "P19", "object": fact["object"]["id"]}
    one = client.get(f"{GRAPH}/fact", params=key).json()
    assert one["evidence"][0]["quote"] == "Leonhard Euler was born in Basel."
    assert one == fact
    for path, params in (
        ("/entity", {"id": "no"}),
        ("/neighbours", {"entity": "no"}),
        ("/path", {"from": id_, "to": "no"}),
        ("/fact", {**key, "object": "no"}),
    ):
        assert error_of(client.get(f"{GRAPH}{path}", params=params))[0] == 404, path


def test_facts_are_paged_sorted_and_searched(client: TestClient) -> None:
    whole = client.get(f"{MAIN}/facts", params={"sort": "subject", "limit": 500}).json()
    names = [fact["subject"]["name"] for fact in whole["facts"]]
    assert names == sorted(names)
    assert whole["total"] == len(names) > 3
    page = client.get(f"{MAIN}/facts", params={"sort": "subject", "limit": 2, "offset": 1}).json()
    assert page["total"] == whole["total"]
    assert page["facts"] == whole["facts"][1:3]
    falling = client.get(f"{MAIN}/facts", params={"sort": "subject", "descending": True}).json()
    assert falling["facts"][0]["subject"]["name"] == names[-1]
    born = client.get(f"{MAIN}/facts", params={"query": "birth groningen"}).json()
    assert [fact["subject"]["name"] for fact in born["facts"]] == ["Daniel Bernoulli"]


@pytest.mark.parametrize(
    ("format", "kind"),
    [("csv", "text/csv"), ("graphml", "xml"), ("jsonld", "ld+json"), ("turtle", "text/turtle")],
)
def test_facts_are_saved_as_files(client: TestClient, format: str, kind: str) -> None:
    saved = client.get(f"{MAIN}/facts/export", params={"format": format, "relation": "P19"})
    assert kind in saved.headers["content-type"]
    assert saved.headers["content-disposition"].startswith("attachment; ")
    assert "Groningen" in saved.text
    assert "Academy of Sciences" not in saved.text.replace("Handlist of the Academy", "")
    if format == "csv":
        rows = list(csv.DictReader(io.StringIO(saved.text)))
        assert {row["relation"] for row in rows} == {"place of birth"}
    if format == "jsonld":
        json.loads(saved.text)


def test_facets_timeline_and_contradictions_have_their_shapes(client: TestClient) -> None:
    facets = client.get(f"{GRAPH}/facets").json()
    assert set(facets) == {"types", "relations", "documents"}
    assert {"id", "label", "count"} == set(facets["relations"][0])
    timeline = client.get(f"{MAIN}/timeline").json()
    assert set(timeline) == {"total", "events"}
    assert client.get(f"{MAIN}/contradictions").json() == []


def test_corrections_are_made_listed_and_undone(client: TestClient) -> None:
    id_ = euler(client)
    path = f"{MAIN}/corrections"
    made = client.post(path, json={"kind": "rename", "entity": id_, "name": "L. Euler"})
    assert made.status_code == 201
    assert set(made.json()) == {"id", "kind", "made", "what"}
    assert client.get(path).json() == [made.json()]
    assert client.get(f"{GRAPH}/entity", params={"id": id_}).json()["name"] == "L. Euler"
    undone = f"{path}/{made.json()['id']}"
    assert client.delete(undone).status_code == 204
    assert client.get(f"{GRAPH}/entity", params={"id": id_}).json()["name"] == "Leonhard Euler"
    assert error_of(client.delete(undone))[0] == 404


def test_each_kind_of_correction_changes_what_is_seen(client: TestClient) -> None:
    id_, path = euler(client), f"{MAIN}/corrections"
    other = client.get(f"{GRAPH}/entities", params={"query": "Daniel"}).json()[0]["id"]
    merged = client.post(path, json={"kind": "merge", "keep": id_, "other": other})
    assert merged.status_code == 201, merged.text
    names = {
        item["text"] for item in client.get(f"{GRAPH}/entity", params={"id": id_}).json()["names"]
    }
    assert names == {"Leonhard Euler", "Daniel Bernoulli"}
    client.delete(f"{path}/{merged.json()['id']}")
    fact = client.get(f"{MAIN}/facts", params={"subject": id_, "relation": "P26"}).json()["facts"][
        0
    ]
    key = {"subject": id_, "relation": "P26", "object": fact["object"]["id"]}
    assert client.post(path, json={"kind": "retract", **key}).status_code == 201
    assert error_of(client.get(f"{GRAPH}/fact", params=key))[0] == 404
    whole = {"kind": "split", "entity": id_, "names": ["Leonhard Euler"]}
    assert error_of(client.post(path, json=whole))[:2] == (409, "correction")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"kind": "other"},
        {"kind": "merge", "keep": "a"},
        {"kind": "rename", "entity": "a", "name": ""},
        {"kind": "split", "entity": "a", "names": "b"},
    ],
)
def test_a_correction_that_is_none_is_told_so(client: TestClient, wrong: dict[str, str]) -> None:
    assert error_of(client.post(f"{MAIN}/corrections", json=wrong))[:2] == (422, "invalid")
