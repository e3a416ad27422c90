"""What the routes of evaluations share: where they lie, and how a short command is waited for."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

from fastapi import Path as InPath

from ui.evaluation_sets import QuestionSets

if TYPE_CHECKING:
    from kgrag import KnowledgeBase
    from ui.rest.asker import Chosen

T = TypeVar("T")

PREFIX = "/api/libraries/{library}/evaluation"

SetId = Annotated[str, InPath(description="Its id, as in the list of question sets")]
RunId = Annotated[str, InPath(description="Its id, as in the list of runs")]


def folder_of(chosen: "Chosen") -> Path:
    """Return the folder of the library; to be called in a thread."""
    return chosen.open().library.folder


def questions_of(kb: "KnowledgeBase") -> QuestionSets:
    """Return the question sets of a library."""
    return QuestionSets(kb.library.folder)


def naming(library: Path) -> list[str]:
    """Return how a command, which begins in a library's folder, names it: reports tell the name."""
    return ["--library", f"../{library.resolve().name}"]


async def ask(chosen: "Chosen", work: Callable[[], T]) -> T:
    """Run what waits for a short command; few do at the same time."""
    await chosen.service.run(chosen.open)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(chosen.service.evaluating.pool, work)
