"""Routes: the facts of a library: pages of them, files of them, in time, and against each other."""

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from kgrag.explore_shapes import contradiction_shape, fact_page_shape, timeline_shape
from kgrag.explorer.selection import FactQuery
from kgrag.export import FORMATS
from ui.rest.asker import Library
from ui.rest.json import STORE_NOWHERE, Json, carried
from ui.rest.language import Lang
from ui.rest.names import attachment

if TYPE_CHECKING:
    from kgrag import KnowledgeBase

routes = APIRouter(prefix="/api/libraries/{library}", tags=["facts"])

_Text = Annotated[str, Query(max_length=1000)]
Sort = Literal["confidence", "subject", "relation", "object", "documents"]

_FILES = {
    "csv": ("csv", "text/csv"),
    "graphml": ("graphml", "application/xml"),
    "jsonld": ("jsonld", "application/ld+json"),
    "turtle": ("ttl", "text/turtle"),
}


def fact_query(
    query: Annotated[
        str, Query(max_length=300, description="Words that begin words of a name or a relation")
    ] = "",
    subject: _Text = "",
    relation: _Text = "",
    type: _Text = "",
    document: _Text = "",
) -> FactQuery:
    """Return which facts are asked for."""
    return FactQuery(query, subject, relation, type, document)


Asked = Annotated[FactQuery, Depends(fact_query)]


@routes.get("/facts", summary="List facts")
async def list_facts(
    chosen: Library,
    asked: Asked,
    lang: Lang = "en",
    sort: Sort = "confidence",
    descending: Annotated[
        bool | None, Query(description="By default the surest and most told first, names from A")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Return a page of facts, each with up to five of the quotations that state it."""
    falls = sort in ("confidence", "documents") if descending is None else descending
    found = await chosen.run(
        lambda kb: kb.explorer.facts(
            asked, sort=sort, descending=falls, limit=limit, offset=offset, language=lang
        )
    )
    return Json(fact_page_shape(found, lang))


@routes.get(
    "/facts/export",
    summary="Save facts",
    response_class=Response,
    responses={200: {"content": {kind: {} for _, kind in _FILES.values()}}},
)
async def export_facts(
    chosen: Library,
    asked: Asked,
    format: Annotated[Literal["csv", "graphml", "jsonld", "turtle"], Query()] = "csv",
) -> Response:
    """Return all facts that are asked for, with every quotation, as a file for other tools."""

    def written(kb: "KnowledgeBase") -> str:
        return FORMATS[format](kb.explorer.export(asked))

    suffix, media_type = _FILES[format]
    return Response(
        carried(await chosen.run(written)).encode(),
        media_type=media_type,
        headers={**STORE_NOWHERE, **attachment(f"facts.{suffix}")},
    )


@routes.get("/timeline", summary="See facts in time")
async def timeline(
    chosen: Library,
    lang: Lang = "en",
    query: Annotated[str, Query(max_length=300)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Return dated facts, the earliest first; a date is as exact as the documents say it."""
    found = await chosen.run(lambda kb: kb.explorer.timeline(query, limit=limit, offset=offset))
    return Json(timeline_shape(found, lang))


@routes.get("/contradictions", summary="See what cannot all be true")
async def contradictions(chosen: Library, lang: Lang = "en") -> Response:
    """Return facts of which only one can be true, with the quotations that state each."""
    found = await chosen.run(lambda kb: kb.explorer.contradictions())
    return Json([contradiction_shape(item, lang) for item in found])
