"""Route: a page of a PDF as an image, with a passage of its text marked."""

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from indexes.errors import ParseError
from indexes.records import Page
from kgrag.parse.picture import MAX_WIDTH_PX, MIN_WIDTH_PX
from ui.rest.asker import Library
from ui.rest.documents import DocumentId, held
from ui.rest.errors import not_found
from ui.rest.json import STORE_NOWHERE
from ui.rest.pictures import PictureKey

if TYPE_CHECKING:
    from indexes.records import Document
    from kgrag import KnowledgeBase
    from ui.rest.service import Service

routes = APIRouter(tags=["documents"])

PDF = "application/pdf"


@routes.get(
    "/api/libraries/{library}/documents/{document}/pages/{number}.png",
    summary="See a page",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}, 404: {"description": "There is no such page"}},
)
async def page_image(
    chosen: Library,
    document: DocumentId,
    number: Annotated[int, Path(description="From 1")],
    start: Annotated[int, Query(description="First character to mark, in the whole text")] = 0,
    end: Annotated[int, Query(description="End of what to mark; nothing if not after start")] = 0,
    width: Annotated[int, Query(ge=MIN_WIDTH_PX, le=MAX_WIDTH_PX, description="Pixels")] = 1000,
) -> Response:
    """Return a page of a PDF as it looks in print, [start, end) of the document's text marked."""
    image = await chosen.run(
        lambda kb: _image(chosen.service, kb, document, number, (start, end), width)
    )
    return Response(image, media_type="image/png", headers=STORE_NOWHERE)


def _image(
    service: "Service",
    kb: "KnowledgeBase",
    document_id: str,
    number: int,
    mark: tuple[int, int],
    width_px: int,
) -> bytes:
    document = held(kb, document_id)
    page = _page(document, number)
    start, end = (min(max(offset, page.start), page.end) - page.start for offset in mark)
    with kb.library.reading():
        key = PictureKey(
            kb.library.folder, kb.library.version, document.id, number, start, end, width_px
        )
        image = service.picture_cache.get(key)
        if image is not None:
            return image
        content = kb.library.documents.original(document.id)
    try:
        image = service.pictures.draw(
            document.name,
            content,
            number,
            text=document.text[page.start : page.end],
            mark=(start, end),
            width_px=width_px,
        )
    except ParseError as error:
        if error.reason == "unsupported":
            raise not_found(str(error)) from error
        raise
    service.picture_cache.put(key, image)
    return image


def _page(document: "Document", number: int) -> Page:
    if document.media_type != PDF:
        raise not_found(f"{document.name} is no PDF, so it has no pages to be seen.")
    for page in document.pages:
        if page.number == number:
            return page
    raise not_found(f"{document.name} has no page {number}; it has {len(document.pages)}.")
