"""Which paths are answered: kgrag's own, and of gradio those alone that the page needs.

gradio answers some eighty more: files by their place on the disk, uploads, calls by name, a proxy,
recordings, deep links, statistics. Nothing of kgrag uses them, so nobody can. The list was taken
from what Chromium asks for while the page is used.
"""

import re

RUSSIAN = "/ru"
"""Below it, the page and gradio's routes stand once more."""

LOGIN, LOGOUT, ACCOUNT, HEALTH = "/login", "/logout", "/account", "/healthz"

PAGES = frozenset({"/", "/docs", ACCOUNT, RUSSIAN, f"{RUSSIAN}/"})
"""What a person opens: without a user, the way leads to the login."""

_OWN = frozenset({HEALTH, "/readyz", "/metrics", "/openapi.json", "/v1/models",
                  "/v1/chat/completions"})  # fmt: skip
_OWN_BELOW = ("/api/", "/kgrag/", "/docs/")

_GRADIO = frozenset({"/config", "/theme.css", "/favicon.ico", "/manifest.json",
                     "/gradio_api/app_id", "/gradio_api/startup-events"})  # fmt: skip
_GRADIO_BELOW = ("/assets/", "/static/")

JOIN = "/gradio_api/queue/join"
DATA = "/gradio_api/queue/data"
_HEARTBEAT = re.compile(r"/gradio_api/heartbeat/([A-Za-z0-9_-]{1,64})\Z")

_ASSETS = ("/assets/", "/static/", "/kgrag/", "/theme.css", "/favicon.ico", "/manifest.json")

_FRAMED = re.compile(r"/api/libraries/[^/]+/evaluation/(?:runs/[^/]+/report|compare\.html)\Z")
_ADDING = re.compile(r"/api/libraries/[^/]+/documents/?\Z")


def without_language(path: str) -> str:
    """Return the path as it is without the Russian page's prefix."""
    below = path.removeprefix(RUSSIAN)
    return below if below != path and below.startswith("/") else path


def is_known(path: str) -> bool:
    """Return whether anything but 404 may come of a path."""
    if path in PAGES or path in _OWN or path.startswith(_OWN_BELOW):
        return True
    path = without_language(path)
    return (
        path in _GRADIO
        or path in (JOIN, DATA)
        or path.startswith(_GRADIO_BELOW)
        or heartbeat_of(path) is not None
    )


def is_asset(path: str) -> bool:
    """Return whether it is the same for everybody, and costs nothing."""
    return without_language(path).startswith(_ASSETS)


def takes_files(path: str) -> bool:
    """Return whether documents are sent to it, which are large."""
    return _ADDING.match(path) is not None


def is_framed(path: str) -> bool:
    """Return whether the page shows what is there within itself, by a policy of its own."""
    return _FRAMED.match(path) is not None


def heartbeat_of(path: str) -> str | None:
    """Return the session whose heartbeat it is."""
    found = _HEARTBEAT.match(path)
    return found[1] if found else None
