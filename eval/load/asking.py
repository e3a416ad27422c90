"""Those who ask under load: pages that speak gradio's protocol, and streams of the REST interface.

Each tells when the first written word came and when the answer was whole, in seconds from the
question. A page is held open by a connection of its own, as a browser holds it.
"""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from eval.load.http import JSON, LoadError, get, opened, post

WRITTEN = b"kg-sentence"
"""What the page's first written sentence has, and what it shows before has not."""

EVIDENCE = "\n".join(f"[{number}] {'word ' * 14}." for number in range(1, 20))
"""What the stub is given to write of where it is asked by itself."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds from the question to the first sentence, and to the end of the answer."""

    first_s: float
    whole_s: float


class Page:
    """One open page: the functions that its box for questions calls, and its session."""

    def __init__(self, url: str, config: dict[str, Any]) -> None:
        self._url = url
        self._session = secrets.token_hex(6)
        self._components = {item["id"]: item for item in config["components"]}
        functions = config["dependencies"]
        self._begin = next(
            item for item in functions if any(event == "submit" for _, event in item["targets"])
        )
        self._ask = next(item for item in functions if item["trigger_after"] == self._begin["id"])
        self._finish = next(item for item in functions if item["trigger_after"] == self._ask["id"])

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator["Page"]:
        """Load the page's description, and hold its connection while the block runs."""
        page = cls(url, json.loads(await get(f"{url}/config")))
        async with opened(f"{url}/gradio_api/heartbeat/{page._session}"):
            yield page

    async def ask(self, question: str) -> Timing:
        """Ask a first question, and wait for the whole answer.

        Raises
        ------
        LoadError
            The page showed no answer.
        """
        started, first_s = time.perf_counter(), 0.0
        async for line in self.asking(question):
            if not first_s and WRITTEN in line:
                first_s = time.perf_counter() - started
        if not first_s:
            raise LoadError("the page showed no sentence of an answer")
        return Timing(first_s, time.perf_counter() - started)

    async def asking(self, question: str) -> AsyncIterator[bytes]:
        """Ask; yield what the page gets to hear of the answer, line by line."""
        async for _ in self._call(self._begin, question):
            pass
        for function in (self._ask, self._finish):
            async for line in self._call(function):
                yield line

    async def _call(self, function: dict[str, Any], *given: object) -> AsyncIterator[bytes]:
        """Call a function of the page; yield its messages.

        Raises
        ------
        LoadError
            It failed.
        """
        defaults = [self._value(number) for number in function["inputs"][len(given) :]]
        call = {"fn_index": function["id"], "data": [*given, *defaults]}
        session = {"session_hash": self._session}
        await post(f"{self._url}/gradio_api/queue/join", call | session)
        is_done = False
        data = f"{self._url}/gradio_api/queue/data?session_hash={self._session}"
        async with opened(data) as lines:
            async for line in lines:
                if b'"process_completed"' in line:
                    is_done = True
                    if not json.loads(line.removeprefix(b"data:"))["success"]:
                        raise LoadError(f"a function of the page failed: {line[:300]!r}")
                yield line
        if not is_done:
            raise LoadError("the page heard no end of what it called")

    def _value(self, number: int) -> object:
        component = self._components[number]
        return None if component["type"] == "state" else component["props"].get("value")


async def ask_page(url: str, question: str) -> Timing:
    """Open a page and ask: see ``Page.ask``."""
    async with Page.open(url) as page:
        return await page.ask(question)


async def ask_rest(url: str, question: str) -> Timing:
    """Ask by REST with a stream of events; wait for the whole answer.

    Raises
    ------
    LoadError
        No sentence or no answer came.
    """
    started, first_s, is_whole = time.perf_counter(), 0.0, False
    async for event in rest_events(url, question):
        if event == "token" and not first_s:
            first_s = time.perf_counter() - started
        is_whole = is_whole or event == "answered"
    if not (first_s and is_whole):
        raise LoadError("the stream ended without an answer")
    return Timing(first_s, time.perf_counter() - started)


async def rest_events(url: str, question: str) -> AsyncGenerator[str, None]:
    """Yield the names of the events of an answer, as they come.

    Raises
    ------
    LoadError
        One of them is an error.
    """
    body = json.dumps({"question": question, "stream": True}).encode()
    name = ""
    async with opened(f"{url}/api/libraries/main/ask", body, JSON) as lines:
        async for line in lines:
            if line.startswith(b"event:"):
                name = line.removeprefix(b"event:").strip().decode()
                yield name
            elif name == "error" and line.startswith(b"data:"):
                raise LoadError(f"the answer failed: {line[:300]!r}")


async def ask_stub(endpoint: str) -> Timing:
    """Ask the stub itself, for what its own writing takes.

    Raises
    ------
    LoadError
        It broke off.
    """
    told = {"messages": [{"role": "user", "content": EVIDENCE}], "stream": True}
    started, first_s = time.perf_counter(), 0.0
    async with opened(f"{endpoint}/chat/completions", json.dumps(told).encode(), JSON) as lines:
        async for line in lines:
            first_s = first_s or time.perf_counter() - started
            if line == b"data: [DONE]\n":
                return Timing(first_s, time.perf_counter() - started)
    raise LoadError("the stub broke off")


async def together(*asking: Awaitable[Timing]) -> tuple[list[Timing], list[str]]:
    """Wait for all; return the timings of those that were answered, and what ended the others."""
    done = await asyncio.gather(*asking, return_exceptions=True)
    failures = [f"{type(item).__name__}: {item}" for item in done if isinstance(item, Exception)]
    return [item for item in done if isinstance(item, Timing)], failures


async def abandon_page(url: str, question: str, leave: asyncio.Event) -> None:
    """Ask in a page that is closed once ``leave`` is set, whatever is still to come."""
    async with Page.open(url) as page:
        asking = asyncio.ensure_future(page.ask(question))
        await leave.wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


async def abandon_rest(url: str, question: str, leave: asyncio.Event) -> None:
    """Ask by a stream that is dropped once ``leave`` is set."""
    async with aclosing(rest_events(url, question)) as events:
        asking = asyncio.ensure_future(_drain(events))
        await leave.wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


async def _drain(events: AsyncIterator[str]) -> None:
    async for _ in events:
        pass
