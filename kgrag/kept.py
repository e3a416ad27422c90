"""Answers as JSON and back, without loss: how a conversation keeps them.

JSON and the records' own checks, never pickle: what is read runs no code, and what does not fit the
records is refused. Halves of characters, which no database stores, are escaped.
"""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kgrag.events import Answer

if TYPE_CHECKING:
    from pydantic import TypeAdapter

VERSION = 2
"""Of the format. Version 1 did not keep ``sufficiency``; any other is refused."""

_DERIVED = frozenset({"confidence"})
"""Of a triplet: computed from its evidence."""


def answer_to_json(answer: Answer) -> str:
    """Return an answer as JSON, all ASCII."""
    return json.dumps(
        {"version": VERSION, "answer": _plain(answer)}, separators=(",", ":"), allow_nan=False
    )


def answer_from_json(text: str) -> Answer:
    """Return the answer that ``answer_to_json`` was given.

    Raises
    ------
    ValueError
        The text is none of those.
    """
    try:
        kept = json.loads(text)
    except RecursionError as error:
        raise ValueError("this is no kept answer: it is nested too deeply") from error
    if not isinstance(kept, dict) or kept.get("version") not in (1, VERSION):
        raise ValueError(f"this is no kept answer of version {VERSION} or before")
    if kept["version"] == 1 and isinstance(kept.get("answer"), dict):
        kept["answer"]["sufficiency"] = None
    # pydantic's errors are ValueErrors; its own reader of JSON would refuse halves of characters.
    answer = _adapter().validate_python(kept.get("answer"))
    if _plain(answer) != kept["answer"]:
        raise ValueError("this is no kept answer: it holds what no answer has")
    return answer


def documents_of(answer: Answer) -> tuple[str, ...]:
    """Return the ids of all documents of which an answer holds any text, in order.

    Removing one of them must blank the answer: see ``indexes.conversations``.
    """
    return tuple(dict.fromkeys(_documents(answer)))


def _documents(answer: Answer) -> Iterator[str]:
    for citation in answer.citations:
        yield citation.document_id
        for fact in citation.facts:
            yield from (item.document_id for item in fact.evidence)
    for passage in answer.nearest:
        yield passage.document_id


def _plain(value: object) -> object:
    """Return records as what JSON knows."""
    if is_dataclass(value) and not isinstance(value, type):
        names = (field.name for field in fields(value) if field.name not in _DERIVED)
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


@lru_cache(maxsize=1)
def _adapter() -> "TypeAdapter[Answer]":
    from pydantic import TypeAdapter

    return TypeAdapter(Answer)
