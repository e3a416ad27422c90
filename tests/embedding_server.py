"""A real server on loopback that speaks OpenAI's protocol for embeddings, and can be made to fail.

It embeds by ``HashEmbedder``. What it is told to do next (``script``) it does for as many requests;
then it answers well again.
"""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from eval.scripted_model import running
from tests.fakes import HashEmbedder

MODEL = "hash"


@dataclass(frozen=True)
class Reply:
    """What to answer: a status, a body, headers; ``drip_s`` seconds between its bytes."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    drip_s: float = 0.0


Behaviour = Callable[[list[str]], Reply]


def well(texts: list[str], dimension: int = 64) -> Reply:
    """Answer as one should."""
    rows = HashEmbedder(dimension).embed(texts).tolist()
    data = [{"object": "embedding", "index": at, "embedding": row} for at, row in enumerate(rows)]
    return answer(data)


def answer(data: object) -> Reply:
    body = {"object": "list", "model": MODEL, "data": data, "usage": {"total_tokens": 1}}
    return Reply(200, json.dumps(body).encode())


def error(status: int, message: str, headers: Mapping[str, str] | None = None) -> Behaviour:
    body = {"error": {"message": message, "type": "SomeError", "code": status}}
    return lambda _: Reply(status, json.dumps(body).encode(), headers or {})


class EmbeddingServer:
    """The server; ``requests`` are the bodies that it got, ``authorizations`` their keys."""

    def __init__(self) -> None:
        self.script: deque[Behaviour] = deque()
        self.usual: Behaviour = well
        self.requests: list[dict[str, Any]] = []
        self.authorizations: list[str | None] = []
        self.released = threading.Event()

    def texts(self) -> list[list[str]]:
        return [request["input"] for request in self.requests]

    def hang(self, _: list[str]) -> Reply:
        """Answer only when the test is over."""
        self.released.wait(30)
        return Reply(200, b"{}")

    def reply(self, path: str, request: dict[str, Any], authorization: str | None) -> Reply:
        self.requests.append(request)
        self.authorizations.append(authorization)
        if path != "/v1/embeddings":
            return Reply(404, b'{"detail":"Not Found"}')
        if request["model"] != MODEL:
            told = f"The model `{request['model']}` does not exist."
            return error(404, told)([])
        assert request["encoding_format"] == "float"
        behaviour = self.script.popleft() if self.script else self.usual
        return behaviour(request["input"])


@contextmanager
def serving() -> Iterator[tuple[EmbeddingServer, str]]:
    """Run a server; give it and its base URL."""
    server = EmbeddingServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:  # noqa: N802  http.server's name
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            reply = server.reply(self.path, request, self.headers["Authorization"])
            if not reply.status:
                self.close_connection = True  # hangs up without a word
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            try:
                for byte in reply.body if reply.drip_s else ():
                    self.wfile.write(bytes([byte]))
                    if server.released.wait(reply.drip_s):
                        break
                self.wfile.write(b"" if reply.drip_s else reply.body)
            except OSError:
                self.close_connection = True  # the client has had enough

        def log_message(self, *_: object) -> None:
            pass

    with running(Handler) as endpoint:
        try:
            yield server, endpoint
        finally:
            server.released.set()
