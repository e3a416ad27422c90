"""The bodies of requests: never more than a limit, and read before they are passed on.

What says its length is refused before a byte is read. What does not, or lies, is cut off as soon as
it is too long: to the application it looks as if the other end had hung up, and whatever the
application then answers is replaced by the refusal.
"""

from typing import TYPE_CHECKING

from ui.refusal import Refused

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


def too_large(most: int) -> Refused:
    """Return the refusal of a body of more than ``most`` bytes."""
    return Refused(
        413, "too_large", f"The request is larger than {most:,} bytes, which is the most here."
    )


async def serve_within(
    most: int, app: "ASGIApp", scope: "Scope", receive: "Receive", send: "Send"
) -> None:
    """Call an application with a body of ``most`` bytes at the most; raises ``Refused``."""
    stated = dict(scope["headers"]).get(b"content-length", b"0")
    if not stated.isdigit() or int(stated[:20]) > most:
        raise too_large(most)
    limited = _Limited(most, receive, send)
    try:
        await app(scope, limited.receive, limited.send)
    except Exception:  # Whatever an application makes of a request that is cut off.
        if not limited.is_over:
            raise
    if limited.is_over and not limited.is_answered:
        raise too_large(most)


class _Limited:
    """A request of which no more than ``most`` bytes are passed on."""

    def __init__(self, most: int, receive: "Receive", send: "Send") -> None:
        self._left = most
        self._receive, self._send = receive, send
        self.is_over = self.is_answered = False

    async def receive(self) -> "Message":
        """Pass on what comes, until it is too much."""
        if self.is_over:
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                self.is_over = True
                return {"type": "http.disconnect"}
        return message

    async def send(self, message: "Message") -> None:
        """Pass on the answer, unless it is one to a request that was cut off."""
        if self.is_over and not self.is_answered:
            return
        self.is_answered = True
        await self._send(message)


async def read_whole(receive: "Receive") -> bytes | None:
    """Return the body; None where the other end hung up before its end."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def replayed(body: bytes, receive: "Receive") -> "Receive":
    """Return what gives a body that was read once more, and then what is still to come."""
    is_given = False

    async def again() -> "Message":
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
