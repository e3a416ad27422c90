"""Stands before everything that is served: whose request is it, and may it be made at all?

In this order: is it addressed to this server, does it come from this page (``ui.own_request`` says
why that holds), who asks, is there such a route (``ui.page_routes``), has the user asked too often,
is it too large, and is the session of the page the user's own. What passes has
``scope["state"]["user"]``. The order matters: a stranger learns nothing of what comes later.

Every answer gets ``HEADERS``. The content security policy lets the browser load from this server
only, so that nothing on the page can reach out even if a text should ever get past
``ui.render.escape``; and no answer carries permission for another page to read it.
"""

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from indexes.errors import AccountError, StorageFullError
from ui import body, own_request, page_routes
from ui.accounts import COOKIE, LOCAL, Accounts, User
from ui.gradio_sessions import GradioSessions
from ui.limits import LimitError, Limits
from ui.login import LoginPages
from ui.own_request import Asked
from ui.refusal import Elsewhere, Refused, refuse
from ui.serve_options import ServeOptions

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = "; ".join(
    (
        "default-src 'none'",
        # gradio compiles its templates in the page: inline and eval are needed, foreign hosts not.
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self' blob:",
        # Reports, which bring a policy of their own: see page_routes.is_framed.
        "frame-src 'self'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_CSP = b"content-security-policy"

HEADERS = {
    _CSP: _POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    # Not no-referrer: with it, browsers send "Origin: null" with the page's own forms.
    b"referrer-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
}

MOST_BYTES = 4 << 20
"""Of a request that carries no documents: a question and its history, a correction, an event."""

WRAPPING_BYTES = 1 << 20
"""What a multipart form may take beside its files: names and boundaries, of some thousand files."""

_DROPPED = (b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-for", b"x-forwarded-prefix",
            b"forwarded")  # fmt: skip
"""Whoever is behind the guard would believe these; what is true of them is in the scope."""

_SESSION = re.compile(rf"(?:^|;)\s*{COOKIE}=([^;]*)")


class Guard:
    """Passes on the requests of this page's own users, and refuses the others."""

    def __init__(
        self,
        app: "ASGIApp",
        options: ServeOptions | None = None,
        *,
        accounts: Accounts | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.app = app
        self._options = options or ServeOptions()
        self._accounts = accounts
        self._login = LoginPages(accounts) if accounts is not None else None
        self._limits = limits or Limits()
        self._sessions = GradioSessions()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        is_kept = self._accounts is None or page_routes.is_asset(path)
        send = _with_headers(send, is_kept=is_kept, is_framed=page_routes.is_framed(path))
        try:
            await self._serve(self._own(scope), receive, send)
        except Refused as refused:
            is_page = path in page_routes.PAGES
            await refuse(refused, scope, receive, send, is_page=is_page)

    async def _serve(self, asked: Asked, receive: "Receive", send: "Send") -> None:
        path = asked.scope["path"]
        secret = _session_secret(asked)
        user = self._user(asked, secret)
        scope = self._scope(asked, user)
        if path == page_routes.HEALTH:
            await body.serve_within(MOST_BYTES, self.app, scope, receive, send)
        elif self._login is not None and path in LoginPages.PATHS:
            await self._login.serve(scope, receive, send, user=user, secret=secret)
        elif user is None:
            raise _unknown(asked)
        else:
            await self._serve_user(user, scope, receive, send)

    async def _serve_user(
        self, user: User, scope: "Scope", receive: "Receive", send: "Send"
    ) -> None:
        path = scope["path"]
        if not page_routes.is_known(path) or _is_deep_link(scope["query_string"]):
            raise Refused(404, "not_found", "There is nothing at this address.")
        if not page_routes.is_asset(path):
            try:
                self._limits.count_request(user)
            except LimitError as error:
                raise Refused(
                    error.status, error.code, str(error), headers=error.headers
                ) from error
        takes_files = page_routes.takes_files(path)
        upload = self._limits.of(user).upload_bytes + WRAPPING_BYTES
        most = upload if takes_files else MOST_BYTES
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return

        async def serve(scope: "Scope", receive: "Receive", send: "Send") -> None:
            receive = await self._sessions.checked(user, scope, receive)
            await self.app(scope, receive, send)

        await body.serve_within(most, serve, scope, receive, send)

    def _own(self, scope: "Scope") -> Asked:
        """Return the request, if this page or no page sent it to this server."""
        asked = own_request.read(scope, behind_proxy=self._options.behind_proxy)
        if asked is None:
            raise Refused(400, "bad_request", "A header that is there once was sent twice.")
        if not own_request.is_own_host(asked, self._options.hosts):
            raise Refused(
                403,
                "foreign_host",
                "This server is not reached by that name. If it should be, start kgrag ui with "
                "--name and the name, with its port where that is another one.",
            )
        if not own_request.is_own(asked):
            raise Refused(
                403,
                "foreign_page",
                "Refused: not a request of this page. A proxy before kgrag must pass on Host and "
                "X-Forwarded-Proto, and kgrag ui be started with --behind-proxy.",
            )
        return asked

    def _user(self, asked: Asked, secret: str | None) -> User | None:
        """Return who asks: by the token if one is given, else by the cookie."""
        if self._accounts is None:
            return LOCAL
        token = own_request.bearer(asked.headers)
        try:
            if token is not None:
                return self._accounts.token_user(token)
            return self._accounts.session_user(secret) if secret is not None else None
        except (AccountError, StorageFullError) as error:
            raise Refused(503, "unavailable", "Nobody can be let in at the moment.") from error

    def _scope(self, asked: Asked, user: User | None) -> "Scope":
        """Return the request as those behind the guard may believe it."""
        scope = dict(asked.scope)
        behind_proxy = self._options.behind_proxy
        address = own_request.client_address(scope, asked.headers, behind_proxy=behind_proxy)
        scope["client"] = (address, (scope.get("client") or ("", 0))[1])
        if scope["type"] == "http":
            scope["scheme"] = asked.scheme
        scope["headers"] = [item for item in scope["headers"] if item[0] not in _DROPPED]
        scope["state"] = {**scope.get("state", {}), **({"user": user} if user else {})}
        return scope


def _with_headers(send: "Send", *, is_kept: bool, is_framed: bool = False) -> "Send":
    """Return what sends answers with ``HEADERS``; a browser keeps them only if ``is_kept``.

    What is shown within the page has a stricter policy than the page, but for being framed by it;
    of two policies, browsers would keep both.
    """

    async def send_guarded(message: "Message") -> None:
        if message["type"] == "http.response.start":
            headers = [
                (name, value)
                for name, value in message.get("headers", ())
                if not name.lower().startswith(b"access-control-")
            ]
            if not is_kept and all(name.lower() != b"cache-control" for name, _ in headers):
                headers.append((b"cache-control", b"no-store"))
            has_own = is_framed and any(name.lower() == _CSP for name, _ in headers)
            own = [item for item in HEADERS.items() if not (has_own and item[0] == _CSP)]
            message = {**message, "headers": [*headers, *own]}
        await send(message)

    return send_guarded


def _is_deep_link(query: bytes) -> bool:
    """Return whether gradio would show what somebody has saved in its folder of uploads."""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return any(name == "deep_link" for name, _ in pairs)


def _session_secret(asked: Asked) -> str | None:
    """Return the session that the browser says it has; None where it says two.

    Another server on this host, or on a sister domain, can add a cookie of the same name: its own
    session, in which the user would then work. Two are therefore none.
    """
    found = _SESSION.findall(asked.headers.get(b"cookie", ""))
    return found[0].strip() if len(found) == 1 else None


def _unknown(asked: Asked) -> Refused:
    """Return the way to the login, or for a program what it lacks."""
    path = asked.scope["path"]
    if path in page_routes.PAGES and asked.method in own_request.SAFE_METHODS:
        query = asked.scope["query_string"].decode("latin-1")
        target = f"{path}?{query}" if query else path
        return Elsewhere(f"{page_routes.LOGIN}?next={quote(target, safe='/')}")
    return Refused(
        401,
        "not_logged_in",
        "Log in, or send a valid token: Authorization: Bearer kgrag_...",
        headers={"WWW-Authenticate": "Bearer"},
    )
