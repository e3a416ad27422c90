"""S1: no user reads or infers another's documents by any route, file address or id.

Every route of the service stands in one table, with what it takes. Boris calls each with all that
is Anna's, and must get what he gets for things that never were; then with his own library and what
is Anna's in it. A route that is added and does not stand here fails the first test.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount, Route
from starlette.testclient import TestClient

from kgrag import Settings
from kgrag.parts import Parts
from tests.fakes import HashEmbedder, NoLinker
from tests.ui.evaluating import stand_in
from tests.ui.guarded import BASE, accounts_of
from tests.ui.library import PatternExtractor
from tests.ui.rest.serving import wait_until
from ui.accounts import Accounts, User
from ui.guard import Guard
from ui.limits import Limits, Quotas
from ui.rest import close, rest
from ui.shelf import Shelf

DIARY = "Zanzibara Quill was born in Port Elsewhere. Zanzibara Quill married Ottoline Marsh.\n"
BORN = "Where was Zanzibara Quill born?"
SECRETS = ("Zanzibara", "Quill", "Port Elsewhere", "Ottoline", "diary", "Secret plans", "Hideaway")


@dataclass(frozen=True)
class Call:
    """What a route takes; ``{name}`` stands for an id of its owner."""

    params: dict[str, str] = field(default_factory=dict)
    json: Any = None
    uploads: str = ""
    """The field of a file that it takes."""


L = "/api/libraries/{library}"
D = L + "/documents/{document}"
C = L + "/conversations/{conversation}"
E = L + "/evaluation"
S, R = E + "/sets/{set_id}", E + "/runs/{run_id}"
_ENTITY = {"entity": "{entity}"}
_FACT = {"subject": "{entity}", "relation": "P19", "object": "{other}"}

TABLE: dict[tuple[str, str], Call] = {
    ("GET", "/api/libraries"): Call(),
    ("POST", "/api/libraries"): Call(json={"name": "Another"}),
    ("PATCH", L): Call(json={"name": "Taken over"}),
    ("DELETE", L): Call(),
    ("GET", L + "/documents"): Call({"query": "diary"}),
    ("POST", L + "/documents"): Call(uploads="files"),
    ("GET", D): Call(),
    ("DELETE", D): Call(),
    ("GET", D + "/original"): Call(),
    ("GET", D + "/pages/{number}.png"): Call(),
    ("GET", D + "/reading"): Call(),
    ("GET", L + "/search"): Call({"question": BORN}),
    ("POST", L + "/ask"): Call(json={"question": BORN, "conversation": "{conversation}"}),
    ("GET", L + "/facts"): Call({"query": "Zanz", "document": "{document}"}),
    ("GET", L + "/facts/export"): Call({"document": "{document}"}),
    ("GET", L + "/timeline"): Call({"query": "Zanz"}),
    ("GET", L + "/contradictions"): Call(),
    ("GET", L + "/graph"): Call({"documents": "{document}"}),
    ("GET", L + "/graph/neighbours"): Call(_ENTITY),
    ("GET", L + "/graph/path"): Call({"from": "{entity}", "to": "{other}"}),
    ("GET", L + "/graph/entities"): Call({"query": "Zanz"}),
    ("GET", L + "/graph/entity"): Call({"id": "{entity}"}),
    ("GET", L + "/graph/fact"): Call(_FACT),
    ("GET", L + "/graph/facets"): Call(),
    ("GET", L + "/corrections"): Call(),
    ("POST", L + "/corrections"): Call(json={"kind": "retract", **_FACT}),
    ("DELETE", L + "/corrections/{correction}"): Call(),
    ("GET", L + "/conversations"): Call(),
    ("POST", L + "/conversations"): Call(json={"title": "Mine"}),
    ("GET", C): Call(),
    ("PATCH", C): Call(json={"title": "Taken over"}),
    ("DELETE", C): Call(),
    ("GET", C + "/export"): Call({"format": "html"}),
    ("GET", E + "/sets"): Call(),
    ("POST", E + "/sets"): Call(uploads="file"),
    ("POST", E + "/sets/draft"): Call(json={"name": "Drafted", "limit": 3}),
    ("GET", S): Call(),
    ("PUT", S): Call(json={"state": "seen", "dropped": [0]}),
    ("DELETE", S): Call(),
    ("GET", E + "/runs"): Call(),
    ("POST", E + "/runs"): Call(json={"set": "{set_id}", "task": "answers"}),
    ("GET", R): Call(),
    ("DELETE", R): Call(),
    ("POST", R + "/stop"): Call(),
    ("POST", R + "/resume"): Call(),
    ("GET", R + "/report"): Call(),
    ("GET", E + "/compare"): Call({"one": "{run_id}", "other": "{run_id}"}),
    ("GET", E + "/compare.html"): Call({"one": "{run_id}", "other": "{run_id}"}),
    ("GET", "/api/settings"): Call(),
    ("POST", "/api/settings/test"): Call(json={"endpoint": "http://127.0.0.1:9/v1"}),
    ("PUT", "/api/settings/model"): Call(json={"endpoint": "http://127.0.0.1:9/v1"}),
    ("GET", "/v1/models"): Call(),
    ("POST", "/v1/chat/completions"): Call(
        json={"model": "{library}", "messages": [{"role": "user", "content": BORN}]}
    ),
    ("GET", "/healthz"): Call(),
    ("GET", "/readyz"): Call(),
    ("GET", "/metrics"): Call(),
    ("GET", "/openapi.json"): Call(),
    ("GET", "/docs"): Call(),
    ("GET", "/docs/{name}"): Call(),
}

OF_NOBODY = {"/api/{path:path}", "/v1/{path:path}"}
"""What answers where there is nothing."""

BY_LIBRARY = [key for key in TABLE if "{library}" in key[1] or "chat" in key[1]]
BY_ID = [
    (key, call)
    for key, call in TABLE.items()
    if key[1].startswith(L)
    and any(f"{{{name}}}" in f"{key[1]}{call.params}{call.json}"
            for name in ("document", "conversation", "correction", "entity", "set_id", "run_id"))
]  # fmt: skip

NOBODYS = {
    "library": "0123456789ab",
    "document": "sha256:" + "0" * 64,
    "conversation": "0123456789abcdef",
    "correction": "987654",
    "set_id": "0123456789ab",
    "run_id": "0123456789ab",
    "entity": "nothing|nobody",
    "other": "nothing|nowhere",
    "number": "1",
    "name": "nothing.js",
}


class Theirs:
    """The service with two users, each with a library, and what is in Anna's."""

    def __init__(self, home: Path) -> None:
        self.accounts: Accounts = accounts_of(home, "root", "anna", "boris")
        users = {user.name: user for user in self.accounts.store.users()}
        parts = Parts(
            Settings(), extractor=PatternExtractor, embedder=HashEmbedder, linker=NoLinker
        )
        self.shelf = Shelf(parts, home)
        self.limits = Limits(Quotas(requests_a_minute=None))
        self.app: FastAPI = rest(self.shelf, self.limits)
        self.guarded = Guard(self.app, accounts=self.accounts, limits=self.limits)
        self.anna, self.boris = (self._client(users[name]) for name in ("anna", "boris"))
        self.stranger = TestClient(self.guarded, base_url=BASE, follow_redirects=False)
        self.ids = NOBODYS | self._fill(self.anna)
        self.boris.post(
            "/api/libraries/main/documents",
            files=[("files", ("own.txt", b"Boris was born in Oslo."))],
        ).raise_for_status()

    def _client(self, user: User) -> TestClient:
        headers = {"Authorization": f"Bearer {self.accounts.store.make_token(user)}"}
        return TestClient(self.guarded, base_url=BASE, headers=headers)

    def _fill(self, anna: TestClient) -> dict[str, str]:
        """Put into Anna's library a document, a conversation and corrections; return all ids."""
        library = anna.post("/api/libraries", json={"name": "Hideaway"}).json()["id"]
        path = f"/api/libraries/{library}"
        report = anna.post(f"{path}/documents", files=[("files", ("diary.txt", DIARY.encode()))])
        conversation = anna.post(f"{path}/conversations", json={"title": "Secret plans"}).json()
        anna.post(
            f"{path}/ask", json={"question": BORN, "conversation": conversation["id"]}
        ).raise_for_status()
        fact = anna.get(f"{path}/facts", params={"relation": "P19"}).json()["facts"][0]
        entity = fact["subject"]["id"]
        made = {}
        for name in ("Z. Quill", "Zanzibara Quill"):
            wanted = {"kind": "rename", "entity": entity, "name": name}
            made = anna.post(f"{path}/corrections", json=wanted).json()
        return {
            "library": library,
            "document": report.json()["files"][0]["document_id"],
            "conversation": conversation["id"],
            "correction": str(made["id"]),
            **_evaluate(anna, f"{path}/evaluation"),
            "entity": entity,
            "other": fact["object"]["id"],
        }

    def everything(self) -> list[str]:
        """Return all that Anna has, as she sees it."""
        path = f"/api/libraries/{self.ids['library']}"
        listed = ("documents", "conversations", "corrections", "facts", "graph/facets",
                  "evaluation/sets", "evaluation/runs")  # fmt: skip
        seen = [self.anna.get(f"{path}/{part}").text for part in listed]
        seen.append(self.anna.get("/api/libraries").text)
        seen.append(self.anna.get(f"{path}/conversations/{self.ids['conversation']}").text)
        return seen

    def close(self) -> None:
        close(self.app)
        self.shelf.close()
        self.accounts.close()


