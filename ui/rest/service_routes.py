"""Routes for whoever runs the service: is it alive, is it ready, and what has it done."""

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.responses import Response

from indexes.errors import KgragError
from ui.rest.asker import Shared
from ui.rest.health import NONE, READY
from ui.rest.json import STORE_NOWHERE, Json
from ui.rest.metrics import MEDIA_TYPE

if TYPE_CHECKING:
    from ui.rest.service import Service

routes = APIRouter(tags=["service"])


@routes.get("/healthz", summary="Alive")
async def alive() -> Response:
    """Return 200 for as long as the process answers at all."""
    return Json({"status": "alive"})


@routes.get(
    "/readyz",
    summary="Ready",
    responses={503: {"description": "The library or the language model cannot be used"}},
)
async def ready(service: Shared) -> Response:
    """Return 200 if the library can be read and the language model, if there is one, be reached.

    `library` is ready or damaged; `model` is none, ready, unreachable or unknown. Answers in a
    second whatever the model's server does; while that is down, kgrag goes on by quoting.
    """
    library = await service.run(lambda: _library(service))
    model = await service.health.model()
    is_ready = library == READY and model in (NONE, READY)
    return Json({"library": library, "model": model}, 200 if is_ready else 503)


@routes.get("/metrics", summary="Metrics for Prometheus", response_class=Response)
async def metrics(service: Shared) -> Response:
    """Return counts and times since the start; nothing in them names a user or a document."""
    return Response(
        await service.run(lambda: _metrics(service)), media_type=MEDIA_TYPE, headers=STORE_NOWHERE
    )


def _library(service: "Service") -> str:
    """Return whether the libraries that are open can be read; before the first, there is none."""
    try:
        for kb in service.shelf.opened():
            with kb.library.reading():
                kb.library.documents.is_empty()
    except (KgragError, sqlite3.Error):
        return "damaged"
    return READY


def _metrics(service: "Service") -> bytes:
    count = 0
    for kb in service.shelf.opened():
        with suppress(KgragError, sqlite3.Error), kb.library.reading():
            count += len(kb.library.documents.ids())
    service.metrics.documents.set(count)
    return service.metrics.text()
