"""A chat server that writes at a given speed to many at once: ``python -m eval.load.stub``.

It stands in for vLLM under load, as a process of its own: one event loop and one clock for all
streams, for threads would cost more than the writing and slow down what is measured. It writes the
first sentences of the evidence, each with its number, so that every answer passes its check. What
it has seen of its clients stands at ``/seen``; times are those of the machine's monotonic clock.
"""

import asyncio
import json
import re
import sys
import time
from contextlib import suppress
from typing import Any

MODEL = "stub"
CONTEXT_TOKENS = 8192
TOKENS = 100
TOKENS_PER_S = 50.0

_EVIDENCE = re.compile(r"^\[(\d+)\] (.+)$", re.MULTILINE)
_WORDS = 60
"""Words to be written at least: with punctuation and citations they make some hundred tokens."""


class Stub:
    """The server: how it writes, and what it has seen."""

    def __init__(self) -> None:
        self.tokens_per_s = TOKENS_PER_S
        self.begun: list[float] = []
        self.ended: list[float] = []
        self.left: list[float] = []
        """When clients hung up before their answer was at its end."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            stays = True
            while stays:
                path, body, stays = await _request(reader)
                if path == "/v1/chat/completions":
                    await self._write(body, reader, writer)
                    break
                writer.write(_whole(self._small(path, body)))
                await writer.drain()
        writer.close()

    def _small(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        match path:
            case "/v1/models":
                model = {"id": MODEL, "owned_by": "vllm", "max_model_len": CONTEXT_TOKENS}
                return {"object": "list", "data": [model]}
            case "/tokenize":
                return {"count": sum(len(item["content"]) // 4 for item in body["messages"])}
            case "/pace":
                self.tokens_per_s = float(body["tokens_per_s"])
        return {"begun": self.begun, "ended": self.ended, "left": self.left}

    async def _write(
        self, body: dict[str, Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Write an answer as long as the client is there."""
        prompt = "\n".join(str(message["content"]) for message in body["messages"])
        loop, writing = asyncio.get_running_loop(), asyncio.current_task()
        assert writing is not None
        gone = asyncio.ensure_future(reader.read())
        gone.add_done_callback(lambda _: writing.cancel())
        self.begun.append(time.monotonic())
        try:
            writer.write(_HEAD)
            due = loop.time()
            for piece in pieces(answer(prompt)):
                due += 1 / self.tokens_per_s if self.tokens_per_s else 0
                await asyncio.sleep(due - loop.time())
                writer.write(_chunk({"content": piece}))
            writer.write(_chunk({}, "stop") + b"data: [DONE]\n\n")
            self.ended.append(time.monotonic())
        except asyncio.CancelledError:
            self.left.append(time.monotonic())


def answer(prompt: str) -> str:
    """Return the first sentences of the evidence with their numbers, some hundred tokens long."""
    written: list[str] = []
    for number, sentence in _EVIDENCE.findall(prompt):
        if sum(len(item.split()) for item in written) >= _WORDS:
            break
        written.append(f"{sentence} [{number}]")
    return " ".join(written) or "The documents do not say."


def pieces(text: str) -> list[str]:
    """Return the text in ``TOKENS`` pieces of nearly the same length, or one for each character."""
    count = min(TOKENS, len(text))
    edges = [len(text) * number // count for number in range(count + 1)]
    return [text[start:end] for start, end in zip(edges, edges[1:], strict=False)]


async def _request(reader: asyncio.StreamReader) -> tuple[str, dict[str, Any], bool]:
    """Return path and body of the next request, and whether another may follow."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
    data = await reader.readexactly(int(fields.get("content-length", "0")))
    stays = fields.get("connection") != "close"
    return lines[0].split()[1], json.loads(data) if data else {}, stays


# Its end is that of the connection.
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def _chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "model": MODEL, "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


def _whole(body: dict[str, Any]) -> bytes:
    data = json.dumps(body).encode()
    kind = "Content-Type: application/json"
    return f"HTTP/1.1 200 OK\r\n{kind}\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


async def main() -> None:
    """Serve on a free port of loopback, which is told on standard output, until stdin ends."""
    stub = Stub()
    server = await asyncio.start_server(stub.serve, "127.0.0.1", 0, backlog=200)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    # Whoever started it holds the other end: it never outlives them.
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
