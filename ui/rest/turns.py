"""The turns of a conversation that was kept, as answers."""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kgrag.events import Answer
from kgrag.kept import answer_from_json

if TYPE_CHECKING:
    from kgrag import KnowledgeBase

_log = logging.getLogger(__name__)

EARLIER = 8
"""Turns that are read for a follow-up, which refers to the last three at most."""


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A question and its answer; None where a document that it cited was removed."""

    question: str
    answer: Answer | None


def turns_of(kb: "KnowledgeBase", conversation: str) -> list[KeptTurn]:
    """Return the turns, oldest first.

    Raises
    ------
    ConversationError
        There is no such conversation.
    """
    return [
        KeptTurn(turn.question, _answer(turn.content))
        for turn in kb.library.conversations.turns(conversation)
    ]


def earlier(kb: "KnowledgeBase", conversation: str) -> list[Answer]:
    """Return the last answers, oldest first, for a question that may refer to them."""
    return [turn.answer for turn in turns_of(kb, conversation)[-EARLIER:] if turn.answer]


def _answer(content: str | None) -> Answer | None:
    if content is None:
        return None
    try:
        return answer_from_json(content)
    except ValueError as error:
        _log.warning("an answer that was kept cannot be read: %s", error)
        return None
