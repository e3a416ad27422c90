"""Routes: what answers, extracts and embeds; and another language model, for administrators."""

from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body
from pydantic import BaseModel, Field
from starlette.responses import Response

from indexes.errors import ConfigError, ModelError
from kgrag.language_model import LanguageModel
from kgrag.model_settings import ModelSettings
from ui.rest.asker import Admin, Asker, Shared
from ui.rest.json import Json

if TYPE_CHECKING:
    from indexes.accounts import User
    from ui.rest.service import Service

routes = APIRouter(prefix="/api/settings", tags=["settings"])

TEST_CONNECT_S = 3.0


class ModelShape(BaseModel):
    """The language model; `status` is none, ready, unreachable or unknown."""

    endpoint: str = Field(description="Empty: kgrag quotes")
    model: str
    status: str


class SettingsShape(BaseModel):
    """What is set for all libraries."""

    model: ModelShape
    extractor: str
    embedder: str
    linker: str
    version: str
    can_change: bool = Field(description="Whether you may change the language model")


class Endpoint(BaseModel):
    """A server that speaks OpenAI's protocol."""

    endpoint: str = Field(max_length=500, examples=["http://127.0.0.1:8000/v1"])
    model: str | None = Field(None, max_length=200, description="Where it serves several")


class Tested(BaseModel):
    """What came of asking a server what it serves."""

    ok: bool
    model: str | None
    context_tokens: int | None
    message: str


@routes.get("", summary="See the settings", response_model=SettingsShape)
async def settings(service: Shared, user: Asker) -> Response:
    """Return what is set for all libraries, and whether the language model can be reached."""
    return Json(await _shape(service, user))


@routes.post("/test", summary="Test a language model", response_model=Tested)
async def test_model(service: Shared, _: Admin, wanted: Annotated[Endpoint, Body()]) -> Response:
    """Ask a server what it serves, within seconds; nothing is changed."""
    try:
        candidate = _wanted(service, wanted)
        if not candidate.endpoint:
            raise ConfigError("Give the base URL of a server, such as http://127.0.0.1:8000/v1.")
        quick = replace(candidate, connect_s=min(candidate.connect_s, TEST_CONNECT_S))
        return Json(await service.run(lambda: _tested(quick)))
    except (ConfigError, ModelError) as error:
        return Json({"ok": False, "model": None, "context_tokens": None, "message": str(error)})


@routes.put("/model", summary="Change the language model", response_model=SettingsShape)
async def change_model(
    service: Shared, user: Admin, wanted: Annotated[Endpoint, Body()]
) -> Response:
    """Let another language model answer from now on, for everybody; an empty endpoint: none.

    What is being written by the last one is given up.
    """
    chosen = _wanted(service, wanted)
    await service.run(lambda: service.shelf.use_model(chosen))
    return Json(await _shape(service, user))


def _wanted(service: "Service", wanted: Endpoint) -> ModelSettings:
    """Return the settings with another server; its key, its deadlines and the rest stay."""
    endpoint, model = wanted.endpoint.strip(), (wanted.model or "").strip()
    if not endpoint and not model:
        return ModelSettings()
    try:
        return replace(service.shelf.settings.model, endpoint=endpoint, model=model)
    except ValueError as error:
        raise ConfigError(f"The language model: {error}.") from error


def _tested(settings: ModelSettings) -> dict[str, Any]:
    model = LanguageModel(settings)
    try:
        served = model.served()
    finally:
        model.close()
    told = f"{served.model} answers, with {served.context_tokens:,} tokens of context."
    return {
        "ok": True,
        "model": served.model,
        "context_tokens": served.context_tokens,
        "message": told,
    }


async def _shape(service: "Service", user: "User") -> dict[str, Any]:
    held = service.shelf.settings
    embedder = held.embed.kind if held.embed.kind == "bundled" else held.embed.model
    return {
        "model": {
            "endpoint": held.model.endpoint,
            "model": held.model.model,
            "status": await service.health.model(),
        },
        "extractor": held.extract.kind,
        "embedder": embedder,
        "linker": held.link.catalogue.replace("\\", "/").rpartition("/")[2] or "bundled",
        "version": version("kgrag"),
        "can_change": user.is_admin,
    }
