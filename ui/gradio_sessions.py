"""Lets nobody into another user's session of the page, and no file into a session at all.

Whoever knows the name of a session could listen to it, speak in it and end it. The name is in the
address of two routes, and in the JSON of the third. That JSON may also speak of files by their
place on this machine or by an address in the network, which gradio would fetch: the page sends its
files another way (``ui.rest``), so what looks like a file here is nobody's but an attacker's.
"""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from ui.accounts import User
from ui.body import read_whole, replayed
from ui.holdings import Holdings
from ui.page_routes import DATA, JOIN, heartbeat_of, without_language
from ui.refusal import Refused

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

MOST_LEVELS = 50


class GradioSessions:
    """Which sessions there are, and whose they are."""

    def __init__(self) -> None:
        self._holdings = Holdings()

    async def checked(self, user: User, scope: "Scope", receive: "Receive") -> "Receive":
        """Return what to read the body from; ``Refused`` where the session is another user's."""
        path = without_language(scope["path"])
        if path == DATA:
            self._claim(user, _only_session(scope["query_string"]))
        elif (session := heartbeat_of(path)) is not None:
            self._claim(user, session)
        elif path == JOIN and scope["method"] == "POST":
            body = await read_whole(receive)
            if body is None:
                raise _malformed("The request was cut off.")
            self._claim(user, _joined_session(body))
            return replayed(body, receive)
        return receive

    def _claim(self, user: User, session: str) -> None:
        if not self._holdings.claim(user.id, session):
            raise Refused(403, "not_yours", "This session of the page belongs to somebody else.")


def _only_session(query: bytes) -> str:
    given = [value for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True)
             if name == "session_hash"]  # fmt: skip
    if len(given) != 1 or not given[0]:
        raise _malformed("Say one session_hash.")
    return given[0]


def _joined_session(body: bytes) -> str:
    """Return the session that a call belongs to; a name that is there twice could be read twice."""
    try:
        call = json.loads(body, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        raise _malformed("The call is no JSON.") from error
    session = call.get("session_hash") if isinstance(call, dict) else None
    if not isinstance(session, str) or not session:
        raise _malformed("Say a session_hash.")
    if _speaks_of_a_file(call.get("data"), MOST_LEVELS):
        raise Refused(403, "no_files", "Files are added to a library by its own address.")
    return session


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name is there twice")
    return made


def _speaks_of_a_file(value: object, levels: int) -> bool:
    """Return whether gradio might take a part of a value for a file."""
    if levels == 0:
        return True
    if isinstance(value, dict):
        return "path" in value or any(_speaks_of_a_file(v, levels - 1) for v in value.values())
    return isinstance(value, list) and any(_speaks_of_a_file(v, levels - 1) for v in value)


def _malformed(message: str) -> Refused:
    return Refused(400, "bad_request", message)
