"""Route: what a question retrieves, without an answer."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from kgrag.shapes import search_shape
from ui.rest.asker import Library
from ui.rest.json import Json

routes = APIRouter(tags=["questions"])

QUESTION_CHARS = 2000


@routes.get("/api/libraries/{library}/search", summary="Search")
async def search(
    chosen: Library,
    question: Annotated[
        str, Query(min_length=1, max_length=QUESTION_CHARS, examples=["Where was Euler born?"])
    ],
    limit: Annotated[int, Query(ge=1, le=50, description="Passages at most")] = 8,
) -> Response:
    """Return the passages and facts that a question retrieves, best first.

    Each fact comes with its quotations, the way to it from what the question names, and what
    contradicts it.
    """
    return Json(
        search_shape(await chosen.run(lambda kb: kb.search(question.strip() or "?", limit=limit)))
    )
