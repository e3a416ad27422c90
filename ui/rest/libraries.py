"""Routes: the libraries of whoever asks."""

from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import BaseModel, Field
from starlette.responses import Response

from ui.rest.asker import Asker, Library, Shared
from ui.rest.json import Json
from ui.shelf import LibraryInfo

routes = APIRouter(tags=["libraries"])


class LibraryShape(BaseModel):
    """A library."""

    id: str
    name: str = Field(description="Empty for the first library until it is named.")
    documents: int


class LibraryName(BaseModel):
    """What to call a library."""

    name: str = Field(min_length=1, max_length=200, examples=["Letters of Euler"])


@routes.get("/api/libraries", summary="List the libraries", response_model=list[LibraryShape])
async def list_libraries(service: Shared, user: Asker) -> Response:
    """Return your libraries: the first one, `main`, is always there."""
    found = await service.run(lambda: service.shelf.libraries(user))
    return Json([_shape(item) for item in found])


@routes.post(
    "/api/libraries", summary="Make a library", status_code=201, response_model=LibraryShape
)
async def create_library(
    service: Shared, user: Asker, wanted: Annotated[LibraryName, Body()]
) -> Response:
    """Make an empty library. No two of yours can have one name."""

    def create() -> LibraryInfo:
        service.limits.check_libraries(user, len(service.shelf.libraries(user)))
        return service.shelf.create(user, wanted.name)

    made = await service.run(create)
    return Json(_shape(made), 201)


@routes.patch("/api/libraries/{library}", summary="Rename a library", response_model=LibraryShape)
async def rename_library(chosen: Library, wanted: Annotated[LibraryName, Body()]) -> Response:
    """Call a library otherwise; its id stays."""
    shelf, user = chosen.service.shelf, chosen.user

    def rename() -> LibraryInfo:
        shelf.rename(user, chosen.id, wanted.name)
        return next(item for item in shelf.libraries(user) if item.id == chosen.id)

    return Json(_shape(await chosen.service.run(rename)))


@routes.delete("/api/libraries/{library}", summary="Delete a library", status_code=204)
async def delete_library(chosen: Library) -> Response:
    """Delete a library with its documents, for good. The first one cannot be deleted."""

    def delete() -> None:
        folder = chosen.open().library.folder
        chosen.service.evaluating.stop(folder)
        chosen.service.shelf.delete(chosen.user, chosen.id)
        chosen.service.picture_cache.forget(folder)

    # In its turn: not while documents are being added to it.
    await chosen.write(lambda _: delete())
    return Response(status_code=204)


def _shape(library: LibraryInfo) -> dict[str, object]:
    return {"id": library.id, "name": library.name, "documents": library.documents}
