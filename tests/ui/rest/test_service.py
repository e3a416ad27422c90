"""Alive, ready, counted; settings; and the description of it all."""

import re
import socket
import time
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from starlette.routing import Route
from starlette.testclient import TestClient

from kgrag import KnowledgeBase
from kgrag.model_settings import ModelSettings
from tests.chat_server import ChatServer, say, serving
from tests.ui.asking import with_model
from tests.ui.rest.serving import BORN, MAIN, client_of, error_of
from ui.rest import rest
from ui.shelf import Shelf


@pytest.fixture
def model() -> Iterator[tuple[ChatServer, str]]:
    with serving() as opened:
        yield opened


def metrics(client: TestClient) -> dict[tuple[str, tuple[str, ...]], float]:
    """Return what /metrics says: (name, label values) -> value."""
    text = client.get("/metrics").text
    return {
        (sample.name, tuple(sample.labels[key] for key in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_service_is_alive_and_ready(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"library": "ready", "model": "none"})


def test_a_model_that_can_be_reached_is_ready_and_one_that_cannot_is_told(
    knowledge_base: KnowledgeBase, model: tuple[ChatServer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.rest.health.FRESH_S", 0.0)
    with with_model(knowledge_base, model[1]) as asked, client_of(rest(Shelf.around(asked))) as one:
        assert one.get("/readyz").json() == {"library": "ready", "model": "ready"}
        settings = ModelSettings(endpoint="http://127.0.0.1:9/v1")
        asked.parts.use_model(settings)
        ready = one.get("/readyz")
        assert (ready.status_code, ready.json()["model"]) == (503, "unreachable")


def test_a_probe_does_not_hang_where_the_models_server_does(
    knowledge_base: KnowledgeBase,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        with (
            with_model(knowledge_base, endpoint) as asked,
            client_of(rest(Shelf.around(asked))) as one,
        ):
            began = time.monotonic()
            ready = one.get("/readyz")
            assert time.monotonic() - began < 1.5
            assert (ready.status_code, ready.json()["model"]) == (503, "unknown")


def test_a_library_that_cannot_be_read_is_not_ready(
    client: TestClient, knowledge_base: KnowledgeBase
) -> None:
    knowledge_base.library.db.execute("DROP TABLE sources")
    for table in ("passages", "documents"):
        knowledge_base.library.db.execute("PRAGMA foreign_keys = OFF")
        knowledge_base.library.db.execute(f"DROP TABLE {table}")
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["library"]) == (503, "damaged")
    assert client.get("/healthz").status_code == 200


def test_what_was_done_is_counted_by_route_and_names_nobody(client: TestClient) -> None:
    client.post(f"{MAIN}/ask", json={"question": BORN})
    client.post(f"{MAIN}/documents", files=[("files", ("astrid.txt", b"Astrid was here."))])
    client.get(f"{MAIN}/documents/secret-document-id")
    client.get("/api/secret-path")
    told = metrics(client)
    assert told["kgrag_answers_total", ("false", "quote")] == 1
    assert told["kgrag_first_token_seconds_count", ()] == 1
    assert told["kgrag_ingested_files_total", ("indexed",)] == 1
    assert told["kgrag_documents", ()] == 3
    assert told["kgrag_open_streams", ()] == 0
    route = "/api/libraries/{library}/documents/{document}"
    assert told["kgrag_requests_total", ("GET", route, "404")] == 1
    text = client.get("/metrics").text
    assert "secret" not in text
    assert "astrid" not in text


def test_no_client_can_make_up_labels(client: TestClient) -> None:
    before = len(metrics(client))
    for number in range(20):
        client.request(f"M{number}", f"/api/nothing/{number}")
    assert len(metrics(client)) - before < 60


def test_settings_tell_what_answers(client: TestClient) -> None:
    told = client.get("/api/settings").json()
    assert told["model"] == {"endpoint": "", "model": "", "status": "none"}
    assert (told["extractor"], told["embedder"], told["linker"]) == ("bundled",) * 3
    assert re.match(r"\d+\.\d+", told["version"])
    assert told["can_change"]


def test_a_server_is_tested_without_a_change(
    client: TestClient, model: tuple[ChatServer, str]
) -> None:
    good = client.post("/api/settings/test", json={"endpoint": model[1]}).json()
    assert (good["ok"], good["model"], good["context_tokens"]) == (True, "scripted", 8192)
    other = client.post("/api/settings/test", json={"endpoint": model[1], "model": "no"}).json()
    assert not other["ok"]
    assert "does not serve 'no'" in other["message"]
    for endpoint in ("http://127.0.0.1:9/v1", "nonsense", ""):
        bad = client.post("/api/settings/test", json={"endpoint": endpoint}).json()
        assert not bad["ok"]
        assert bad["message"].endswith(".")
    assert client.get("/api/settings").json()["model"]["endpoint"] == ""


def test_a_test_of_a_server_that_hangs_takes_seconds(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kgrag.served.ASK_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        began = time.monotonic()
        told = client.post("/api/settings/test", json={"endpoint": endpoint}).json()
        assert time.monotonic() - began < 5
    assert not told["ok"]
    assert "has not answered within" in told["message"]


def test_another_model_answers_from_then_on(
    client: TestClient, model: tuple[ChatServer, str]
) -> None:
    server, endpoint = model
    server.usual = say("Leonhard Euler was born in Basel. [2]")
    told = client.put("/api/settings/model", json={"endpoint": endpoint}).json()
    assert told["model"] == {"endpoint": endpoint, "model": "", "status": "ready"}
    assert client.post(f"{MAIN}/ask", json={"question": BORN}).json()["mode"] == "llm"
    client.put("/api/settings/model", json={"endpoint": ""})
    assert client.post(f"{MAIN}/ask", json={"question": BORN}).json()["mode"] == "quote"
    wrong = client.put("/api/settings/model", json={"endpoint": "nonsense"})
    assert error_of(wrong)[:2] == (400, "config")


def test_every_route_is_described(app: FastAPI, client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    for route in app.routes:
        if not isinstance(route, Route) or not route.include_in_schema:
            continue
        for method in (route.methods or set()) - {"HEAD"}:
            told = described["paths"][route.path][method.lower()]
            assert told["summary"], route.path
            assert told["description"], route.path
            assert told["tags"], route.path
    assert len(described["paths"]) > 30
    ask = described["paths"]["/api/libraries/{library}/ask"]["post"]
    assert ask["responses"]["200"]["content"]["application/json"]["example"]["citations"]


def test_no_route_is_answered_in_a_thread_of_somebody_else(app: FastAPI) -> None:
    # Those threads come and go, and a library keeps a connection for each that it has seen.
    import inspect

    for route in app.routes:
        if isinstance(route, Route):
            assert inspect.iscoroutinefunction(route.endpoint), route.path