def _evaluate(anna: TestClient, path: str) -> dict[str, str]:
    """Put a set of questions and a run into Anna's library; return their ids."""
    sent = {"file": ("secret.jsonl", json.dumps({"question": BORN}).encode())}
    made = anna.post(f"{path}/sets", files=sent, data={"name": "Secret plans"}).json()
    wanted = {"set": made["id"], "task": "answers"}
    run = anna.post(f"{path}/runs", json=wanted).json()["id"]
    wait_until(lambda: anna.get(f"{path}/runs/{run}").json()["finished"])
    return {"set_id": made["id"], "run_id": run}


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theirs]:
    with pytest.MonkeyPatch.context() as patch:
        stand_in(patch)
        made = Theirs(tmp_path_factory.mktemp("home"))
        yield made
        made.close()


def filled(value: Any, ids: dict[str, str]) -> Any:  # noqa: ANN401
    """Return a path, parameters or a body with the ids in their places."""
    if isinstance(value, str):
        for name, id_ in ids.items():
            value = value.replace(f"{{{name}}}", id_)
        return value
    if isinstance(value, dict):
        return {key: filled(item, ids) for key, item in value.items()}
    return [filled(item, ids) for item in value] if isinstance(value, list) else value


def call(
    client: TestClient, key: tuple[str, str], ids: dict[str, str], wanted: Call | None = None
) -> Any:  # noqa: ANN401  a response
    wanted = wanted or TABLE[key]
    sent = ("sent.txt", b'{"question": "Sent by Boris."}')
    files = [(wanted.uploads, sent)] if wanted.uploads else None
    return client.request(
        key[0],
        filled(key[1], ids),
        params=filled(wanted.params, ids),
        json=filled(wanted.json, ids),
        files=files,
    )


