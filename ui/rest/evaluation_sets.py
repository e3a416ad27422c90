"""Routes: the question sets of a library, uploaded, drafted and corrected."""

import json
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Body, File, Form, Query, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import Response

from indexes.errors import ConfigError
from indexes.evaluations import DRAFTED, OWN
from ui.evaluation_process import EvaluationError
from ui.evaluation_sets import QuestionSets, SetInfo
from ui.rest.asker import Chosen, Library
from ui.rest.evaluation import PREFIX, SetId, ask, folder_of, naming, questions_of
from ui.rest.json import Json
from ui.rest.names import shown_name

if TYPE_CHECKING:
    from kgrag import KnowledgeBase

routes = APIRouter(prefix=PREFIX, tags=["evaluation"])

MOST_DRAFTED = 500
_SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".txt", ".gz")


class SetShape(BaseModel):
    """A question set; `questions` is null where they are made when they are run."""

    id: str
    name: str = Field(description="Empty for those that come of themselves")
    kind: Literal["own", "drafted", "corrections", "examples"]
    questions: int | None
    skipped: list[str] = Field(description="What could not be used, with the number of its line")
    made: str


class Drafting(BaseModel):
    """How many questions to draft, and what to call them."""

    limit: int = Field(50, ge=1, le=MOST_DRAFTED)
    name: str = Field(min_length=1, max_length=200, examples=["Drafted today"])


class Corrected(BaseModel):
    """A question, by its place."""

    at: int = Field(ge=0)
    question: str = Field(min_length=1, max_length=2000)
    answers: list[Annotated[str, Field(max_length=2000)]] = Field(max_length=20)


class Correcting(BaseModel):
    """What to correct in a set, and the `state` in which it was seen."""

    state: str
    changed: list[Corrected] = Field(default=[], max_length=5000)
    dropped: list[int] = Field(default=[], max_length=5000)
    name: str | None = Field(None, min_length=1, max_length=200)


@routes.get("/sets", summary="List the question sets", response_model=list[SetShape])
async def list_sets(chosen: Library) -> Response:
    """Return your question sets, then those that come of the corrections and the examples."""
    return Json([asdict(item) for item in await chosen.run(_sets)])


@routes.post("/sets", summary="Add questions", status_code=201, response_model=SetShape)
async def add_set(
    chosen: Library,
    file: Annotated[UploadFile, File(description="CSV, JSON or JSON Lines")],
    name: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Keep a file of questions; lines that cannot be used are told in `skipped`."""
    content, called = await file.read(), shown_name(file.filename or "")
    return Json(await ask(chosen, partial(_add_set, chosen, content, called, name)), 201)


@routes.post("/sets/draft", summary="Draft questions", status_code=201, response_model=SetShape)
async def draft_set(chosen: Library, wanted: Annotated[Drafting, Body()]) -> Response:
    """Draft questions with their evidence from the library's own graph, to be corrected."""
    return Json(await ask(chosen, partial(_draft, chosen, wanted)), 201)


@routes.get("/sets/{set_id}", summary="Read questions")
async def read_set(
    chosen: Library,
    set_id: SetId,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Return questions of a set by their place `at`, and the `state` that corrections go by."""
    state, rows = await chosen.run(lambda kb: questions_of(kb).questions(set_id))
    told = {"state": state, "total": len(rows), "questions": rows[offset : offset + limit]}
    return Json({"id": set_id, **told})


@routes.put("/sets/{set_id}", summary="Correct questions", response_model=SetShape)
async def correct_set(
    chosen: Library, set_id: SetId, wanted: Annotated[Correcting, Body()]
) -> Response:
    """Correct and drop questions, or give the set another name."""
    changed = {row.at: row.model_dump(exclude={"at"}) for row in wanted.changed}
    info = await chosen.run(
        lambda kb: questions_of(kb).correct(
            set_id, wanted.state, changed=changed, dropped=wanted.dropped, name=wanted.name
        )
    )
    return Json(asdict(info))


@routes.delete("/sets/{set_id}", summary="Delete questions", status_code=204)
async def delete_set(chosen: Library, set_id: SetId) -> Response:
    """Delete a set for good; runs over it stay."""
    await chosen.run(lambda kb: questions_of(kb).delete(set_id))
    return Response(status_code=204)


def _add_set(chosen: Chosen, content: bytes, called: str, name: str) -> dict[str, Any]:
    folder, sets = folder_of(chosen), QuestionSets(folder_of(chosen))
    sets.check_room()
    id_, path = sets.new_path()
    suffix = Path(called).suffix.lower()
    with tempfile.TemporaryDirectory(prefix="kgrag-") as beside:
        sent = Path(beside) / f"questions{suffix if suffix in _SUFFIXES else '.jsonl'}"
        sent.write_bytes(content)
        try:
            check = ("questions", "--check", str(sent), "--out", path, "--json")
            told = json.loads(chosen.service.evaluating.ask(folder, check))
            return asdict(sets.describe(id_, name or Path(called).stem, OWN, told["skipped"]))
        except EvaluationError as error:
            sets.withdraw(id_)
            words = str(error).replace(f"{beside}/", "").replace(sent.name, called)
            raise EvaluationError(words) from error
        except BaseException:
            sets.withdraw(id_)
            raise


def _draft(chosen: Chosen, wanted: Drafting) -> dict[str, Any]:
    folder, sets = folder_of(chosen), QuestionSets(folder_of(chosen))
    sets.check_room()
    id_, path = sets.new_path()
    try:
        draft = ("questions", *naming(folder), "--out", path, "--limit", str(wanted.limit))
        chosen.service.evaluating.ask(folder, draft)
        info = sets.describe(id_, wanted.name, DRAFTED)
        if not info.questions:
            raise ConfigError(
                "No question could be drafted: too little is stated plainly in this library. Add "
                "documents, or upload questions of your own."
            )
        return asdict(info)
    except BaseException:
        sets.withdraw(id_)
        raise


def _sets(kb: "KnowledgeBase") -> list[SetInfo]:
    names = [summary.name for summary in kb.documents()]
    return questions_of(kb).all(names, len(kb.corrections.list()))
