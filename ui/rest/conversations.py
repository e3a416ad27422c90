"""Routes: the conversations that are kept in a library, and what is taken out of it of them."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Body, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from kgrag.shapes import answer_shape
from ui.rest.asker import Library
from ui.rest.json import STORE_NOWHERE, Json, carried
from ui.rest.language import Lang
from ui.rest.names import attachment
from ui.rest.transcript import to_html, to_markdown
from ui.rest.turns import KeptTurn, turns_of

if TYPE_CHECKING:
    from indexes.conversations import Conversation
    from kgrag import KnowledgeBase

routes = APIRouter(prefix="/api/libraries/{library}/conversations", tags=["conversations"])

ConversationId = Annotated[str, Path(description="Its id, as in the list of conversations")]


class ConversationShape(BaseModel):
    """A line of the list of conversations."""

    id: str
    title: str
    begun: str
    changed: str
    turns: int


class Title(BaseModel):
    """What to call a conversation."""

    title: str = Field(min_length=1, max_length=200, examples=["Euler's family"])


@routes.get("", summary="List the conversations", response_model=list[ConversationShape])
async def list_conversations(chosen: Library) -> Response:
    """Return the conversations that are kept, the one that changed last first."""
    found = await chosen.run(lambda kb: kb.library.conversations.list())
    return Json([asdict(item) for item in found])


@routes.post("", summary="Begin a conversation", status_code=201, response_model=ConversationShape)
async def begin(chosen: Library, wanted: Annotated[Title, Body()]) -> Response:
    """Begin an empty conversation; give its `id` to /ask, and each turn is kept in it."""

    def made(kb: "KnowledgeBase") -> "Conversation":
        kept = kb.library.conversations
        return kept.get(kept.begin(wanted.title))

    return Json(asdict(await chosen.run(made)), 201)


@routes.get("/{conversation}", summary="Read a conversation")
async def read(chosen: Library, conversation: ConversationId) -> Response:
    """Return the turns; `answer` is null where a document that it cited was removed."""

    def found(kb: "KnowledgeBase") -> tuple["Conversation", list[KeptTurn]]:
        return kb.library.conversations.get(conversation), turns_of(kb, conversation)

    held, turns = await chosen.run(found)
    told = [
        {"question": turn.question, "answer": answer_shape(turn.answer) if turn.answer else None}
        for turn in turns
    ]
    return Json({"id": held.id, "title": held.title, "turns": told})


@routes.patch("/{conversation}", summary="Rename a conversation", response_model=ConversationShape)
async def rename(
    chosen: Library, conversation: ConversationId, wanted: Annotated[Title, Body()]
) -> Response:
    """Call a conversation otherwise."""

    def renamed(kb: "KnowledgeBase") -> "Conversation":
        kb.library.conversations.rename(conversation, wanted.title)
        return kb.library.conversations.get(conversation)

    return Json(asdict(await chosen.run(renamed)))


@routes.delete("/{conversation}", summary="Delete a conversation", status_code=204)
async def delete(chosen: Library, conversation: ConversationId) -> Response:
    """Delete a conversation for good."""
    await chosen.run(lambda kb: kb.library.conversations.remove(conversation))
    return Response(status_code=204)


@routes.get(
    "/{conversation}/export",
    summary="Save a conversation",
    response_class=Response,
    responses={200: {"content": {"text/markdown": {}, "text/html": {}}}},
)
async def export(
    chosen: Library,
    conversation: ConversationId,
    format: Annotated[Literal["md", "html"], Query()] = "md",
    lang: Lang = "en",
) -> Response:
    """Return the conversation as one file, with every citation: document, page and quotation."""

    def found(kb: "KnowledgeBase") -> tuple[str, list[KeptTurn]]:
        return kb.library.conversations.get(conversation).title, turns_of(kb, conversation)

    title, turns = await chosen.run(found)
    written = to_html if format == "html" else to_markdown
    text = written(title, turns, lang)
    return Response(
        carried(text).encode(),
        media_type="text/html" if format == "html" else "text/markdown",
        headers={**STORE_NOWHERE, **attachment(f"{title}.{format}")},
    )
