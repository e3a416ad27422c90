"""In which language the page opens: as was chosen there, else as the browser says."""

from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from ui.page_routes import RUSSIAN

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "kgrag_language"
"""Set by the page when a language is chosen (``static/settings.js``): ``en`` or ``ru``."""


class Welcome:
    """Leads those who speak Russian from ``/`` to the Russian page."""

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, or send whoever makes it to the other page."""
        is_opened = scope["type"] == "http" and scope["method"] == "GET"
        if is_opened and _leads_to_russian(scope):
            from starlette.responses import RedirectResponse

            await RedirectResponse(f"{RUSSIAN}/", 303)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _leads_to_russian(scope: "Scope") -> bool:
    if scope["path"] == "/":
        return _language(dict(scope["headers"])) == "ru"
    return bool(scope["path"] == RUSSIAN)


def _language(headers: dict[bytes, bytes]) -> str:
    try:
        chosen = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1")).get(COOKIE)
    except CookieError:
        chosen = None
    if chosen is not None:
        return chosen.value
    return headers.get(b"accept-language", b"").decode("latin-1")[:2].lower()