def without(text: str, ids: dict[str, str]) -> str:
    """Return an answer without the ids that were asked for."""
    for name, id_ in ids.items():
        text = text.replace(id_, f"({name})") if len(id_) > 3 else text
    return text


def no_secrets(response: Any, asked: str = "") -> None:  # noqa: ANN401
    """Fail if an answer tells what is Anna's; what Boris asked for himself may be repeated."""
    assert not [secret for secret in SECRETS if secret in response.text and secret not in asked]


def routes_of(routes: list[BaseRoute]) -> set[tuple[str, str]]:
    found = set()
    for route in routes:
        assert not isinstance(route, Mount), f"{route.path} is mounted: nobody can list what it has"
        assert isinstance(route, Route), f"what {route} answers cannot be seen"
        if route.path not in OF_NOBODY:
            found |= {(method, route.path) for method in (route.methods or set()) - {"HEAD"}}
    return found


def test_every_route_stands_in_the_table(theirs: Theirs) -> None:
    assert routes_of(list(theirs.app.routes)) == set(TABLE)


def test_anna_reaches_what_is_hers(theirs: Theirs) -> None:
    assert any("Zanzibara" in seen for seen in theirs.everything())
    for key in BY_LIBRARY:
        if key[0] == "GET" and not key[1].endswith(".png"):
            assert call(theirs.anna, key, theirs.ids).status_code == 200, key


