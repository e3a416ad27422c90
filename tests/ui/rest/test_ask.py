"""Questions: the answer whole or sentence by sentence, kept in a conversation, given up in time."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from starlette.testclient import TestClient

from kgrag import KnowledgeBase
from tests.chat_server import Behaviour, ChatServer, hang, hang_after, refuse, say, serving
from tests.ui.asking import with_model
from tests.ui.rest.serving import (
    BORN,
    MAIN,
    PATIENCE_S,
    client_of,
    document_of,
    error_of,
    events_in,
    service_over,
    wait_until,
)
from ui.limits import Limits, Quotas
from ui.rest import rest
from ui.shelf import Shelf

GONE_S = 2.0


@pytest.fixture
def model() -> Iterator[tuple[ChatServer, str]]:
    with serving() as opened:
        yield opened


def test_an_answer_cites_the_sentence_it_rests_on(client: TestClient) -> None:
    answer = client.post(f"{MAIN}/ask", json={"question": BORN}).json()
    assert answer["answer"] == "Leonhard Euler was born in Basel. [1]"
    assert answer["mode"] == "quote"
    source = answer["citations"][0]
    text = client.get(f"{MAIN}/documents/{source['document_id']}").json()["text"]
    assert text[source["start"] : source["end"]] == source["quote"]


@pytest.mark.parametrize(
    "how", [{"json": {"stream": True}}, {"headers": {"Accept": "text/event-stream"}}]
)
def test_the_events_of_an_answer_come_in_order(client: TestClient, how: dict[str, object]) -> None:
    body = {"question": BORN, **how.get("json", {})}  # type: ignore[dict-item]
    response = client.post(f"{MAIN}/ask", json=body, headers=how.get("headers"))  # type: ignore[arg-type]
    assert response.headers["content-type"].startswith("text/event-stream")
    events = events_in(response.text)
    names = [name for name, _ in events]
    assert names[0] == "retrieved"
    assert names[-1] == "answered"
    assert set(names[1:-1]) == {"token"}
    assert events[0][1]["passages"]
    token = events[1][1]
    assert set(token) == {"text", "sentence", "is_anew"}
    whole = client.post(f"{MAIN}/ask", json={"question": BORN}).json()
    told = events[-1][1]
    assert {**told, "seconds": 0} == {**whole, "seconds": 0}
    assert [data["sentence"] for name, data in events if name == "token"] == whole["sentences"]


def test_only_the_documents_that_are_named_are_consulted(client: TestClient) -> None:
    other = document_of(client, "заметки.md").rpartition("/")[2].replace("%3A", ":")
    answer = client.post(f"{MAIN}/ask", json={"question": BORN, "documents": [other]}).json()
    assert answer["abstained"]
    assert {item["document"] for item in answer["nearest"]} <= {"заметки.md"}


def test_a_conversation_keeps_its_turns_and_a_question_may_refer_to_them(
    client: TestClient,
) -> None:
    made = client.post(f"{MAIN}/conversations", json={"title": "Euler"}).json()
    asked = {"conversation": made["id"]}
    client.post(f"{MAIN}/ask", json={**asked, "question": BORN})
    second = client.post(f"{MAIN}/ask", json={**asked, "question": "Whom did he marry?"}).json()
    assert "Euler" in second["understood"]
    kept = client.get(f"{MAIN}/conversations/{made['id']}").json()
    assert [turn["question"] for turn in kept["turns"]] == [BORN, "Whom did he marry?"]
    assert kept["turns"][1]["answer"] == second


def test_a_conversation_that_is_not_there_is_told_before_anything_is_asked(
    client: TestClient,
) -> None:
    for stream in (False, True):
        asked = {"question": BORN, "conversation": "nosuch", "stream": stream}
        assert error_of(client.post(f"{MAIN}/ask", json=asked))[0] == 404


def test_what_a_model_writes_is_streamed_and_a_failing_one_is_told(
    knowledge_base: KnowledgeBase, model: tuple[ChatServer, str]
) -> None:
    server, endpoint = model
    with with_model(knowledge_base, endpoint) as asked, client_of(rest(Shelf.around(asked))) as one:
        server.script.append(say("Leonhard Euler was born in Basel. [2]"))
        answer = one.post(f"{MAIN}/ask", json={"question": BORN}).json()
        assert answer["mode"] == "llm"
        server.usual = refuse(404)
        answer = one.post(f"{MAIN}/ask", json={"question": BORN}).json()
        assert answer["mode"] == "quote"
        assert "answered 404" in answer["notice"]


@pytest.mark.parametrize("behave", [hang, hang_after("Leonhard Euler was born in Basel. [2] He")])
@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_gives_up_the_model(
    knowledge_base: KnowledgeBase,
    model: tuple[ChatServer, str],
    behave: Behaviour,
    stream: bool,
) -> None:
    server, endpoint = model
    server.usual = behave
    with with_model(knowledge_base, endpoint) as asked, service_over(asked) as url:
        with httpx.Client(base_url=url, timeout=PATIENCE_S) as client:
            if stream:
                with client.stream(
                    "POST", f"{MAIN}/ask", json={"question": BORN, "stream": True}
                ) as answer:
                    lines = answer.iter_lines()
                    assert next(lines) == "event: retrieved"
                    wait_until(lambda: server.requests)
                    assert not server.left.is_set()
                left_at = time.monotonic()
            else:
                left_at = _leave_once(client, server)
        assert server.left.wait(PATIENCE_S)
        assert time.monotonic() - left_at < GONE_S


def _leave_once(client: httpx.Client, server: ChatServer) -> float:
    """Ask for a whole answer, and hang up while the model writes; return when that was."""

    def ask() -> None:
        with pytest.raises(httpx.HTTPError):
            client.post(f"{MAIN}/ask", json={"question": BORN}, timeout=httpx.Timeout(1.0))

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask)
        wait_until(lambda: server.requests)
        assert not server.left.is_set()
        asking.result()
    return time.monotonic()


def test_a_server_that_is_closed_ends_its_streams(
    knowledge_base: KnowledgeBase, model: tuple[ChatServer, str]
) -> None:
    server, endpoint = model
    server.usual = hang
    ended = threading.Event()
    with with_model(knowledge_base, endpoint) as asked:
        with ThreadPoolExecutor(1) as pool:
            with service_over(asked) as url:

                def ask() -> None:
                    with pytest.raises(httpx.HTTPError):
                        httpx.post(
                            f"{url}{MAIN}/ask", json={"question": BORN}, timeout=PATIENCE_S
                        ).raise_for_status()
                    ended.set()

                pool.submit(ask)
                wait_until(lambda: server.requests)
            assert ended.wait(PATIENCE_S)
    assert server.left.wait(PATIENCE_S)


def test_a_user_waits_for_so_many_answers_at_once_only(
    knowledge_base: KnowledgeBase, model: tuple[ChatServer, str]
) -> None:
    server, endpoint = model
    server.usual = hang
    limits = Limits(local=Quotas(answers_at_once=1))
    with with_model(knowledge_base, endpoint) as asked, service_over(asked, limits) as url:
        body = {"question": BORN, "stream": True}
        with httpx.stream("POST", f"{url}{MAIN}/ask", json=body, timeout=PATIENCE_S) as first:
            lines = first.iter_lines()
            assert next(lines)
            second = httpx.post(f"{url}{MAIN}/ask", json=body, timeout=PATIENCE_S)
            assert error_of(second)[:2] == (429, "too_many_requests")
            assert second.headers["retry-after"] == "5"
        server.usual = say("Leonhard Euler was born in Basel. [2]")
        wait_until(
            lambda: httpx.post(f"{url}{MAIN}/ask", json=body, timeout=PATIENCE_S).status_code == 200
        )


def test_the_event_loop_is_free_while_everything_asks(
    knowledge_base: KnowledgeBase, model: tuple[ChatServer, str]
) -> None:
    server, endpoint = model
    server.usual = hang
    with with_model(knowledge_base, endpoint) as asked, service_over(asked) as url:
        httpx.get(f"{url}{MAIN}/search", params={"question": BORN}, timeout=PATIENCE_S)
        with ThreadPoolExecutor(20) as pool, httpx.Client(base_url=url, timeout=3.0) as client:

            def ask() -> None:
                with pytest.raises(httpx.HTTPError):
                    client.post(f"{MAIN}/ask", json={"question": BORN})

            for _ in range(20):
                pool.submit(ask)
            wait_until(lambda: len(server.requests) == 20)
            began = time.monotonic()
            assert httpx.get(f"{url}/healthz", timeout=PATIENCE_S).json() == {"status": "alive"}
            assert httpx.get(f"{url}/readyz", timeout=PATIENCE_S).status_code == 200
            assert time.monotonic() - began < 1.0
