"""A server on loopback that speaks OpenAI's protocol for chats, and says what it is told to.

It stands in for a language model where an evaluation needs one that answers at once, or that lies.
What it is to do next (``script``) it does for as many requests; then it does the ``usual``.
"""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "scripted"

Body = dict[str, Any]
Behaviour = Callable[["Exchange"], None]


class Exchange:
    """One request, and the ways to answer it."""

    def __init__(self, server: "ChatServer", handler: BaseHTTPRequestHandler, body: Body) -> None:
        self.body = body
        self.server = server
        self._handler = handler

    @property
    def prompt(self) -> str:
        """Everything that the model is told, in order."""
        return "\n".join(str(message["content"]) for message in self.body["messages"])

    def begin(self, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Send the status and the headers."""
        kind = "text/event-stream" if self.body.get("stream") else "application/json"
        self._handler.send_response(status)
        for name, value in {"Content-Type": kind, **(headers or {})}.items():
            self._handler.send_header(name, value)
        self._handler.send_header("Connection", "close")
        self._handler.end_headers()

    def send(self, data: bytes) -> None:
        """Send bytes, whatever they are."""
        self._handler.wfile.write(data)
        self._handler.wfile.flush()

    def piece(self, text: str | None, finish: str | None = None, **delta: str) -> None:
        """Send a chunk as OpenAI's protocol has it."""
        told = {"content": text, **delta} if text is not None else delta
        choice = {"index": 0, "delta": told, "finish_reason": finish}
        chunk = {"id": "c", "object": "chat.completion.chunk", "model": MODEL, "choices": [choice]}
        self.send(f"data: {json.dumps(chunk)}\n\n".encode())

    def end(self, finish: str = "stop") -> None:
        """Say why it ends, and end."""
        self.piece(None, finish)
        self.send(b"data: [DONE]\n\n")

    def hang(self) -> None:
        """Do nothing until the client has gone, or the test is over."""
        connection = self._handler.connection
        connection.settimeout(0.02)
        while not self.server.released.is_set():
            try:
                if not connection.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.server.left.set()


def say(text: str, *, size: int = 5, pause_s: float = 0.0, finish: str = "stop") -> Behaviour:
    """Answer with this text, ``size`` characters a piece."""

    def behave(exchange: Exchange) -> None:
        exchange.begin()
        exchange.piece("", role="assistant")
        for start in range(0, len(text), size):
            exchange.piece(text[start : start + size])
            time.sleep(pause_s)
        exchange.end(finish)

    return behave


class ChatServer:
    """The server; ``requests`` are the bodies of the chats that it got."""

    def __init__(self) -> None:
        self.script: deque[Behaviour] = deque()
        self.usual: Behaviour = say("The documents do not say.")
        self.owner = "vllm"
        self.context_tokens = 8192
        self.requests: list[Body] = []
        self.authorizations: list[str | None] = []
        self.released = threading.Event()
        self.left = threading.Event()
        """Set once a client has gone while the server hung."""


def _handler_of(server: ChatServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802  http.server's name
            model = {
                "id": MODEL, "owned_by": server.owner, "max_model_len": server.context_tokens,
            }  # fmt: skip
            self._answer({"object": "list", "data": [model]} if self.path == "/v1/models" else None)

        def do_POST(self) -> None:  # noqa: N802  http.server's name
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path == "/tokenize":
                words = sum(len(m["content"]) // 3 for m in body["messages"])
                self._answer({"count": words} if server.owner == "vllm" else None)
                return
            server.requests.append(body)
            server.authorizations.append(self.headers["Authorization"])
            behave = server.script.popleft() if server.script else server.usual
            try:
                behave(Exchange(server, self, body))
            except OSError:
                server.left.set()  # The client has had enough.

        def _answer(self, body: Body | None) -> None:
            data = json.dumps(body or {"detail": "Not Found"}).encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100


@contextmanager
def running(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve on a free port of loopback while the block runs; give the base URL."""
    http = _Http(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_address[1]}/v1"
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


@contextmanager
def serving() -> Iterator[tuple[ChatServer, str]]:
    """Run a server; give it and its base URL."""
    server = ChatServer()
    with running(_handler_of(server)) as endpoint:
        try:
            yield server, endpoint
        finally:
            server.released.set()
