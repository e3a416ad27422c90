"""What an OpenAI-compatible server serves, and how many tokens a prompt has: small questions."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from indexes.errors import ModelError
from kgrag.model_settings import ModelSettings

if TYPE_CHECKING:
    from httpx import AsyncClient

Message = tuple[Literal["system", "user", "assistant"], str]

ASK_S = 5.0
"""For one such question."""

DEFAULT_CONTEXT_TOKENS = 4096


@dataclass(frozen=True, slots=True)
class Served:
    """What a server says of its model; ``is_vllm``: it takes grammars and counts tokens."""

    model: str
    context_tokens: int
    is_vllm: bool


async def ask_served(client: "AsyncClient", settings: ModelSettings) -> Served:
    """Return the model that the settings name, or the first that is served.

    Raises
    ------
    ModelError
        The server does not serve it, or does not say.
    """
    body = await _fetch(client, settings, "GET", "models", None)
    wanted = settings.model
    try:
        models = body["data"]
        named = [item for item in models if not wanted or item["id"] == wanted]
        if not named:
            raise ModelError(
                f"{settings.name} does not serve {wanted!r}; it serves: "
                f"{', '.join(str(item['id']) for item in models) or 'nothing'}. Mend [model] "
                "model, or serve it."
            )
        context = settings.context_tokens or named[0].get("max_model_len")
        return Served(
            str(named[0]["id"]),
            int(context or DEFAULT_CONTEXT_TOKENS),
            named[0].get("owned_by") == "vllm",
        )
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            f"{settings.name} does not say which models it serves. See that [model] endpoint is "
            "its base URL, which often ends in /v1."
        ) from error


async def ask_count(
    client: "AsyncClient", settings: ModelSettings, *, model: str, messages: Sequence[Message]
) -> int:
    """Return the tokens of a prompt, as vLLM counts them.

    Raises
    ------
    ModelError
        The server does not count.
    """
    told = [{"role": role, "content": text} for role, text in messages]
    body = await _fetch(client, settings, "POST", "../tokenize", {"model": model, "messages": told})
    try:
        return int(body["count"])
    except (LookupError, TypeError, ValueError) as error:
        raise ModelError(f"{settings.name} does not count tokens.") from error


async def _fetch(
    client: "AsyncClient", settings: ModelSettings, method: str, path: str, body: object
) -> Any:  # noqa: ANN401  any JSON
    url = f"{settings.endpoint.rstrip('/')}/{path}".replace("/v1/../", "/")
    key = settings.read_key()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        async with asyncio.timeout(ASK_S):
            answer = await client.request(method, url, json=body, headers=headers)
    except TimeoutError as error:
        raise ModelError(f"{settings.name} has not answered within {ASK_S:g} s.") from error
    answer.raise_for_status()
    return answer.json()
