"""Ways to ask the page: its handlers, or the page itself as a browser does."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import gradio as gr
import httpx

from kgrag import KnowledgeBase, Settings
from kgrag.model_settings import ModelSettings
from tests.ui.library import open_library
from ui.answering import Answering
from ui.events import Open, PageEvents
from ui.limits import Limits
from ui.run import Run
from ui.shelf import Shelf
from ui.words import words

NOTHING = (gr.skip(),) * 5

PATIENCE_S = 30.0

SESSION = "a-session"

FRESH = Open()


def events_of(knowledge_base: KnowledgeBase) -> PageEvents:
    """Return the handlers of an English page over a library."""
    return PageEvents(Shelf.around(knowledge_base), words("en"), Answering(), Limits())


def ask(events: PageEvents, question: str, opened: Open = FRESH) -> tuple[Any, ...]:
    """Return the page with the answer."""
    run = Run(question)
    assert list(events.ask(run, opened))[-1] == gr.skip()
    answered = events.finish(run, opened)
    assert events.finish(run, opened) == NOTHING
    return answered


@contextmanager
def with_model(knowledge_base: KnowledgeBase, endpoint: str) -> Iterator[KnowledgeBase]:
    """Open a library once more, with a language model."""
    settings = Settings(model=ModelSettings(endpoint=endpoint))
    with open_library(knowledge_base.library.folder, settings) as opened:
        yield opened


@contextmanager
def page_over(knowledge_base: KnowledgeBase) -> Iterator[str]:
    """Serve a page as ``ui.app.serve`` does; give its address."""
    import uvicorn

    from ui.server import Server, bind
    from ui.service import Site

    site = Site(Shelf.around(knowledge_base))

    async def built() -> Any:  # noqa: ANN401  an ASGI application
        return site.application()

    # Outside a running loop gradio makes loops, and never closes them.
    with ThreadPoolExecutor(1) as pool:
        config = uvicorn.Config(pool.submit(asyncio.run, built()).result(), log_level="warning")
    with bind("127.0.0.1", 0) as listener:
        server = Server(config, site.close)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        deadline = time.monotonic() + PATIENCE_S
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.05)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=PATIENCE_S)


class OpenPage:
    """What a page in a browser has with the server: a connection that stays open, for one."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=PATIENCE_S)
        heartbeat = self._client.build_request("GET", f"/gradio_api/heartbeat/{SESSION}")
        self._heartbeat = self._client.send(heartbeat, stream=True)
        functions = self._client.get("/config").json()["dependencies"]
        self._begin = next(
            item["id"] for item in functions if any(on == "submit" for _, on in item["targets"])
        )
        self._ask = next(item["id"] for item in functions if item["trigger_after"] == self._begin)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close it, whatever is still to come."""
        self._heartbeat.close()
        self._client.close()

    def ask(self, question: str) -> Iterator[dict[str, Any]]:
        """Ask a question; return what comes of it, the first of which has come."""
        self._call(self._begin, question, None)
        assert any(message["msg"] == "process_completed" for message in self._messages())
        self._call(self._ask, None, None)
        messages = self._messages()
        assert any(message["msg"] == "process_generating" for message in messages)
        return messages

    def _call(self, function: int, *data: object) -> None:
        body = {"fn_index": function, "data": data, "session_hash": SESSION}
        self._client.post("/gradio_api/queue/join", json=body).raise_for_status()

    def _messages(self) -> Iterator[dict[str, Any]]:
        with self._client.stream(
            "GET", "/gradio_api/queue/data", params={"session_hash": SESSION}
        ) as answer:
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    yield json.loads(line.removeprefix("data:"))
