"""Server-sent events, and clients that leave: whatever is done for them ends at once."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.responses import Response

from ui.rest.errors import described
from ui.rest.json import STORE_NOWHERE, dumps

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

T = TypeVar("T")

EVENTS = "text/event-stream"

_STILL_HERE = b": still here\n\n"


def wants_events(request: "Request") -> bool:
    """Return whether the client asks for server-sent events."""
    return EVENTS in request.headers.get("accept", "")


def event(name: str, data: object) -> bytes:
    """Return one event."""
    return b"event: " + name.encode() + b"\ndata: " + dumps(data) + b"\n\n"


async def while_connected(receive: "Receive", work: Coroutine[Any, Any, T]) -> T:
    """Return what the work comes to; once the client has left, it is cancelled.

    Raises
    ------
    ClientDisconnect
        The client has left.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientDisconnect
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


class EventStream(Response):
    """Sends what an iterator yields; None as a sign of life.

    An error is sent as what ``failed`` makes of its code and message: an event ``error``.
    """

    media_type = EVENTS

    def __init__(
        self,
        events: AsyncGenerator[bytes | None, None],
        failed: Callable[[str, str], bytes] | None = None,
    ) -> None:
        super().__init__(headers={**STORE_NOWHERE, "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._events = events
        self._failed = failed or _failed

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Send it to the end, or until the client leaves."""
        await while_connected(receive, self._send(send))

    async def _send(self, send: "Send") -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        try:
            # Closed explicitly: a client may leave while a piece is being sent.
            async with aclosing(self._events) as events:
                async for item in events:
                    body = _STILL_HERE if item is None else item
                    await send({"type": "http.response.body", "body": body, "more_body": True})
        except Exception as error:
            _, code, message = described(error)
            body = self._failed(code, message)
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _failed(code: str, message: str) -> bytes:
    return event("error", {"code": code, "message": message})


async def _left(receive: "Receive") -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
