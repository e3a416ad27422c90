"""Tells the requests of this page from those that another page makes a browser send.

Why no other page can act or read here in a user's name (CSRF, DNS rebinding, side channels):

- *By another name.* A page on evil.example whose name is made to lead to this machine sends its own
  name as Host. Only loopback names and those that were configured are answered.
- *Across origins, changing something.* Browsers send Origin with every request other than GET and
  HEAD, and no page can set or forge it: it must be scheme and Host of this very request, so that
  ``null`` and another port of this machine are foreign. Where a browser says by Sec-Fetch-Site that
  another site began the request, it is refused whatever else it says.
- *Neither of the two* is sent by programs (curl, an API client), which nobody can make send
  anything, and by browsers from before 2020. Those have the cookie; programs have none. Such a
  request with a cookie is therefore refused, unless it carries a token: what has Authorization:
  Bearer is judged by the token alone, never by the cookie, and a foreign page would need the
  permission of a preflight to send it, which is always refused.
- *Without accounts* there is no cookie to protect a request by or to be misused, and every request
  is answered: then all rests on the two headers, which foreign pages cannot leave out.
- *Across origins, reading.* Pages elsewhere can load pictures, scripts and frames from here, and
  measure how long it takes. By Sec-Fetch-Site they are refused, but for the one thing that
  is wanted: following a link to here. The cookie is SameSite=Strict and does not go with it.
- *Answers* never carry an Access-Control-Allow header, so that nothing of them can be read.

A header that must be single and is there twice is refused: another program may read the other one.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kgrag.loopback import is_loopback

if TYPE_CHECKING:
    from starlette.types import Scope

SAFE_METHODS = frozenset({"GET", "HEAD"})

_SINGLE = (b"host", b"origin", b"authorization", b"sec-fetch-site", b"sec-fetch-mode",
           b"sec-fetch-dest", b"content-length", b"access-control-request-method")  # fmt: skip

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::([0-9]{1,5}))?\Z")


@dataclass(frozen=True)
class Asked:
    """What of a request says where it comes from; ``headers`` are in lower case, the last wins."""

    scope: "Scope"
    headers: dict[bytes, str]
    scheme: str

    @property
    def method(self) -> str:
        """Its method; a websocket counts as one that changes something."""
        return str(self.scope.get("method", "POST"))

    @property
    def host(self) -> str:
        """The name by which this server was reached."""
        return self.headers.get(b"host", "").lower()


def read(scope: "Scope", *, behind_proxy: bool) -> Asked | None:
    """Return what a request says of itself; None where it says something twice.

    ``behind_proxy``: the scheme is what a proxy on this machine says.
    """
    names = [name for name, _ in scope["headers"]]
    if any(names.count(name) > 1 for name in _SINGLE):
        return None
    headers: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        said = value.decode("latin-1")
        is_more = name == b"cookie" and name in headers
        headers[name] = f"{headers[name]}; {said}" if is_more else said
    scheme = str(scope["scheme"]).replace("ws", "http")
    if behind_proxy and comes_from_here(scope):
        told = headers.get(b"x-forwarded-proto", "")
        scheme = told if told in ("http", "https") else scheme
    return Asked(scope, headers, scheme)


def comes_from_here(scope: "Scope") -> bool:
    """Return whether a program on this machine has sent it."""
    client = scope.get("client")
    return client is not None and is_loopback(client[0])


def client_address(scope: "Scope", headers: dict[bytes, str], *, behind_proxy: bool) -> str:
    """Return whom a request comes from: what a proxy here says last, or the other end."""
    if behind_proxy and comes_from_here(scope):
        said = headers.get(b"x-forwarded-for", "").rpartition(",")[2].strip()
        if said:
            return said[:64]
    return str(scope["client"][0]) if scope.get("client") else ""


def is_own_host(asked: Asked, names: frozenset[str]) -> bool:
    """Return whether a request names this server: a name of loopback, or one of ``names``.

    A name without a port stands for the port that is served, and for the usual one.
    """
    found = _HOST.match(asked.host)
    if found is None:
        return False
    name, port = found.groups()
    if is_loopback(name.strip("[]")) or asked.host in names:
        return True
    served = (asked.scope.get("server") or ("", None))[1]
    return name in names and port in (None, str(served))


def is_own(asked: Asked) -> bool:
    """Return whether this page or no page sent it; see the module's docstring."""
    headers = asked.headers
    origin = headers.get(b"origin")
    if origin is not None and origin != f"{asked.scheme}://{asked.host}":
        return False
    if b"access-control-request-method" in headers:
        return False
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none") or _follows_a_link(asked)
    if asked.method in (*SAFE_METHODS, "OPTIONS") or origin is not None:
        return True
    return bearer(headers) is not None or b"cookie" not in headers


def bearer(headers: dict[bytes, str]) -> str | None:
    """Return the token that a request carries."""
    kind, _, token = headers.get(b"authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def _follows_a_link(asked: Asked) -> bool:
    return (
        asked.scope["type"] == "http"
        and asked.method in SAFE_METHODS
        and asked.headers.get(b"sec-fetch-mode") == "navigate"
        and asked.headers.get(b"sec-fetch-dest") == "document"
    )
