"""Routes: what a person has put right in the graph; each correction can be taken back."""

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Body, Path
from pydantic import BaseModel, Field
from starlette.responses import Response

from ui.rest.asker import Library
from ui.rest.errors import not_found
from ui.rest.json import Json

if TYPE_CHECKING:
    from indexes.corrections import Correction
    from kgrag import KnowledgeBase

routes = APIRouter(prefix="/api/libraries/{library}/corrections", tags=["corrections"])

Id = Annotated[str, Field(min_length=1, max_length=1000)]


class Merge(BaseModel):
    """Two entities are one."""

    kind: Literal["merge"]
    keep: Id
    other: Id


class Split(BaseModel):
    """Some names of an entity, or all of it in some documents, mean another one."""

    kind: Literal["split"]
    entity: Id
    names: list[Id] = Field([], max_length=1000)
    documents: list[Id] = Field([], max_length=1000)


class Rename(BaseModel):
    """An entity is called otherwise."""

    kind: Literal["rename"]
    entity: Id
    name: str = Field(min_length=1, max_length=300)


class Retract(BaseModel):
    """A fact is not so."""

    kind: Literal["retract"]
    subject: Id
    relation: Id
    object: Id


class CorrectionShape(BaseModel):
    """A correction in force; `what` is one plain line."""

    id: int
    kind: str
    made: str
    what: str


Wanted = Annotated[Merge | Split | Rename | Retract, Body(discriminator="kind")]


@routes.get("", summary="List the corrections", response_model=list[CorrectionShape])
async def list_corrections(chosen: Library) -> Response:
    """Return the corrections in force, newest first."""
    found = await chosen.run(lambda kb: kb.corrections.list())
    return Json([_shape(item) for item in found])


@routes.post("", summary="Correct the graph", status_code=201, response_model=CorrectionShape)
async def correct(chosen: Library, wanted: Wanted) -> Response:
    """Merge two entities, split one, rename one, or take a fact back.

    The correction is a rule: it holds for documents that are added later too.
    """
    return Json(_shape(await chosen.write(lambda kb: _made(kb, wanted))), 201)


@routes.delete("/{correction}", summary="Undo a correction", status_code=204)
async def undo(
    chosen: Library, correction: Annotated[int, Path(description="Its id, as in the list")]
) -> Response:
    """Take a correction back; later ones stay."""

    def take_back(kb: "KnowledgeBase") -> None:
        if all(item.id != correction for item in kb.corrections.list()):
            raise not_found("There is no such correction; it may have been undone already.")
        kb.corrections.undo(correction)

    await chosen.write(take_back)
    return Response(status_code=204)


def _made(kb: "KnowledgeBase", wanted: Merge | Split | Rename | Retract) -> "Correction":
    match wanted:
        case Merge():
            return kb.corrections.merge(wanted.keep, wanted.other)
        case Split():
            return kb.corrections.split(
                wanted.entity, names=tuple(wanted.names), documents=tuple(wanted.documents)
            )
        case Rename():
            return kb.corrections.rename(wanted.entity, wanted.name)
        case Retract():
            return kb.corrections.retract(wanted.subject, wanted.relation, wanted.object)


def _shape(item: "Correction") -> dict[str, object]:
    return {"id": item.id, "kind": item.kind, "made": item.made, "what": item.what}
