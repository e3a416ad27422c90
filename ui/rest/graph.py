"""Routes: the graph of a library, to be looked at: overview, neighbours, paths, entities, facts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from kgrag.explore_shapes import (
    entity_card_shape,
    facets_shape,
    found_entity_shape,
    graph_shape,
    listed_fact_shape,
)
from kgrag.explorer.records import GraphFilter
from ui.rest.asker import Library
from ui.rest.errors import ApiError
from ui.rest.json import Json
from ui.rest.language import Lang

routes = APIRouter(prefix="/api/libraries/{library}/graph", tags=["graph"])

ID_CHARS = 1000

EntityId = Annotated[str, Query(min_length=1, max_length=ID_CHARS, description="Id of an entity")]
_List = Annotated[str, Query(max_length=20_000, description="Ids, with commas between them")]
_Day = Annotated[str, Query(max_length=20, description="A day, as in 2024-01-31")]


def graph_filter(
    types: _List = "",
    relations: _List = "",
    documents: _List = "",
    since: _Day = "",
    until: _Day = "",
    min_confidence: Annotated[float, Query(ge=0.0, le=1.0)] = 0.0,
) -> GraphFilter:
    """Return which part of the graph is asked for."""
    try:
        return GraphFilter(
            _parts(types), _parts(relations), _parts(documents), since, until, min_confidence
        )
    except ValueError as error:
        raise ApiError(422, "invalid", f"{error}.") from error


Where = Annotated[GraphFilter, Depends(graph_filter)]


@routes.get("", summary="See the graph")
async def overview(
    chosen: Library,
    where: Where,
    lang: Lang = "en",
    limit: Annotated[int, Query(ge=1, le=2000, description="Entities at most")] = 300,
) -> Response:
    """Return the best connected entities and the surest facts among them, laid out.

    Dates, numbers and the like are left out unless `types` names theirs: they join strangers.
    """
    found = await chosen.run(lambda kb: kb.explorer.overview(where, limit=limit))
    return Json(graph_shape(found, lang))


@routes.get("/neighbours", summary="Go on from an entity")
async def neighbours(
    chosen: Library,
    where: Where,
    entity: EntityId,
    lang: Lang = "en",
    limit: Annotated[int, Query(ge=1, le=500, description="Facts at most")] = 50,
) -> Response:
    """Return the surest facts about an entity; it is the first node."""
    found = await chosen.run(lambda kb: kb.explorer.neighbours(entity, limit=limit, where=where))
    return Json(graph_shape(found, lang))


@routes.get("/path", summary="Find a way between two entities")
async def path(
    chosen: Library,
    first: Annotated[str, Query(alias="from", min_length=1, max_length=ID_CHARS)],
    second: Annotated[str, Query(alias="to", min_length=1, max_length=ID_CHARS)],
    lang: Lang = "en",
) -> Response:
    """Return the surest of the shortest ways, in its order; without one there are no edges."""
    found = await chosen.run(lambda kb: kb.explorer.path(first, second))
    return Json(graph_shape(found, lang))


@routes.get("/entities", summary="Find entities")
async def entities(
    chosen: Library,
    lang: Lang = "en",
    query: Annotated[str, Query(max_length=300, description="A name, or its beginning")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Response:
    """Return the entities that a name may mean; without one, the best known."""
    found = await chosen.run(lambda kb: kb.explorer.find(query, limit))
    return Json([found_entity_shape(item, lang) for item in found])


@routes.get("/entity", summary="See an entity")
async def entity(
    chosen: Library,
    id_: Annotated[str, Query(alias="id", min_length=1, max_length=ID_CHARS)],
    lang: Lang = "en",
) -> Response:
    """Return the names of an entity, the documents that mention it, and its relations."""
    return Json(entity_card_shape(await chosen.run(lambda kb: kb.explorer.entity(id_)), lang))


@routes.get("/fact", summary="See a fact")
async def fact(
    chosen: Library,
    subject: EntityId,
    relation: Annotated[str, Query(min_length=1, max_length=ID_CHARS)],
    object: EntityId,
    lang: Lang = "en",
) -> Response:
    """Return a fact with up to 50 of the quotations that state it."""
    found = await chosen.run(lambda kb: kb.explorer.fact(subject, relation, object))
    return Json(listed_fact_shape(found, lang))


@routes.get("/facets", summary="See what to filter by")
async def facets(chosen: Library, lang: Lang = "en") -> Response:
    """Return the types, relations and documents that the graph can be filtered by."""
    return Json(facets_shape(await chosen.run(lambda kb: kb.explorer.facets()), lang))


def _parts(listed: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in listed.split(",") if part.strip())
