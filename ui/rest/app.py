"""The service as an application: every route of it, on which the page is mounted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.routing import Match, Route

from ui.limits import Limits
from ui.rest import (
    ask,
    conversations,
    corrections,
    docs,
    documents,
    errors,
    evaluation_reports,
    evaluation_runs,
    evaluation_sets,
    facts,
    graph,
    libraries,
    openai,
    page_images,
    reading,
    search,
    service_routes,
    settings,
)
from ui.rest.errors import ApiError
from ui.rest.metrics import Counting
from ui.rest.service import Service

if TYPE_CHECKING:
    from ui.shelf import Shelf

_DESCRIPTION = """Ask your own documents. Every answer cites the sentences that it rests on, and
every edge of the graph is a quotation.

Without accounts the service answers on its own machine only and asks for nothing. With accounts,
send `Authorization: Bearer kgrag_...` with a token of yours.

Whatever goes wrong is told as `{"error": {"code": ..., "message": ...}}`. Offsets are characters
(Unicode code points) of a document's text."""

_ROUTES = (
    libraries, documents, page_images, reading, search, ask, facts, graph, corrections,
    conversations, evaluation_sets, evaluation_runs, evaluation_reports, settings, openai,
    service_routes, docs,
)  # fmt: skip

_ANY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def rest(shelf: "Shelf", limits: Limits | None = None) -> FastAPI:
    """Return the application; whatever stands before it sets ``scope["state"]["user"]``.

    Parameters
    ----------
    shelf:
        The libraries.
    limits:
        The same that count a user's answers elsewhere.
    """
    service = Service(shelf, limits or Limits())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        service.close()

    app = FastAPI(
        title="kgrag",
        version=version("kgrag"),
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.service = service
    errors.install(app)
    app.add_middleware(Counting, metrics=service.metrics)
    for module in _ROUTES:
        # As they are: included, they would stand behind a router, and nobody could list them.
        app.router.routes.extend(module.routes.routes)
    for path in ("/api/{path:path}", "/v1/{path:path}"):
        app.router.routes.append(Route(path, _nothing, methods=_ANY, include_in_schema=False))
    return app


def close(app: FastAPI) -> None:
    """End what the service is doing, before the server waits for it."""
    service = app.state.service
    assert isinstance(service, Service)
    service.close()


async def _nothing(request: Request) -> Response:
    """Say that there is no such address, or none for this method."""
    allowed = {
        method
        for route in request.app.router.routes
        if isinstance(route, Route)
        and route.endpoint is not _nothing
        and route.matches(request.scope)[0] is Match.PARTIAL
        for method in route.methods or ()
    }
    if allowed:
        told = f"This address takes {', '.join(sorted(allowed))}, not {request.method}."
        raise ApiError(405, "method_not_allowed", told)
    raise ApiError(404, "not_found", "There is nothing at this address. /docs lists what there is.")
