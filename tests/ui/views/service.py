"""A scripted service behind the views: the routes of REST that they ask, over ``answers``.

Every request is kept, so that a test can see what was asked.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.ui.views import answers
from tests.ui.views.answers import Data, Fault

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(data: Data) -> list[Route]:
    """Return the routes of the service."""
    library = "/api/libraries/{library}"
    table: dict[str, tuple[str, Callable[[Request], Any]]] = {
        "/documents": ("GET", lambda request: data.documents),
        "/documents/{document}/reading": ("GET", lambda request: answers.reading(data, request)),
        "/documents/{document}/pages/{page}.png": ("GET", lambda request: picture(data, request)),
        "/facts": ("GET", lambda request: answers.facts(data, request)),
        "/graph": ("GET", lambda request: answers.overview(data, request)),
        "/graph/neighbours": ("GET", lambda request: answers.neighbours(data, request)),
        "/graph/path": ("GET", lambda request: answers.path(data, request)),
        "/graph/entities": ("GET", lambda request: answers.entities(data, request)),
        "/graph/entity": ("GET", lambda request: answers.entity(data, request)),
        "/graph/fact": ("GET", lambda request: answers.fact(data, request)),
        "/graph/facets": ("GET", lambda request: answers.facets(data)),
        "/timeline": ("GET", lambda request: answers.timeline(data, request)),
        "/contradictions": ("GET", lambda request: data.contradictions),
    }
    found = [
        Route(library + place, answering(data, place, make), methods=[method])
        for place, (method, make) in table.items()
    ]
    found.append(Route(library + "/corrections", correcting(data), methods=["GET", "POST"]))
    found.append(Route(library + "/corrections/{id}", undoing(data), methods=["DELETE"]))
    found.append(Route("/api/settings", answering(data, "/settings", lambda _: data.settings)))
    found.append(Route("/api/settings/{what}", trying(data), methods=["POST", "PUT"]))
    return found


def answering(data: Data, place: str, make: Callable[[Request], Any]) -> Endpoint:
    """Return an endpoint that answers what ``make`` makes, late or not at all where told so."""

    async def answer(request: Request) -> Response:
        data.asked.append(f"{request.method} {request.url.path}?{request.url.query}")
        await asyncio.sleep(data.slow.get(place, 0))
        if place in data.failing:
            return fault(503, data.failing[place])
        try:
            made = make(request)
        except Fault as error:
            return fault(404, str(error))
        return made if isinstance(made, Response) else as_json(made)

    return answer


def as_json(content: object, status: int = 200) -> Response:
    """Return JSON in ASCII: a lone surrogate survives it."""
    return Response(json.dumps(content), status, media_type="application/json")


def fault(status: int, message: str) -> Response:
    """Return an error as the service words it."""
    return as_json({"error": {"code": "test", "message": message}}, status)


def picture(data: Data, request: Request) -> Response:
    """Return a page as an image, if there is one."""
    if data.picture is None:
        return fault(404, "There is no such page.")
    made = data.picture(request.path_params["document"], int(request.path_params["page"]))
    return Response(made, media_type="image/png")


def correcting(data: Data) -> Endpoint:
    """Return the endpoint that lists corrections, and makes them."""

    async def answer(request: Request) -> Response:
        data.asked.append(f"{request.method} {request.url.path}")
        if request.method == "GET":
            return as_json(data.corrections)
        if "/corrections" in data.failing:
            return fault(409, data.failing["/corrections"])
        body = await request.json()
        data.asked.append(json.dumps(body, ensure_ascii=False))
        kept = {
            "id": len(data.asked), "kind": body["kind"], "made": "2026-11-26T08:00:00+00:00",
            "what": " – ".join(str(value) for name, value in body.items() if name != "kind"),
        }  # fmt: skip
        data.corrections.insert(0, kept | {"body": body})
        if body["kind"] == "retract":
            data.retracted.add((body["subject"], body["relation"], body["object"]))
        return as_json(kept, 201)

    return answer


def undoing(data: Data) -> Endpoint:
    """Return the endpoint that undoes a correction."""

    async def answer(request: Request) -> Response:
        data.asked.append(f"{request.method} {request.url.path}")
        for kept in [
            one for one in data.corrections if str(one["id"]) == request.path_params["id"]
        ]:
            data.corrections.remove(kept)
            body = kept["body"]
            if body["kind"] == "retract":
                data.retracted.discard((body["subject"], body["relation"], body["object"]))
        return Response(status_code=204)

    return answer


def trying(data: Data) -> Endpoint:
    """Return the endpoint that tests and saves a model."""

    async def answer(request: Request) -> Response:
        body = await request.json()
        data.asked.append(f"{request.method} {request.url.path} {json.dumps(body)}")
        if "/settings/test" in data.failing:
            return JSONResponse(
                {
                    "ok": False,
                    "model": None,
                    "context_tokens": None,
                    "message": data.failing["/settings/test"],
                }
            )
        return JSONResponse(
            {"ok": True, "model": "Qwen3-8B", "context_tokens": 8192, "message": "It answers."}
        )

    return answer
