"""A guard before an application that tells what has reached it, and users who may log in."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from indexes.accounts import AccountStore
from indexes.passwords import hash_password
from ui.accounts import Accounts
from ui.server import Server, bind

BASE = "http://127.0.0.1:7860"
PASSWORD = "four words apart"
JOIN = "/gradio_api/queue/join"
LIBRARIES = "/api/libraries"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
PATIENCE_S = 30.0


@dataclass
class Behind:
    """What stands behind the guard: it answers everything, and remembers who asked for what."""

    reached: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        self.reached.append((request.method, request.url.path))
        self.bodies.append(await request.body())
        user = getattr(request.state, "user", None)
        said = {
            "user": user and user.name,
            "id": user and user.id,
            "scheme": request.url.scheme,
            "client": request.client and request.client.host,
            "forwarded": request.headers.get("x-forwarded-host"),
        }
        return JSONResponse(said, headers={"Access-Control-Allow-Origin": "*"})

    async def talk(self, socket: WebSocket) -> None:
        self.reached.append(("SOCKET", socket.url.path))
        await socket.accept()
        await socket.send_text(socket.state.user.name)
        await socket.close()

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/{path:path}", self.answer, methods=METHODS),
                WebSocketRoute("/{path:path}", self.talk),
            ]
        )


def accounts_of(folder: Path, *names: str, **clocks: Any) -> Accounts:  # noqa: ANN401
    """Return the accounts of a folder with these users, the first of whom is an administrator."""
    store = AccountStore.open(folder)
    for name in names:
        store.add(name, hash_password(PASSWORD), is_admin=name == names[0])
    return Accounts(store, **clocks)


def client_of(app: ASGIApp, base: str = BASE, address: str = "127.0.0.1") -> TestClient:
    return TestClient(app, base_url=base, follow_redirects=False, client=(address, 50_000))


def log_in(client: TestClient, name: str, password: str = PASSWORD) -> Any:  # noqa: ANN401
    origin = str(client.base_url).rstrip("/")
    form = {"name": name, "password": password}
    return client.post("/login", data=form, headers={"origin": origin})


@contextmanager
def serving(app: ASGIApp, **config: Any) -> Iterator[int]:  # noqa: ANN401
    """Serve an application by a real server on loopback; give its port."""
    settings = uvicorn.Config(app, **{"log_level": "warning", "proxy_headers": False, **config})
    with bind("127.0.0.1", 0) as listener:
        server = Server(settings, lambda: None)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        deadline = time.monotonic() + PATIENCE_S
        while not server.started:
            assert thread.is_alive()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(PATIENCE_S)
