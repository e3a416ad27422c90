"""Responses that can carry whatever a document, a file name or a model says."""

import json
import re
from collections.abc import Mapping

from starlette.responses import Response

_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a character, as broken text may hold: neither UTF-8 nor JSON has a way to write it."""

STORE_NOWHERE = {"Cache-Control": "no-store"}


def dumps(value: object) -> bytes:
    """Return a value as JSON in UTF-8."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return carried(text).encode()


def carried(text: str) -> str:
    """Return text that UTF-8 can carry."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


class Json(Response):
    """A JSON response, kept by no cache: what it says is for one user."""

    media_type = "application/json"

    def __init__(
        self,
        content: object,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(content, status_code, {**STORE_NOWHERE, **(headers or {})})

    def render(self, content: object) -> bytes:
        """Return the body."""
        return dumps(content)
