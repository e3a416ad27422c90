"""``/login``, ``/logout`` and ``/account``: what a browser needs to have a user, and to lose it.

They stand in the guard, before everything else, so that a request has been found to be this page's
own when it gets here. Whatever they answer is kept by no cache. A login leads on to the page that
was asked for, which is a path of this server and nothing else.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

from starlette.responses import HTMLResponse, RedirectResponse, Response

from indexes.account_schema import AccountsUnavailableError
from indexes.errors import AccountError
from indexes.passwords import MAX_CHARS, MIN_CHARS
from indexes.text import Language
from ui import account_pages
from ui.accounts import COOKIE, SESSION_S, Accounts, LoginError, TooManyTriesError, User
from ui.body import read_whole, serve_within
from ui.page_routes import ACCOUNT, LOGIN, LOGOUT, RUSSIAN
from ui.refusal import Elsewhere, Refused
from ui.words import Words, words

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

MOST_BYTES = 16 << 10

HASHING_AT_ONCE = 2
"""Each takes 32 MiB and a processor; more logins wait for their turn."""

_LANGUAGE = re.compile(r"(?:^|;)\s*kgrag_language=(en|ru)\b")
"""The language that was chosen on the page (``ui.language``)."""

T = TypeVar("T")

Form = Mapping[str, str]


class LoginPages:
    """The three addresses."""

    PATHS = frozenset({LOGIN, LOGOUT, ACCOUNT})

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._hashing = ThreadPoolExecutor(HASHING_AT_ONCE, "kgrag-login")

    async def serve(
        self,
        scope: "Scope",
        receive: "Receive",
        send: "Send",
        *,
        user: User | None,
        secret: str | None,
    ) -> None:
        """Answer one of ``PATHS``; ``secret`` is the session that the browser came with."""
        if scope["type"] != "http":
            raise Refused(404, "not_found", "There is nothing at this address.")

        async def answer(scope: "Scope", receive: "Receive", send: "Send") -> None:
            query = _pairs(scope["query_string"].decode("latin-1"))
            form = await _form(scope, receive) if scope["method"] == "POST" else None
            given = {**query, **(form or {})}
            request = _Request(scope, given, form is not None, user, secret)
            await (await self._response(request))(scope, receive, send)

        await serve_within(MOST_BYTES, answer, scope, receive, send)

    async def _response(self, request: "_Request") -> Response:
        path, method = request.scope["path"], request.scope["method"]
        if path == LOGOUT and request.is_post:
            return self._log_out(request)
        if path == LOGIN and (request.is_post or method in ("GET", "HEAD")):
            return await self._log_in(request) if request.is_post else _ask(request)
        if path == ACCOUNT and request.user is None:
            raise Elsewhere(f"{LOGIN}?next={ACCOUNT}")
        if path == ACCOUNT and request.user is not None and method in ("GET", "HEAD", "POST"):
            return await self._account(request, request.user)
        raise Refused(405, "method_not_allowed", "This address is not asked in that way.")

    async def _log_in(self, request: "_Request") -> Response:
        name, password = request.given.get("name", ""), request.given.get("password", "")
        try:
            secret = await self._hash(
                lambda: self._accounts.log_in(
                    name, password, request.address, before=request.secret
                )
            )
        except AccountError as error:
            return _problem(request, name, error)
        response = RedirectResponse(request.following, 303)
        _set_cookie(response, request, secret)
        return response

    def _log_out(self, request: "_Request") -> Response:
        if request.secret is not None:
            self._accounts.log_out(request.secret)
        response = RedirectResponse(f"{LOGIN}?lang={request.language}", 303)
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return response

    async def _account(self, request: "_Request", user: User) -> Response:
        say, store = words(request.language), self._accounts.store
        shown: dict[str, str] = {}
        secret: str | None = None
        try:
            if request.is_post and request.given.get("revoke"):
                store.remove_token(user, request.given["revoke"])
                shown["done"] = say("account.revoked")
            elif request.is_post and request.given.get("do") == "token":
                shown["new_token"] = store.make_token(user)
            elif request.is_post and request.given.get("do") == "password":
                secret = await self._change_password(request, user)
                shown["done"] = say("account.changed")
        except LoginError:
            shown["problem"] = say("account.wrong_old")
        except AccountError as error:
            shown["problem"] = _words_of(error, say)
        page = account_pages.account_page(say, user, store.tokens(user), **shown)
        response = _page(page, 400 if "problem" in shown else 200)
        if secret is not None:
            _set_cookie(response, request, secret)
        return response

    async def _change_password(self, request: "_Request", user: User) -> str:
        """Change the password, and return a new session: all others have ended."""
        say = words(request.language)
        old, new = request.given.get("old", ""), request.given.get("new", "")
        if new != request.given.get("again", ""):
            raise AccountError(say("account.not_the_same"))
        if not MIN_CHARS <= len(new) <= MAX_CHARS:
            raise AccountError(say("account.length", least=MIN_CHARS, most=MAX_CHARS))

        def change() -> str:
            self._accounts.change_password(user, old, new, request.address)
            return self._accounts.log_in(user.name, new, request.address)

        return await self._hash(change)

    async def _hash(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._hashing, work)


class _Request:
    """What the three addresses read of a request."""

    def __init__(
        self, scope: "Scope", given: Form, is_post: bool, user: User | None, secret: str | None
    ) -> None:
        self.scope, self.given, self.is_post = scope, given, is_post
        self.user, self.secret = user, secret
        self.address = str(scope["client"][0])
        self.is_encrypted = scope["scheme"] == "https"
        self.headers = {name: value.decode("latin-1") for name, value in scope["headers"]}

    @property
    def language(self) -> Language:
        """The language chosen here, that of the page that follows, or the page's or browser's."""
        chosen = self.given.get("lang")
        if chosen in ("en", "ru"):
            return "ru" if chosen == "ru" else "en"
        if "next" in self.given and self.following.startswith(RUSSIAN):
            return "ru"
        kept = _LANGUAGE.search(self.headers.get(b"cookie", ""))
        first = self.headers.get(b"accept-language", "").strip().lower()
        return "ru" if (kept[1] if kept else first[:2]) == "ru" else "en"

    @property
    def following(self) -> str:
        """The own path to lead on to."""
        home = RUSSIAN if self.given.get("lang") == "ru" else "/"
        return own_path(self.given.get("next", "")) or home

    @property
    def is_from_elsewhere(self) -> bool:
        """Whether another site leads here: the browser then withholds the cookie."""
        return self.headers.get(b"sec-fetch-site") in ("cross-site", "same-site")


def own_path(target: str) -> str | None:
    r"""Return a path of this server that a browser takes for nothing else, or None.

    ``//host``, ``/\host`` and control characters, which browsers leave out, lead elsewhere.
    """
    if not target.startswith("/") or target[1:2] in ("/", "\\") or "\\" in target:
        return None
    if any(ord(char) <= 32 or ord(char) == 127 for char in target):
        return None
    if target.split("?")[0] in (LOGIN, LOGOUT):
        return None
    return quote(target, safe="/?&=%:+,;@!$'()*~-._")


def _ask(request: _Request) -> Response:
    """Return the login, or lead on whoever has a user already."""
    if request.user is not None and "lang" not in request.given:
        return RedirectResponse(request.following, 303)
    say = words(request.language)
    if request.is_from_elsewhere:
        query = urlencode({"next": request.following})
        return _page(account_pages.once_more(say, f"{LOGIN}?{query}"), 200)
    return _page(account_pages.login_page(say, following=request.following), 200)


def _problem(request: _Request, name: str, error: AccountError) -> Response:
    say = words(request.language)
    page = account_pages.login_page(
        say, following=request.following, name=name[:64], problem=_words_of(error, say)
    )
    if isinstance(error, TooManyTriesError):
        response = _page(page, 429)
        response.headers["retry-after"] = str(error.wait_s)
        return response
    return _page(page, 401 if isinstance(error, LoginError) else 503)


def _words_of(error: AccountError, say: Words) -> str:
    if isinstance(error, TooManyTriesError):
        return say("account.too_many", seconds=error.wait_s)
    if isinstance(error, AccountsUnavailableError):
        return say("account.unavailable")
    return say("account.wrong") if isinstance(error, LoginError) else str(error)


def _page(content: str, status: int) -> HTMLResponse:
    headers = {"cache-control": "no-store", "content-security-policy": account_pages.POLICY}
    return HTMLResponse(content, status, headers)


def _set_cookie(response: Response, request: _Request, secret: str) -> None:
    response.set_cookie(
        COOKIE,
        secret,
        max_age=SESSION_S,
        path="/",
        httponly=True,
        secure=request.is_encrypted,
        samesite="strict",
    )


async def _form(scope: "Scope", receive: "Receive") -> Form:
    kind = dict(scope["headers"]).get(b"content-type", b"").partition(b";")[0].strip()
    body = await read_whole(receive)
    if kind not in (b"application/x-www-form-urlencoded", b"") or body is None:
        raise Refused(415, "no_form", "Send it as a form.")
    try:
        return _pairs(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Refused(400, "bad_request", "The form is no UTF-8.") from error


def _pairs(text: str) -> Form:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=20))
    except ValueError as error:
        raise Refused(400, "bad_request", "There are too many fields.") from error
