"""Routes of OpenAI's protocol, in which a library is a model: for any chat client.

The text carries the numbers of its citations, ``[1]``; what each stands for are annotations of the
message, in the shape that OpenAI publishes for citations of files, with the quotation and its place
beside it:

    {"type": "file_citation", "text": "[1]", "start_index": 51, "end_index": 54,
     "file_citation": {"file_id": "sha256:...", "filename": "euler.pdf", "index": 1,
                       "quote": "...", "page": 3, "start": 210, "end": 260}}

``start_index`` and ``end_index`` are where the mark stands in the message, in characters;
``start`` and ``end`` where the quotation stands in the document. System messages are not followed,
because what may be said is decided by the documents.
"""

import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from indexes.errors import LibraryNotFoundError
from kgrag.events import Answered, Event, Token
from ui.rest.answers import Asking, Events, first_of, stream, whole
from ui.rest.asker import Asker, Chosen, Shared
from ui.rest.errors import ApiError, shape
from ui.rest.json import Json, dumps
from ui.rest.openai_text import (
    Said,
    annotations,
    count_words,
    earlier_answers,
    final_text,
)
from ui.rest.search import QUESTION_CHARS
from ui.rest.streams import EventStream, while_connected

if TYPE_CHECKING:
    from indexes.accounts import User
    from ui.rest.service import Service

routes = APIRouter(prefix="/v1", tags=["OpenAI-compatible"])

MESSAGES = 200
MESSAGE_CHARS = 200_000


class Part(BaseModel):
    """A part of a message; only text is read."""

    type: str = "text"
    text: str = Field("", max_length=MESSAGE_CHARS)


class ChatMessage(BaseModel):
    """A message of a chat."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[str, Field(max_length=MESSAGE_CHARS)] | list[Part] | None = None

    @property
    def text(self) -> str:
        """What it says."""
        if isinstance(self.content, list):
            return " ".join(part.text for part in self.content if part.type == "text").strip()
        return (self.content or "").strip()


class StreamOptions(BaseModel):
    """How to stream."""

    include_usage: bool = False


class Chat(BaseModel):
    """A request; what is not named here (temperature, tools ...) has no effect."""

    model: str = Field(max_length=200, examples=["main"], description="Id or name of a library")
    messages: list[ChatMessage] = Field(
        min_length=1,
        max_length=MESSAGES,
        examples=[[{"role": "user", "content": "Where was Leonhard Euler born?"}]],
    )
    stream: bool = False
    stream_options: StreamOptions | None = None

    @property
    def asked(self) -> Asking:
        """The last question, and what was said before it."""
        turns: list[tuple[str, str]] = []
        for message in self.messages:
            if message.role == "user" and message.text:
                turns.append((message.text, ""))
            elif message.role == "assistant" and turns:
                turns[-1] = (turns[-1][0], message.text)
        if not turns:
            raise ApiError(400, "bad_request", "There is no message of the role user.")
        question = turns.pop()[0]
        if len(question) > QUESTION_CHARS:
            told = f"The question is longer than {QUESTION_CHARS} characters."
            raise ApiError(400, "too_long", told)
        return Asking(question, history=earlier_answers(turns))


@routes.get("/models", summary="List the libraries as models")
async def models(service: Shared, user: Asker) -> Response:
    """Return your libraries: each id is the name of a model."""
    found = await service.run(lambda: service.shelf.libraries(user))
    listed = [
        {"id": item.id, "object": "model", "created": 0, "owned_by": "kgrag", "name": item.name}
        for item in found
    ]
    return Json({"object": "list", "data": listed})


@routes.post("/chat/completions", summary="Chat with a library")
async def chat(
    service: Shared, user: Asker, wanted: Annotated[Chat, Body()], request: Request
) -> Response:
    """Answer the last message of the user from a library, with citations as annotations.

    Earlier messages are what it may refer to. The text carries the numbers of its citations; the
    annotations of the message (with `stream`: of the last piece) tell document, page, place and
    quotation of each. `usage` counts words and signs, as kgrag asks no tokenizer.
    """
    asked = wanted.asked
    library = await service.run(lambda: _library(service, user, wanted.model))
    events = stream(Chosen(service, user, library), asked)
    first = await while_connected(request.receive, first_of(events))
    completion = _Completion(wanted)
    if wanted.stream:
        return EventStream(completion.pieces(first, events), failed=_failed)
    answer = await while_connected(request.receive, whole(first, events))
    return Json(completion.whole(final_text(answer), annotations(answer)))


def _library(service: "Service", user: "User", model: str) -> str:
    """Return the id of the library that a model's name stands for: its id, or its name."""
    try:
        service.shelf.get(user, model)
        return model
    except LibraryNotFoundError:
        named = model.strip().casefold()
        for item in service.shelf.libraries(user):
            if item.name and item.name.casefold() == named:
                return item.id
        raise


class _Completion:
    """One completion, as a whole or in pieces."""

    def __init__(self, wanted: Chat) -> None:
        self._id = f"chatcmpl-{secrets.token_hex(12)}"
        self._created = int(time.time())
        self._wanted = wanted

    def whole(self, text: str, cited: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the completion."""
        message = {"role": "assistant", "content": text, "refusal": None, "annotations": cited}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return self._about("chat.completion", [choice]) | {"usage": self._usage(text)}

    async def pieces(
        self, first: Event | None, events: Events
    ) -> AsyncGenerator[bytes | None, None]:
        """Yield the completion piece by piece."""
        said = Said()
        yield self._piece({"role": "assistant", "content": ""})
        async with aclosing(events):
            async for item in _all(first, events):
                if isinstance(item, Token):
                    if text := said.add(item):
                        yield self._piece({"content": text})
                elif isinstance(item, Answered):
                    text, cited = said.end(item.answer)
                    if text:
                        yield self._piece({"content": text})
                    yield self._piece({"annotations": cited}, "stop")
                elif item is None:
                    yield None
        options = self._wanted.stream_options
        if options is not None and options.include_usage:
            chunk = self._about("chat.completion.chunk", [])
            yield _data(chunk | {"usage": self._usage(said.text)})
        yield b"data: [DONE]\n\n"

    def _piece(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _data(self._about("chat.completion.chunk", [choice]))

    def _about(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": self._id,
            "object": kind,
            "created": self._created,
            "model": self._wanted.model,
            "choices": choices,
        }

    def _usage(self, text: str) -> dict[str, int]:
        prompt = sum(count_words(message.text) for message in self._wanted.messages)
        said = count_words(text)
        return {
            "prompt_tokens": prompt,
            "completion_tokens": said,
            "total_tokens": prompt + said,
        }


async def _all(first: Event | None, events: Events) -> AsyncGenerator[Event | None, None]:
    if first is not None:
        yield first
    async for item in events:
        yield item


def _data(value: object) -> bytes:
    return b"data: " + dumps(value) + b"\n\n"


def _failed(code: str, message: str) -> bytes:
    return _data(shape(code, message))
