"""The service as it is reached: behind its guard, in this thread or on a port of loopback."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from kgrag import KnowledgeBase
from ui.accounts import Accounts
from ui.guard import Guard
from ui.limits import Limits
from ui.rest import close, rest
from ui.server import Server, bind
from ui.shelf import Shelf

PATIENCE_S = 30.0
MAIN = "/api/libraries/main"
BORN = "Where was Leonhard Euler born?"


@contextmanager
def client_of(app: FastAPI, accounts: Accounts | None = None) -> Iterator[TestClient]:
    """Give a client of an application behind its guard."""
    guarded = Guard(app, accounts=accounts)
    with TestClient(
        guarded, base_url="http://127.0.0.1:7860", raise_server_exceptions=False
    ) as client:
        yield client
    close(app)


@contextmanager
def service_over(knowledge_base: KnowledgeBase, limits: Limits | None = None) -> Iterator[str]:
    """Serve on a port of loopback as ``kgrag ui`` does; give the address."""
    app = rest(Shelf.around(knowledge_base), limits)
    config = uvicorn.Config(Guard(app), log_level="warning")
    with bind("127.0.0.1", 0) as listener:
        server = Server(config, lambda: close(app))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        wait_until(lambda: server.started)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=PATIENCE_S)


def wait_until(condition: Any) -> None:  # noqa: ANN401  any call without arguments
    """Wait until a condition holds; fail if it does not within ``PATIENCE_S``."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


def document_of(client: TestClient | httpx.Client, name: str, library: str = MAIN) -> str:
    """Return the path of a document by its name."""
    listed = client.get(f"{library}/documents").json()
    return f"{library}/documents/{quote(next(d['id'] for d in listed if d['name'] == name))}"


def events_in(body: str) -> list[tuple[str, Any]]:
    """Return the server-sent events of a body: (name, data)."""
    found = []
    for block in body.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
        if "data" in lines:
            found.append((lines.get("event", ""), json.loads(lines["data"])))
    return found


def error_of(response: Any) -> tuple[int, str, str]:  # noqa: ANN401  of either client
    """Return the status, code and message of a response in the shape of every error."""
    told = response.json()
    assert set(told) == {"error"}
    assert set(told["error"]) == {"code", "message"}
    return response.status_code, told["error"]["code"], told["error"]["message"]
