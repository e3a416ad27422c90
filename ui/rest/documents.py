"""Routes: the documents of a library; added, listed, read, given back, removed."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from indexes.errors import DocumentNotFoundError
from kgrag.ingest import AddProgress, AddReport
from kgrag.shapes import document_shape, report_shape, summary_shape
from ui.rest import uploads
from ui.rest.asker import Chosen, Library
from ui.rest.errors import not_found
from ui.rest.json import STORE_NOWHERE, Json
from ui.rest.names import attachment
from ui.rest.streams import EventStream, event, wants_events

if TYPE_CHECKING:
    from indexes.records import Document
    from kgrag import KnowledgeBase

routes = APIRouter(tags=["documents"])

DocumentId = Annotated[
    str, Path(description="Its id, as in the list of documents (URL-encoded: it holds a colon)")
]

_FILES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [uploads.FIELD],
                    "properties": {
                        uploads.FIELD: {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                        }
                    },
                }
            }
        },
    }
}


class DocumentLine(BaseModel):
    """A line of the list of documents."""

    id: str
    name: str
    media_type: str
    language: str
    characters: int
    pages: int | None
    passages: int
    mentions: int
    triplets: int
    outcome: str
    reason: str | None


class FileLine(BaseModel):
    """What became of a file; `reason` says why where it is not plainly indexed."""

    path: str
    outcome: str
    reason: str | None
    document_id: str | None
    passages: int
    mentions: int
    triplets: int


class Report(BaseModel):
    """What became of each file."""

    files: list[FileLine]
    seconds: float


@routes.get(
    "/api/libraries/{library}/documents",
    summary="List the documents",
    response_model=list[DocumentLine],
)
async def list_documents(
    chosen: Library,
    query: Annotated[str, Query(max_length=200, description="A part of their names")] = "",
) -> Response:
    """Return the documents by name, with how much was found in each."""
    summaries = await chosen.run(lambda kb: kb.documents())
    wanted = query.casefold()
    return Json([summary_shape(item) for item in summaries if wanted in item.name.casefold()])


@routes.post(
    "/api/libraries/{library}/documents",
    summary="Add documents",
    response_model=Report,
    openapi_extra=_FILES,
    responses={413: {"description": "There are too many files, or they are too large"}},
)
async def add_documents(chosen: Library, request: Request) -> Response:
    """Add files; return what became of each. One that cannot be read does not stop the others.

    A file with the name of an earlier one replaces it. With `Accept: text/event-stream` the answer
    is a stream of events `progress` {stage, done, total, name}, then `report`. Once all files have
    arrived they are added to the end, even if the client leaves.
    """
    settings = await chosen.run(lambda kb: kb.settings.parse)
    received = await uploads.receive(
        chosen,
        request.stream(),
        request.headers.get("content-type", ""),
        max_file_bytes=settings.max_file_mb << 20,
    )
    adding = Adding(chosen, received)
    if wants_events(request):
        return EventStream(adding.events())
    return Json(report_shape(await adding.start()))


class Adding:
    """Files that are being added, which goes on even if nobody waits for the report."""

    def __init__(self, chosen: Chosen, received: uploads.Received) -> None:
        self._chosen, self._received = chosen, received
        self._loop = asyncio.get_running_loop()
        self._steps: asyncio.Queue[AddProgress | None] = asyncio.Queue()

    def start(self) -> "asyncio.Task[AddReport]":
        """Begin, in turn; return what will have the report."""
        return self._chosen.service.keep(self._add())

    async def events(self) -> AsyncGenerator[bytes | None, None]:
        """Begin, and yield the progress and the report as events."""
        task = self.start()
        while (step := await self._steps.get()) is not None:
            yield event("progress", asdict(step))
        yield event("report", report_shape(await task))

    async def _add(self) -> AddReport:
        try:
            report = await self._chosen.write(
                lambda kb: uploads.add(
                    kb, self._received.files, self._tell, self._chosen.service.is_closed
                )
            )
        finally:
            self._received.close()
            self._steps.put_nowait(None)
        self._chosen.service.metrics.ingested(report)
        return report

    def _tell(self, step: AddProgress) -> None:
        """Called in the thread that adds."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._steps.put_nowait, step)


@routes.get("/api/libraries/{library}/documents/{document}", summary="Show a document")
async def show_document(chosen: Library, document: DocumentId) -> Response:
    """Return a document's whole text, its passages, mentions and facts."""
    return Json(await chosen.run(lambda kb: _shown(kb, document)))


@routes.delete(
    "/api/libraries/{library}/documents/{document}", summary="Remove a document", status_code=204
)
async def remove_document(chosen: Library, document: DocumentId) -> Response:
    """Remove a document and every trace of it."""

    def remove(kb: "KnowledgeBase") -> None:
        kb.remove(held(kb, document).id)
        chosen.service.picture_cache.forget(kb.library.folder)

    await chosen.write(remove)
    return Response(status_code=204)


@routes.get(
    "/api/libraries/{library}/documents/{document}/original",
    summary="Download the original",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
async def original(chosen: Library, document: DocumentId) -> Response:
    """Return the file as it was added: always to be saved, never to be shown as a page."""

    def read(kb: "KnowledgeBase") -> tuple[str, bytes]:
        found = held(kb, document)
        return found.name, kb.library.documents.original(found.id)

    name, content = await chosen.run(read)
    return Response(
        content,
        headers={**STORE_NOWHERE, **attachment(name)},
        media_type="application/octet-stream",
    )


def held(kb: "KnowledgeBase", document: str) -> "Document":
    """Return the document with this id: no part of one, and no name."""
    with kb.library.reading():
        try:
            return kb.library.documents.get(document)
        except DocumentNotFoundError:
            raise not_found("There is no such document in this library.") from None


def _shown(kb: "KnowledgeBase", document_id: str) -> dict[str, Any]:
    document = held(kb, document_id)
    with kb.library.reading():
        row = kb.library.documents.row_of(document.id)
        if row is None:  # removed at this moment
            raise not_found("There is no such document in this library.")
        spans = kb.library.documents.spans(row)
    mentions, facts = kb.mentions(document.id), kb.facts(document_id=document.id)
    return document_shape(document, spans, mentions, facts)
