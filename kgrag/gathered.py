"""Gathers the tokens of a streamed answer into fewer events before anybody has to read them.

A served model sends an event for each token, and each costs the layers above some 0.2 ms: at fifty
tokens a second, a score of answers at once would take a core. Sentences are shown when they are
whole, so that tokens within one can be waited for: those that follow each other within ``HELD_S``
become one event, which ends at the latest where a sentence may. All else passes unchanged.
"""

import json
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx

HELD_S = 0.1

_ENDS = re.compile(r"[.!?…\]\n]")
_EVENT_END = re.compile(rb"\r?\n\r?\n")
_DATA = b"data:"


class GatheredStream(httpx.AsyncByteStream):
    """The bytes of an event stream, with neighbouring tokens of one answer in one event."""

    def __init__(self, inner: httpx.AsyncByteStream) -> None:
        self._inner = inner
        self._held: dict[str, Any] | None = None
        self._text = ""
        self._due_s = 0.0
        """When to pass on what is held; at first at once, as the first word is waited for."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        rest = b""
        try:
            async for chunk in self._inner:
                *events, rest = _EVENT_END.split(rest + chunk)
                if passed := b"".join(map(self._take, events)):
                    yield passed
        except httpx.HTTPError:
            # What came before the connection broke is part of the answer all the same.
            if held := self._flush():
                yield held
            raise
        if ended := self._flush() + rest:
            yield ended

    async def aclose(self) -> None:
        """Hang up."""
        await self._inner.aclose()

    def _take(self, event: bytes) -> bytes:
        """Return what is to be passed on now that this event has come."""
        token = _token(event)
        if token is None:
            return self._flush() + event + b"\n\n"
        text = token["choices"][0]["delta"]["content"]
        self._held, self._text = token, self._text + text
        now = time.monotonic()
        if now < self._due_s and not _ENDS.search(text):
            return b""
        self._due_s = now + HELD_S
        return self._flush()

    def _flush(self) -> bytes:
        """Return what is held as one event."""
        held, text = self._held, self._text
        self._held, self._text = None, ""
        if held is None:
            return b""
        held["choices"][0]["delta"]["content"] = text
        return _DATA + b" " + json.dumps(held).encode() + b"\n\n"


def _token(event: bytes) -> dict[str, Any] | None:
    """Return an event that holds nothing but a piece of text; None for any other."""
    if not event.startswith(_DATA) or b"\n" in event:
        return None
    try:
        told = json.loads(event[len(_DATA) :])
        (choice,) = told["choices"]
        delta = choice["delta"]
        is_text = isinstance(delta["content"], str) and bool(delta["content"])
    except (ValueError, TypeError, KeyError):
        return None
    says_more = any(value for key, value in delta.items() if key not in ("content", "role"))
    ends = choice.get("finish_reason") or choice.get("logprobs") or told.get("usage")
    return told if is_text and not says_more and not ends else None
