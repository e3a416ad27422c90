"""Conversations that are kept in their library, as the turns of the page."""

from typing import TYPE_CHECKING

from kgrag.kept import answer_to_json, documents_of
from ui.answer_view import Turn
from ui.rest.turns import turns_of
from ui.words import Words

if TYPE_CHECKING:
    from kgrag import KnowledgeBase

TITLE_CHARS = 80


def store(library: "KnowledgeBase", conversation: str, turn: Turn) -> str:
    """Keep an answered turn; return the conversation's id, that of a new one if it has none yet."""
    if turn.answer is None:
        return conversation
    kept = library.library.conversations
    conversation = conversation or kept.begin(" ".join(turn.question.split())[:TITLE_CHARS])
    kept.append(conversation, turn.question, answer_to_json(turn.answer), documents_of(turn.answer))
    return conversation


def resume(library: "KnowledgeBase", say: Words, conversation: str) -> tuple[Turn, ...]:
    """Return the turns of a conversation that was kept; of those that are gone, the question."""
    return tuple(
        Turn(turn.question, turn.answer, failure=None if turn.answer else say("answer.gone"))
        for turn in turns_of(library, conversation)
    )
