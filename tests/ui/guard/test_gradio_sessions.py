"""Whose a session of the page is, and what a call may not speak of."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.ui.guarded import JOIN, Behind
from ui.holdings import Holdings


def join(client: TestClient, session: str, **more: Any) -> int:  # noqa: ANN401
    call = {"session_hash": session, "fn_index": 0, "data": [], **more}
    return client.post(JOIN, json=call).status_code


@pytest.mark.parametrize("prefix", ["", "/ru"])
def test_a_session_of_the_page_belongs_to_the_first_user_who_says_it(
    anna: TestClient, boris: TestClient, prefix: str
) -> None:
    assert join(anna, "abc") == 200
    assert join(boris, "abc") == 403
    assert boris.get(f"{prefix}/gradio_api/queue/data?session_hash=abc").status_code == 403
    assert boris.get(f"{prefix}/gradio_api/heartbeat/abc").status_code == 403
    assert anna.get(f"{prefix}/gradio_api/queue/data?session_hash=abc").status_code == 200
    assert anna.get(f"{prefix}/gradio_api/heartbeat/abc").status_code == 200
    assert join(boris, "def") == 200


@pytest.mark.parametrize("first", ["heartbeat/abc", "queue/data?session_hash=abc"])
def test_a_session_is_owned_however_it_began(
    anna: TestClient, boris: TestClient, first: str
) -> None:
    assert anna.get(f"/gradio_api/{first}").status_code == 200
    assert join(boris, "abc") == 403


@pytest.mark.parametrize(
    "body",
    [
        b'{"session_hash": "mine", "session_hash": "abc", "data": []}',
        b'{"session_hash": "abc", "session_hash": "mine", "data": []}',
        b'{"session_hash": ["abc"], "data": []}',
        b'{"session_hash": null, "data": []}',
        b'{"data": []}',
        b'["abc"]',
        b"session_hash=abc",
        b"",
        b"[" * 100_000,
    ],
)
def test_a_call_that_two_programs_could_read_differently_is_refused(
    anna: TestClient, behind: Behind, body: bytes
) -> None:
    answer = anna.post(JOIN, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert behind.reached == []


@pytest.mark.parametrize(
    "query", ["", "?session_hash=", "?session_hash=mine&session_hash=abc",
              "?session_hash=a%00&x=1&session_hash=b"]
)  # fmt: skip
def test_an_address_says_one_session(anna: TestClient, behind: Behind, query: str) -> None:
    assert anna.get(f"/gradio_api/queue/data{query}").status_code == 400
    assert behind.reached == []


def test_a_call_reaches_gradio_byte_for_byte(local: TestClient, behind: Behind) -> None:
    call = json.dumps({"session_hash": "abc", "data": ["вопрос", {"open": "x"}], "fn_index": 3})
    assert local.post(JOIN, content=call.encode()).status_code == 200
    assert behind.bodies == [call.encode()]


@pytest.mark.parametrize(
    "value",
    [
        {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
        {"path": "http://evil.example/x", "meta": {"_type": "gradio.FileData"}},
        [[{"a": {"path": "x"}}]],
        json.loads("[" * 60 + "]" * 60),
    ],
)
def test_nothing_in_a_call_can_be_taken_for_a_file(
    local: TestClient, behind: Behind, value: object
) -> None:
    assert join(local, "abc", data=[value]) == 403
    assert behind.reached == []


def test_one_user_s_sessions_push_out_only_their_own() -> None:
    holdings = Holdings(most_each=3)
    assert holdings.claim("anna", "hers")
    assert all(holdings.claim("boris", f"his {n}") for n in range(10))
    assert not holdings.claim("boris", "hers")
    assert not holdings.claim("anna", "his 9")
    assert holdings.claim("anna", "his 0")
    assert not holdings.claim("anna", "x" * 65)