@pytest.mark.parametrize("key", BY_LIBRARY, ids=" ".join)
def test_anothers_library_is_none(theirs: Theirs, key: tuple[str, str]) -> None:
    before = theirs.everything()
    got = call(theirs.boris, key, theirs.ids)
    unknown = call(theirs.boris, key, NOBODYS)
    assert got.status_code == unknown.status_code == 404
    assert got.json()["error"]["code"] == "library_not_found"
    assert without(got.text, theirs.ids) == without(unknown.text, NOBODYS)
    assert got.headers.keys() == unknown.headers.keys()
    no_secrets(got)
    assert theirs.everything() == before


@pytest.mark.parametrize(
    ("key", "wanted"), BY_ID, ids=lambda item: " ".join(item) if isinstance(item, tuple) else ""
)
def test_what_is_anothers_is_not_in_ones_own_library(
    theirs: Theirs, key: tuple[str, str], wanted: Call
) -> None:
    before = theirs.everything()
    got = call(theirs.boris, key, {**theirs.ids, "library": "main"}, wanted)
    unknown = call(theirs.boris, key, {**NOBODYS, "library": "main"}, wanted)
    assert got.status_code == unknown.status_code
    assert without(got.text, theirs.ids) == without(unknown.text, NOBODYS)
    no_secrets(got)
    assert theirs.everything() == before


@pytest.mark.parametrize("key", TABLE, ids=" ".join)
def test_what_is_ones_own_tells_nothing_of_others(theirs: Theirs, key: tuple[str, str]) -> None:
    before = theirs.everything()
    got = call(theirs.boris, key, {**NOBODYS, "library": "main"})
    no_secrets(got, asked=BORN)
    if key[1].startswith("/api/settings/"):
        assert got.status_code == 403
    assert theirs.everything() == before


@pytest.mark.parametrize("key", TABLE, ids=" ".join)
def test_a_stranger_is_told_nothing(theirs: Theirs, key: tuple[str, str]) -> None:
    got = call(theirs.stranger, key, theirs.ids)
    if key[1] == "/healthz":
        assert got.json() == {"status": "alive"}
    elif key[1] == "/docs":
        assert got.status_code == 303
    else:
        assert got.status_code == 401
    no_secrets(got)


def test_a_question_limited_to_anothers_document_finds_nothing(theirs: Theirs) -> None:
    asked = {"question": BORN, "documents": ["{document}"]}
    key = ("POST", L + "/ask")
    answers = [
        call(theirs.boris, key, {**ids, "library": "main"}, Call(json=asked)).json()
        for ids in (theirs.ids, NOBODYS)
    ]
    for answer in answers:
        assert answer.pop("seconds") >= 0
        assert answer["abstained"]
        assert answer["nearest"] == []
    assert answers[0] == answers[1]


def test_a_library_is_not_found_by_its_name_either(theirs: Theirs) -> None:
    key = ("POST", "/v1/chat/completions")
    got = call(theirs.boris, key, {"library": "Hideaway"})
    assert got.status_code == 404
    no_secrets(got, asked="Hideaway")
    assert call(theirs.anna, key, {"library": "hideaway"}).status_code == 200


def test_the_same_file_tells_nobody_that_another_has_it(theirs: Theirs) -> None:
    sent = [("files", ("diary.txt", DIARY.encode()))]
    report = theirs.boris.post("/api/libraries/main/documents", files=sent).json()
    (file,) = report["files"]
    assert (file["outcome"], file["document_id"]) == ("indexed", theirs.ids["document"])
    path = f"/api/libraries/main/documents/{file['document_id']}"
    assert theirs.boris.delete(path).status_code == 204
    assert theirs.anna.get(filled(D, theirs.ids)).status_code == 200
