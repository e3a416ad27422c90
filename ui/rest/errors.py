"""Whatever goes wrong, as one shape: ``{"error": {"code": ..., "message": ...}}``.

What a user can mend is said in its own words with a fitting status; anything else is logged and
called by one sentence. No traceback, and no path of this machine, leaves here.
"""

import logging
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from indexes.errors import (
    AccountError,
    ConfigError,
    ConversationError,
    CorrectionError,
    DocumentNotFoundError,
    EntityNotFoundError,
    FactNotFoundError,
    KgragError,
    LibraryDamagedError,
    LibraryEmptyError,
    LibraryError,
    LibraryLockedError,
    LibraryMismatchError,
    LibraryNotFoundError,
    ModelError,
    ParseError,
    StorageFullError,
)
from ui.evaluation import EvaluationBusyError
from ui.evaluation_runs import RunNotFoundError
from ui.evaluation_sets import SetChangedError, SetNotFoundError
from ui.limits import LimitError
from ui.rest.json import Json

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger(__name__)

KINDS: dict[type[KgragError], tuple[int, str]] = {
    DocumentNotFoundError: (404, "document_not_found"),
    LibraryNotFoundError: (404, "library_not_found"),
    LibraryEmptyError: (409, "library_empty"),
    LibraryMismatchError: (409, "library_mismatch"),
    LibraryLockedError: (423, "library_locked"),
    LibraryDamagedError: (500, "library_damaged"),
    StorageFullError: (507, "storage_full"),
    LibraryError: (500, "library"),
    EntityNotFoundError: (404, "entity_not_found"),
    FactNotFoundError: (404, "fact_not_found"),
    ConversationError: (404, "conversation"),
    CorrectionError: (409, "correction"),
    ParseError: (422, "unreadable"),
    AccountError: (403, "not_allowed"),
    ModelError: (502, "model"),
    EvaluationBusyError: (409, "evaluation_busy"),
    RunNotFoundError: (404, "run_not_found"),
    SetNotFoundError: (404, "questions_not_found"),
    SetChangedError: (409, "questions_changed"),
    ConfigError: (400, "config"),
    KgragError: (400, "refused"),
}

_CODES = {400: "bad_request", 403: "not_allowed", 404: "not_found", 405: "method_not_allowed"}

_UNEXPECTED = "Something went wrong inside kgrag. The log of the server shows the details."
_EMPTY = "The library holds no documents yet. Add some first."
_DAMAGED = "The library is damaged. On its machine, kgrag check says how, and --repair mends it."
_PATH = re.compile(r"(?<![\w:/])(?:/[^\s/:,]+){2,}|\b[A-Za-z]:\\[^\s,]+")


class ApiError(Exception):
    """Something that the service itself refuses."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def not_found(what: str) -> ApiError:
    """Return that something is not there."""
    return ApiError(404, "not_found", what)


def described(error: Exception) -> tuple[int, str, str]:
    """Return the status, code and message for what was raised; what is nobody's fault is logged."""
    if isinstance(error, ApiError):
        return error.status, error.code, str(error)
    if isinstance(error, LimitError):
        return error.status, error.code, str(error)
    if isinstance(error, KgragError):
        status, code = next(KINDS[kind] for kind in type(error).__mro__ if kind in KINDS)
        return status, code, _own_words(error)
    if isinstance(error, RequestValidationError):
        return 422, "invalid", _invalid(error.errors())
    if isinstance(error, HTTPException):
        return error.status_code, _CODES.get(error.status_code, "refused"), f"{error.detail}."
    _log.error("unexpected error in the service", exc_info=error)
    return 500, "internal", _UNEXPECTED


def shape(code: str, message: str) -> dict[str, Any]:
    """Return an error as JSON has it."""
    return {"error": {"code": code, "message": message}}


def response(error: Exception) -> Json:
    """Return an error as a response."""
    status, code, message = described(error)
    headers = getattr(error, "headers", None)
    return Json(shape(code, message), status, headers=headers)


def install(app: "FastAPI") -> None:
    """Let the application answer every error in this shape."""

    async def answer(_: "Request", error: Exception) -> Json:
        return response(error)

    for kind in (ApiError, KgragError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer)
    app.add_middleware(Boundary)


class Boundary:
    """Answers what nothing else has caught, once; where an answer has begun, the line is cut."""

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_begun = False

        async def watched(message: "Message") -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            return  # Nobody is there to be told.
        except Exception as error:
            answer = response(error)
            if has_begun:
                raise
            await answer(scope, receive, send)


def _own_words(error: KgragError) -> str:
    """Return the error's own words, which may name a folder of the server: others get no path."""
    if isinstance(error, LibraryEmptyError):
        return _EMPTY
    if isinstance(error, LibraryDamagedError):
        _log.error("a library is damaged: %s", error)
        return _DAMAGED
    return _PATH.sub("…", str(error)) if isinstance(error, LibraryError) else str(error)


def _invalid(errors: Sequence[Any]) -> str:
    """Return in words what is wrong with a request; what was sent is not repeated."""
    told = []
    for item in errors[:5]:
        place = ".".join(str(part) for part in item["loc"][1:]) or "the request"
        if item["type"] == "json_invalid":
            place, said = "the body", "is not valid JSON"
        elif item["type"] == "missing":
            said = "is missing"
        else:
            said = f"is wrong: {str(item['msg'])[:1].lower()}{str(item['msg'])[1:]}"
        told.append(f"{place} {said}")
    message = "; ".join(told)
    return f"{message[:1].upper()}{message[1:]}."
