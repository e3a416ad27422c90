"""A language model behind an OpenAI-compatible server such as vLLM, within deadlines.

The model itself is a LlamaIndex ``OpenAILike``. One event loop in a thread of its own drives all
requests: one that is given up is cancelled there, which closes its connection, so that the server
stops writing. Whatever a server does ends in text or in ``ModelError``, in bounded time.
"""

import asyncio
import queue
import threading
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from indexes.errors import KgragError, ModelError
from kgrag.model_errors import BusyError, explain
from kgrag.model_settings import ModelSettings
from kgrag.served import ASK_S, Message, Served, ask_count, ask_served

if TYPE_CHECKING:
    from httpx import AsyncClient
    from llama_index.llms.openai_like import OpenAILike

PAUSES_S = (0.5, 1.0)
"""Before each further try, where a server is busy or broken for the moment."""

MAX_PAUSE_S = 5.0
"""Longer pauses that a server asks for are cut to this: somebody is waiting."""

POLL_S = 0.1

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the model; ``grammar`` is EBNF as xgrammar reads it, or None."""

    messages: Sequence[Message]
    max_tokens: int
    grammar: str | None = None
    schema: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an answer; ``is_cut``: no more comes, though the answer was not at its end."""

    text: str
    is_cut: bool = False


def never() -> bool:
    """Return False: nobody has stopped it."""
    return False


