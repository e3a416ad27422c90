"""An HTTP client that reaches one server only, and takes no more from it than it should send.

No proxy of the environment, no redirect. A server that sends without end, or a line without end,
is cut off: what reads streams of events above this copies a line each time that it grows.
"""

from collections.abc import AsyncIterator

import httpx

from kgrag.gathered import GatheredStream

MAX_ANSWER_BYTES = 16 << 20
MAX_LINE_BYTES = 256 << 10
"""A token with everything around it is some 300 bytes long; a list of models, a few thousand."""


class TooMuchError(httpx.StreamError):
    """The server sent more than any answer needs."""


class _BoundedStream(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        total = line = 0
        async for chunk in self._inner:
            total += len(chunk)
            newline = chunk.rfind(b"\n")
            line = line + len(chunk) if newline < 0 else len(chunk) - newline - 1
            if total > MAX_ANSWER_BYTES or line > MAX_LINE_BYTES:
                raise TooMuchError(f"the server sent {total:,} bytes and more")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Transport(httpx.AsyncHTTPTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _BoundedStream(response.stream)
        if response.headers.get("content-type", "").startswith("text/event-stream"):
            response.stream = GatheredStream(response.stream)
        return response


def connect(*, connect_s: float, read_s: float) -> httpx.AsyncClient:
    """Return a client; ``read_s`` are the seconds without a byte after which it gives up."""
    return httpx.AsyncClient(
        transport=_Transport(limits=httpx.Limits(max_connections=None)),
        timeout=httpx.Timeout(read_s, connect=connect_s, pool=None),
        headers={"Accept-Encoding": "identity"},
        follow_redirects=False,
        trust_env=False,
    )
