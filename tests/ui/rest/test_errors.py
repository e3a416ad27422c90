"""Every error has one shape, a fitting status and plain words; nothing inside of kgrag is told."""

import logging

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from indexes import errors as indexes_errors
from indexes.errors import KgragError, LibraryEmptyError, LibraryLockedError, ParseError
from kgrag import KnowledgeBase
from tests.ui.rest.serving import BORN, MAIN, error_of
from ui.rest.errors import KINDS, described


def kinds(base: type[KgragError]) -> set[type[KgragError]]:
    return {base, *(kind for below in base.__subclasses__() for kind in kinds(below))}


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nothing", "/api/libraries/main/x", "/v1/x"]
)
def test_what_is_not_there_is_told_in_the_shape_of_every_error(
    client: TestClient, path: str
) -> None:
    assert error_of(client.get(path))[:2] == (404, "not_found")


def test_a_method_that_an_address_does_not_take_is_told_with_those_that_it_takes(
    client: TestClient,
) -> None:
    status, code, message = error_of(client.put("/api/libraries", json={}))
    assert (status, code) == (405, "method_not_allowed")
    assert "GET, POST" in message


def test_an_unknown_library_is_told_in_plain_words(client: TestClient) -> None:
    status, code, message = error_of(client.get("/api/libraries/nosuch/documents"))
    assert (status, code) == (404, "library_not_found")
    assert "nosuch" in message


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "not valid JSON"),
        (b"[]", "The request"),
        (b"{}", "Question is missing"),
        (b'{"question": "  "}', "ask something"),
        (b'{"question": 7}', "Question is wrong"),
        (b'{"question": "%s"}' % (b"x" * 2001), "at most 2000"),
        (b'{"question": "\\ud800"}', "Question is wrong"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong_and_not_repeated(
    client: TestClient, body: bytes, told: str
) -> None:
    headers = {"Content-Type": "application/json"}
    status, code, message = error_of(client.post(f"{MAIN}/ask", content=body, headers=headers))
    assert (status, code) == (422, "invalid")
    assert told in message
    assert "xxx" not in message


def test_every_error_of_kgrag_has_a_status_of_its_own_or_its_parents() -> None:
    named = {kind for kind in vars(indexes_errors).values() if isinstance(kind, type)}
    for kind in kinds(KgragError) & named:
        error = kind("corrupt", "Read.") if kind is ParseError else kind("Do this.")
        status, code, message = described(error)
        assert 400 <= status < 600
        assert code
        assert message
    assert {kind for kind in named if issubclass(kind, KgragError)} <= set(KINDS)


def test_no_folder_of_the_server_is_told() -> None:
    for kind in (LibraryLockedError, LibraryEmptyError, indexes_errors.LibraryMismatchError):
        message = described(kind("The library /home/anna/my-library/x is held by process 7."))[2]
        assert "anna" not in message
    locked = described(LibraryLockedError("The library /home/anna/x is held by process 7."))[2]
    assert locked == "The library … is held by process 7."


def test_an_empty_library_says_so(client: TestClient) -> None:
    made = client.post("/api/libraries", json={"name": "Empty"}).json()["id"]
    asked = client.post(f"/api/libraries/{made}/ask", json={"question": BORN})
    assert error_of(asked)[:2] == (409, "library_empty")
    streamed = client.post(f"/api/libraries/{made}/ask", json={"question": BORN, "stream": True})
    assert error_of(streamed)[:2] == (409, "library_empty")


def test_the_unexpected_is_logged_once_and_told_in_one_sentence(
    app: FastAPI,
    client: TestClient,
    knowledge_base: KnowledgeBase,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(knowledge_base, "documents", broken)
    with caplog.at_level(logging.ERROR):
        status, code, message = error_of(client.get(f"{MAIN}/documents"))
    assert (status, code) == (500, "internal")
    assert "secret" not in message
    assert "Traceback" not in message
    assert [record.exc_info is not None for record in caplog.records] == [True]


def test_text_that_no_response_can_carry_does_not_break_one(
    client: TestClient, knowledge_base: KnowledgeBase
) -> None:
    from kgrag.events import SearchResult

    knowledge_base.search = (  # type: ignore[method-assign]
        lambda question, **_: SearchResult("half \ud800", (), (), 0.0)
    )
    found = client.get(f"{MAIN}/search", params={"question": "x"})
    assert found.json()["question"] == "half \N{REPLACEMENT CHARACTER}"