class LanguageModel:
    """The model that the settings name. Safe to share between threads; loaded when first used."""

    def __init__(self, settings: ModelSettings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._client: AsyncClient | None = None
        self._served: Served | None = None
        self._llm: OpenAILike | None = None

    @property
    def name(self) -> str:
        """Where the model is, in words for users."""
        return self.settings.name

    def served(self) -> Served:
        """Return what the server says of the model (asked once).

        Raises
        ------
        ModelError
            The server cannot be reached, or serves no model.
        """
        # Another thread may forget it at any moment: see ``stream``.
        if (served := self._served) is None:
            self._served = served = self._wait(self._ask(ask_served))
        return served

    def load(self) -> None:
        """Do now what the first request would have to wait for: seconds, and one small question.

        Raises
        ------
        ModelError
            The server cannot be reached, or serves no model.
        """
        self.served()
        self._model()

    @property
    def is_constrained(self) -> bool:
        """Whether the server takes a grammar with each request."""
        constraint = self.settings.constraint
        return constraint == "on" or (constraint == "auto" and self.served().is_vllm)

    def stream(self, request: Request, *, stopped: Callable[[], bool] = never) -> Iterator[Piece]:
        """Yield the answer piece by piece; end early once ``stopped`` says so, or on ``close``.

        Raises
        ------
        ModelError
            The server cannot be reached, is too slow, breaks off, refuses or answers wrongly. What
            was yielded before is no whole answer.
        """
        # Here, not in the event loop, which would wait for itself to know what is served.
        llm, options = self._model(), self._options(request)
        pieces: queue.SimpleQueue[Piece | Exception | None] = queue.SimpleQueue()
        work = self._relay(lambda: self._pieces_once(llm, request, options), pieces.put)
        task = asyncio.run_coroutine_threadsafe(work, self._running())
        try:
            while not stopped():
                try:
                    piece = pieces.get(timeout=POLL_S)
                except queue.Empty:
                    continue
                if piece is None:
                    return
                if isinstance(piece, Exception):
                    # It may serve another model when it is asked again.
                    self._served = self._llm = None
                    raise piece
                yield piece
        finally:
            task.cancel()

    def complete(self, request: Request, *, stopped: Callable[[], bool] = never) -> str:
        """Return the whole answer: see ``stream``. One that was cut off is an error."""
        pieces = list(self.stream(request, stopped=stopped))
        if pieces and pieces[-1].is_cut:
            raise ModelError(f"{self.name} was not done after {request.max_tokens} tokens.")
        return "".join(piece.text for piece in pieces)

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Return the tokens of a prompt by the server's own count, or a bound that holds anyhow.

        No tokenizer in use makes more tokens of a text than it has bytes.
        """
        bound = sum(len(text.encode()) + 16 for _, text in messages) + 16
        served = self.served()
        if bound <= self.room_tokens or not served.is_vllm:
            return bound
        try:
            return self._wait(self._ask(partial(ask_count, model=served.model, messages=messages)))
        except ModelError:
            return bound

    @property
    def room_tokens(self) -> int:
        """What a prompt may have, so that an answer has its place after it."""
        return max(self.served().context_tokens - self.settings.answer_tokens, 256)

    def close(self) -> None:
        """Give up what is being written, and let go of the connections."""
        with self._lock:
            loop, thread, client = self._loop, self._thread, self._client
            self._loop = self._thread = self._client = self._llm = self._served = None
        if loop is not None and thread is not None:
            asyncio.run_coroutine_threadsafe(_wind_up(client), loop).result(ASK_S)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(ASK_S)

    # -- in the event loop -----------------------------------------------------------------------

    async def _relay(
        self,
        ask: Callable[[], AsyncIterator[Piece]],
        put: Callable[[Piece | Exception | None], None],
    ) -> None:
        """Pass the pieces on, then None; or the error that ended them."""
        try:
            async with asyncio.timeout(self.settings.total_s):
                async for piece in self._pieces(ask):
                    put(piece)
            put(None)
        except TimeoutError:
            put(ModelError(f"{self.name} took longer than {self.settings.total_s:g} s in all."))
        except asyncio.CancelledError:
            put(ModelError(f"{self.name} was not waited for."))
            raise
        except Exception as error:
            put(error)

    async def _pieces(self, ask: Callable[[], AsyncIterator[Piece]]) -> AsyncIterator[Piece]:
        """Yield the pieces; try again where the server is busy and nothing has come yet."""
        has_begun = False
        for pause in (*PAUSES_S, None):
            try:
                async for piece in ask():
                    has_begun = True
                    yield piece
                return
            except BusyError as busy:
                if has_begun or pause is None:
                    raise
                await asyncio.sleep(min(max(pause, busy.pause_s), MAX_PAUSE_S))

    async def _pieces_once(
        self, llm: "OpenAILike", request: Request, options: Mapping[str, Any]
    ) -> AsyncIterator[Piece]:
        from llama_index.core.llms import ChatMessage

        settings = self.settings
        messages = [ChatMessage(role=role, content=text) for role, text in request.messages]
        reason: str | None = None
        limit_s, waiting_for = settings.first_token_s, "first word"
        loop = asyncio.get_running_loop()
        came_at = loop.time()
        try:
            async with asyncio.timeout_at(came_at + limit_s) as deadline:
                answer = await llm.astream_chat(messages, **options)
                async for response in answer:
                    choices = response.raw.choices
                    reason = (choices[0].finish_reason if choices else None) or reason
                    if response.delta or response.additional_kwargs.get("thinking_delta"):
                        limit_s, waiting_for = settings.gap_s, "next word"
                        deadline.reschedule(loop.time() + limit_s)
                    if response.delta:
                        yield Piece(response.delta)
        except TimeoutError as error:
            raise ModelError(
                f"{self.name} has not sent its {waiting_for} within {limit_s:g} s."
            ) from error
        except Exception as error:
            raise self._plain(error) from error
        if reason is None:
            raise ModelError(f"{self.name} broke off in the middle.")
        if reason == "length":
            yield Piece("", is_cut=True)

    def _options(self, request: Request) -> dict[str, Any]:
        extra: dict[str, Any] = {}
        if self.is_constrained and (request.grammar or request.schema):
            key = "grammar" if request.grammar else "json"
            extra["structured_outputs"] = {key: request.grammar or request.schema}
        elif request.schema and self.settings.constraint != "off":
            extra["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": request.schema},
            }
        if self.served().is_vllm:
            extra["chat_template_kwargs"] = {"enable_thinking": self.settings.thinking}
        return {"max_tokens": request.max_tokens, "extra_body": extra}

    async def _ask(self, question: Callable[["AsyncClient", ModelSettings], Awaitable[T]]) -> T:
        """Ask one of the small questions (``kgrag.served``)."""
        try:
            return await question(self._connected(), self.settings)
        except KgragError:
            raise
        except Exception as error:
            raise self._plain(error) from error

    def _plain(self, error: Exception) -> ModelError:
        """Return what to tell a user of what a request ended in."""
        return explain(error, self.name, self.settings)

    # -- parts, made when first needed -----------------------------------------------------------

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=_run, args=(self._loop,), name="kgrag-model", daemon=True
                )
                self._thread.start()
            return self._loop

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what comes of it; never to be called within the loop, which would stand still."""
        assert threading.current_thread() is not self._thread
        return asyncio.run_coroutine_threadsafe(work, self._running()).result()

    def _connected(self) -> "AsyncClient":
        from kgrag.bounded_http import connect

        if self._client is None:
            longest_s = max(self.settings.first_token_s, self.settings.gap_s)
            self._client = connect(connect_s=self.settings.connect_s, read_s=longest_s)
        return self._client

    def _model(self) -> "OpenAILike":
        from llama_index.llms.openai_like import OpenAILike

        if (llm := self._llm) is None:
            served = self.served()
            self._llm = llm = OpenAILike(
                model=served.model,
                api_base=self.settings.endpoint,
                # Given even where there is none, lest one be taken from the environment.
                api_key=self.settings.read_key() or "none",
                context_window=served.context_tokens,
                temperature=self.settings.temperature,
                is_chat_model=True,
                max_retries=0,
                async_http_client=self._connected(),
            )
        return llm


def _run(loop: asyncio.AbstractEventLoop) -> None:
    """Run a loop until it is stopped."""
    try:
        loop.run_forever()
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _wind_up(client: "AsyncClient | None") -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if client is not None:
        await client.aclose()
