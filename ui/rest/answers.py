"""An answer as it is written, for the routes that ask: in a thread, counted, given up in time."""

import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from indexes.scope import Filter
from kgrag.events import Answer, Answered, Event, Token
from ui.answer_view import Turn
from ui.conversation import store
from ui.rest.errors import ApiError
from ui.rest.turns import earlier

if TYPE_CHECKING:
    from kgrag import KnowledgeBase
    from ui.rest.asker import Chosen

Events = AsyncGenerator[Event | None, None]
"""None: nothing has come for a while."""


@dataclass(frozen=True)
class Asking:
    """A question; ``conversation`` is the id of the one that it belongs to, or empty."""

    question: str
    documents: Sequence[str] = ()
    conversation: str = ""
    history: Sequence[Answer] = field(default=())


async def stream(chosen: "Chosen", asked: Asking) -> Events:
    """Yield the events of an answer; the language model is stopped once this is closed."""
    began = time.perf_counter()
    metrics = chosen.service.metrics
    is_waiting = True

    def begin(stopped: Callable[[], bool]) -> Iterator[Event]:
        return _events(chosen.open(), asked, stopped)

    with chosen.service.limits.admit(chosen.user):
        async with chosen.service.relay(begin) as events:
            async for item in events:
                if is_waiting and isinstance(item, Token):
                    is_waiting = False
                    metrics.began(time.perf_counter() - began)
                if isinstance(item, Answered):
                    metrics.answered(item.answer)
                yield item


async def first_of(events: Events) -> Event | None:
    """Return the first event: what goes wrong until then can have a status of its own."""
    return await anext(events, None)


async def whole(first: Event | None, events: Events) -> Answer:
    """Return the answer at the end of the events.

    Raises
    ------
    ApiError
        It was stopped: the server is shutting down.
    """
    answer = first.answer if isinstance(first, Answered) else None
    async with aclosing(events):
        async for item in events:
            if isinstance(item, Answered):
                answer = item.answer
    if answer is None:
        raise ApiError(503, "closing", "The server is shutting down.")
    return answer


def _events(kb: "KnowledgeBase", asked: Asking, stopped: Callable[[], bool]) -> Iterator[Event]:
    """Yield the events of an answer; in a conversation, the turn is kept before it is told."""
    history = earlier(kb, asked.conversation) if asked.conversation else asked.history
    where = Filter(documents=tuple(asked.documents)) if asked.documents else None
    for item in kb.stream(asked.question, history=history, where=where, stopped=stopped):
        if isinstance(item, Answered) and asked.conversation:
            store(kb, asked.conversation, Turn(asked.question, item.answer))
        yield item
