"""A request that is not answered as it wished: status, code and plain words.

Programs get them as JSON, in the shape of every error of the service; a person gets the sentence.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class Refused(Exception):  # noqa: N818  not an error: the answer to somebody else's
    """Why a request is refused.

    Parameters
    ----------
    status, code, message:
        As the response has them.
    headers:
        Further headers of the response.
    """

    def __init__(
        self, status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, dict(headers or {})

    def response(self, *, is_page: bool) -> Response:
        """Return the answer for a page that a person opens, or for a program."""
        if is_page:
            return PlainTextResponse(str(self), self.status, self.headers)
        error = {"code": self.code, "message": str(self)}
        return JSONResponse({"error": error}, self.status, self.headers)


class Elsewhere(Refused):
    """What was asked for is not given here, but a page leads on."""

    def __init__(self, location: str) -> None:
        super().__init__(303, "elsewhere", "See another page.")
        self.location = location

    def response(self, *, is_page: bool) -> Response:
        """Return the way to the page."""
        return RedirectResponse(self.location, self.status)


async def refuse(
    refused: Refused, scope: "Scope", receive: "Receive", send: "Send", *, is_page: bool
) -> None:
    """Answer a request, or close a websocket before it is open."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await refused.response(is_page=is_page)(scope, receive, send)
