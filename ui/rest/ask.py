"""Route: a question and its cited answer, whole or sentence by sentence."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, Field, field_validator
from starlette.responses import Response

from kgrag.events import Event, Retrieved, Token
from kgrag.shapes import answer_shape, search_shape, sentence_shape
from ui.rest.answers import Asking, Events, first_of, stream, whole
from ui.rest.asker import Library
from ui.rest.json import Json
from ui.rest.search import QUESTION_CHARS
from ui.rest.streams import EVENTS, EventStream, event, wants_events, while_connected

routes = APIRouter(tags=["questions"])

_EXAMPLE = {
    "question": "Where was Leonhard Euler born?",
    "understood": "Where was Leonhard Euler born?",
    "answer": "Leonhard Euler was born in Basel on 15 April 1707. [1]",
    "sentences": [
        {
            "text": "Leonhard Euler was born in Basel on 15 April 1707.",
            "citations": [1],
            "supported": True,
            "verdict": "supported",
            "reason": None,
            "highlight": [27, 32],
        }
    ],
    "citations": [
        {
            "n": 1,
            "document": "euler-lecture-notes.pdf",
            "document_id": "sha256:4f0c...",
            "page": 1,
            "start": 210,
            "end": 260,
            "quote": "Leonhard Euler was born in Basel on 15 April 1707.",
            "facts": [
                {"subject": "Leonhard Euler", "relation": "place of birth", "object": "Basel"}
            ],
        }
    ],
    "abstained": False,
    "why": None,
    "nearest": [],
    "mode": "quote",
    "notice": None,
    "seconds": 0.0312,
}


class Question(BaseModel):
    """What is asked."""

    question: str = Field(min_length=1, max_length=QUESTION_CHARS)
    conversation: str | None = Field(
        None,
        max_length=100,
        description="Id of the conversation that it belongs to, in which the turn is kept",
    )
    documents: list[str] = Field(
        [], max_length=1000, description="Ids or names of documents: no other is consulted"
    )
    stream: bool = Field(False, description="Answer as server-sent events")

    model_config = {
        "json_schema_extra": {"examples": [{"question": "Where was Leonhard Euler born?"}]}
    }

    @field_validator("question")
    @classmethod
    def _says_something(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("ask something")
        return value.strip()


@routes.post(
    "/api/libraries/{library}/ask",
    summary="Ask",
    responses={200: {"content": {"application/json": {"example": _EXAMPLE}, EVENTS: {}}}},
)
async def ask(chosen: Library, asked: Annotated[Question, Body()], request: Request) -> Response:
    """Return a cited answer.

    Every sentence carries the numbers of its citations and what its sources make of it: only what
    is *supported* or *partly* supported is in `answer`. Where the documents do not answer,
    `abstained` is true, `why` says what they lack, and `nearest` holds what comes nearest.

    With `stream` or `Accept: text/event-stream`, the answer comes as events: `retrieved` (as
    /search gives it), `token` {text, sentence, is_anew} for each sentence (`is_anew`: those before
    it are dropped), `answered` (the whole answer), or `error` {code, message}. Leaving the
    connection stops the language model.
    """
    events = stream(
        chosen, Asking(asked.question, asked.documents, conversation=asked.conversation or "")
    )
    first = await while_connected(request.receive, first_of(events))
    if asked.stream or wants_events(request):
        return EventStream(_sent(first, events))
    return Json(answer_shape(await while_connected(request.receive, whole(first, events))))


async def _sent(first: Event | None, events: Events) -> AsyncGenerator[bytes | None, None]:
    async with aclosing(events):
        if first is not None:
            yield _told(first)
        async for item in events:
            yield None if item is None else _told(item)


def _told(item: Event) -> bytes:
    if isinstance(item, Retrieved):
        return event("retrieved", search_shape(item.result))
    if isinstance(item, Token):
        return event(
            "token",
            {
                "text": item.text,
                "sentence": sentence_shape(item.sentence),
                "is_anew": item.is_anew,
            },
        )
    return event("answered", answer_shape(item.answer))
