"""Route: a stretch of a document to read, with what is mentioned and stated in it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from kgrag.explore_shapes import group_of, type_label
from kgrag.ontology import relation_label
from ui.rest.asker import Library
from ui.rest.documents import DocumentId, held
from ui.rest.json import Json
from ui.rest.language import Lang
from ui.source_view import window

if TYPE_CHECKING:
    from indexes.records import Document
    from kgrag import KnowledgeBase

routes = APIRouter(tags=["documents"])


@routes.get("/api/libraries/{library}/documents/{document}/reading", summary="Read a document")
async def read(
    chosen: Library,
    document: DocumentId,
    lang: Lang = "en",
    start: Annotated[int, Query(ge=0, description="Around here")] = 0,
    end: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Return up to some 30,000 characters around a place, whole lines where there are any.

    With them come the mentions and facts that lie within; all offsets are those of the document.
    """
    return Json(await chosen.run(lambda kb: _reading(kb, document, (start, end), lang)))


def _reading(
    kb: "KnowledgeBase", document_id: str, around: tuple[int, int], language: str
) -> dict[str, Any]:
    document = held(kb, document_id)
    start = min(around[0], len(document.text))
    first, last = window(document.text, start, min(max(around[1], start), len(document.text)))
    return {
        "document": {
            "id": document.id,
            "name": document.name,
            "media_type": document.media_type,
            "characters": len(document.text),
            "pages": [
                {"number": page.number, "start": page.start, "end": page.end}
                for page in document.pages
            ],
        },
        "start": first,
        "end": last,
        "text": document.text[first:last],
        "headings": [
            {"level": heading.level, "start": heading.start, "end": heading.end}
            for heading in document.headings
            if heading.start < last and heading.end > first
        ],
        "mentions": list(_mentions(kb, document, (first, last), language)),
        "facts": sorted(
            _facts(kb, document, (first, last), language),
            key=lambda fact: (fact["start"], fact["end"]),
        ),
    }


def _mentions(
    kb: "KnowledgeBase", document: "Document", span: tuple[int, int], language: str
) -> Iterator[dict[str, Any]]:
    for mention, entity in kb.mentions(document.id):
        if span[0] <= mention.start and mention.end <= span[1]:
            yield {
                "start": mention.start,
                "end": mention.end,
                "entity": entity.id,
                "name": entity.name,
                "type": entity.type,
                "type_label": type_label(entity.type, language),
                "group": group_of(entity.type),
                "wikidata": entity.wikidata,
                "is_name": mention.antecedent is None,
            }


def _facts(
    kb: "KnowledgeBase", document: "Document", span: tuple[int, int], language: str
) -> Iterator[dict[str, Any]]:
    for fact in kb.facts(document_id=document.id):
        for item in fact.evidence:
            is_here = item.document_id == document.id
            if is_here and span[0] <= item.start and item.end <= span[1]:
                yield {
                    "subject": fact.subject.id,
                    "relation": {
                        "id": fact.relation,
                        "label": relation_label(fact.relation, language),
                    },
                    "object": fact.object.id,
                    "subject_name": fact.subject.name,
                    "object_name": fact.object.name,
                    "start": item.start,
                    "end": item.end,
                    "confidence": round(fact.confidence, 4),
                }
