"""What a request to a served model ended in, in words that say what to do.

``explain`` is for language models; what any OpenAI-compatible server says of an error is read here
for embedders too.
"""

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from indexes.errors import ModelError
from kgrag.model_settings import ModelSettings

if TYPE_CHECKING:
    from httpx import Response

BUSY = frozenset({408, 409, 429, 500, 502, 503, 504})
"""What servers answer that may take the request after a while."""

_TOLD_CHARS = 300


class BusyError(ModelError):
    """The server may answer after a while: the seconds that it asks for, or 0."""

    def __init__(self, message: str, pause_s: float = 0.0) -> None:
        super().__init__(message)
        self.pause_s = pause_s


class RefusedError(ModelError):
    """The server does not take the request as it is."""


def explain(error: Exception, name: str, settings: ModelSettings) -> ModelError:
    """Return what to tell a user.

    Parameters
    ----------
    error:
        Whatever httpx, the OpenAI client or LlamaIndex raised.
    name:
        What to call the server.
    settings:
        Named where they may be what has to be mended.
    """
    import httpx
    import openai

    if isinstance(error, ModelError):
        return error
    causes = _causes(error)
    if isinstance(error, openai.APIStatusError | httpx.HTTPStatusError):
        return _refusal(error.response, name, settings)
    if any(isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout) for cause in causes):
        return ModelError(
            f"{name} cannot be reached. Start it (kgrag vllm MODEL), or mend [model] endpoint."
        )
    if any(isinstance(cause, httpx.TimeoutException) for cause in causes):
        longest_s = max(settings.first_token_s, settings.gap_s)
        return ModelError(f"{name} has sent nothing for {longest_s:g} s.")
    if any(isinstance(cause, httpx.StreamError) for cause in causes):
        return ModelError(f"{name} sent far more than an answer can be.")
    if isinstance(error, openai.APIConnectionError) or any(
        isinstance(cause, httpx.HTTPError) for cause in causes
    ):
        return BusyError(f"{name} broke off.")
    if isinstance(error, openai.APIError) and error.body is not None:
        return ModelError(f"{name} broke off with an error: {shown(error.message)}")
    return ModelError(f"{name} answered with what is no chat completion.")


def _causes(error: BaseException) -> list[BaseException]:
    causes: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in causes:
        causes.append(at)
        at = at.__cause__ or at.__context__
    return causes


def _refusal(response: "Response", name: str, settings: ModelSettings) -> ModelError:
    status = response.status_code
    told = f"{name} answered {status} ({message_of(response.content)})."
    if status in BUSY:
        return BusyError(told, pause_of(response.headers.get("retry-after", "")))
    if status == HTTPStatus.NOT_FOUND:
        return ModelError(
            f"{told} It may not serve the model {settings.model!r}, or [model] endpoint may not be "
            "its base URL, which often ends in /v1."
        )
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return ModelError(
            f"{told} See that the environment variable {settings.key_env} holds the right key."
            if settings.key_env
            else f"{told} Name the environment variable that holds the key in [model] key_env."
        )
    if status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY):
        return RefusedError(told)
    return ModelError(f"{told} See that [model] endpoint is the server's base URL.")


def message_of(body: bytes) -> str:
    """Return what a server says of an error, in whichever of the usual shapes."""
    try:
        told = json.loads(body)
        told = told.get("error", told)
        return shown(str(told if isinstance(told, str) else told["message"]))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return shown(body)


def shown(text: str | bytes) -> str:
    """Return the beginning of what a server sent, on one line."""
    if isinstance(text, bytes):
        text = text[:_TOLD_CHARS].decode(errors="replace")
    return " ".join(text[:_TOLD_CHARS].split()) or "nothing"


def pause_of(retry_after: str) -> float:
    """Return the seconds that a server asks for; 0 where it asks for none, or names a date."""
    try:
        return float(retry_after)
    except ValueError:
        return 0.0
