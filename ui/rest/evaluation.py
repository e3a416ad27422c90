"""Routes: question sets of a library, runs over them, their reports, and two runs compared."""

import asyncio
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Body, File, Form, Query, UploadFile
from fastapi import Path as InPath
from pydantic import BaseModel, Field
from starlette.responses import Response

from indexes.errors import ConfigError
from indexes.evaluations import CORRECTIONS, DRAFTED, OWN
from ui.evaluation import Secrets, run_path
from ui.evaluation_process import EvaluationError
from ui.evaluation_runs import Runs, Wanted
from ui.evaluation_sets import EXAMPLES, QuestionSets, SetInfo
from ui.render import escape
from ui.rest.asker import Chosen, Library
from ui.rest.json import STORE_NOWHERE, Json
from ui.rest.names import shown_name

if TYPE_CHECKING:
    from kgrag import KnowledgeBase

routes = APIRouter(prefix="/api/libraries/{library}/evaluation", tags=["evaluation"])

T = TypeVar("T")

SetId = Annotated[str, InPath(description="Its id, as in the list of question sets")]
RunId = Annotated[str, InPath(description="Its id, as in the list of runs")]
AnyRun = Annotated[str, Query(description="The id of a run", max_length=40)]

MOST_DRAFTED = 500
_SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".txt", ".gz")

FRAMED = {
    **STORE_NOWHERE,
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "style-src 'unsafe-inline'",
            "script-src 'unsafe-inline'",
            "img-src data:",
            "frame-ancestors 'self'",
            # Also in a tab of its own it is nobody's page: it reaches no cookie, form or address.
            "sandbox allow-scripts",
        )
    ),
    "X-Frame-Options": "SAMEORIGIN",
}
"""Of pages that show texts of documents, made by ``kgrag-eval``, within the page or beside it."""


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


class RunWanted(BaseModel):
    """What to measure."""

    set: str = Field(max_length=40)
    task: Literal["answers", "retrieval"]
    limit: int | None = Field(None, ge=1, le=100_000)
    with_model: bool = Field(False, description="Let the language model answer as well")


class RunBegun(BaseModel):
    """The id of a run."""

    id: str


# -- question sets -------------------------------------------------------------------------------


@routes.get("/sets", summary="List the question sets", response_model=list[SetShape])
async def list_sets(chosen: Library) -> Response:
    """Return your question sets, then those that come of the corrections and the examples."""
    return Json([_set_shape(item) for item in await chosen.run(_sets)])


@routes.post("/sets", summary="Add questions", status_code=201, response_model=SetShape)
async def add_set(
    chosen: Library,
    file: Annotated[UploadFile, File(description="CSV, JSON or JSON Lines")],
    name: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Keep a file of questions; lines that cannot be used are told in `skipped`."""
    content, called = await file.read(), shown_name(file.filename or "")
    return Json(await _ask(chosen, partial(_add_set, chosen, content, called, name)), 201)


@routes.post("/sets/draft", summary="Draft questions", status_code=201, response_model=SetShape)
async def draft_set(chosen: Library, wanted: Annotated[Drafting, Body()]) -> Response:
    """Draft questions with their evidence from the library's own graph, to be corrected."""
    return Json(await _ask(chosen, partial(_draft, chosen, wanted)), 201)


@routes.get("/sets/{set_id}", summary="Read questions")
async def read_set(
    chosen: Library,
    set_id: SetId,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Return questions of a set by their place `at`, and the `state` that corrections go by."""
    state, rows = await chosen.run(lambda kb: _questions(kb).questions(set_id))
    told = {"state": state, "total": len(rows), "questions": rows[offset : offset + limit]}
    return Json({"id": set_id, **told})


@routes.put("/sets/{set_id}", summary="Correct questions", response_model=SetShape)
async def correct_set(
    chosen: Library, set_id: SetId, wanted: Annotated[Correcting, Body()]
) -> Response:
    """Correct and drop questions, or give the set another name."""
    changed = {row.at: row.model_dump(exclude={"at"}) for row in wanted.changed}
    info = await chosen.run(
        lambda kb: _questions(kb).correct(
            set_id, wanted.state, changed=changed, dropped=wanted.dropped, name=wanted.name
        )
    )
    return Json(_set_shape(info))


@routes.delete("/sets/{set_id}", summary="Delete questions", status_code=204)
async def delete_set(chosen: Library, set_id: SetId) -> Response:
    """Delete a set for good; runs over it stay."""
    await chosen.run(lambda kb: _questions(kb).delete(set_id))
    return Response(status_code=204)


def _add_set(chosen: Chosen, content: bytes, called: str, name: str) -> dict[str, Any]:
    folder, sets = _folder(chosen), QuestionSets(_folder(chosen))
    sets.check_room()
    id_, path = sets.new_path()
    suffix = Path(called).suffix.lower()
    with tempfile.TemporaryDirectory(prefix="kgrag-") as beside:
        sent = Path(beside) / f"questions{suffix if suffix in _SUFFIXES else '.jsonl'}"
        sent.write_bytes(content)
        try:
            check = ("questions", "--check", str(sent), "--out", path, "--json")
            told = json.loads(chosen.service.evaluating.ask(folder, check))
            return _set_shape(sets.describe(id_, name or Path(called).stem, OWN, told["skipped"]))
        except EvaluationError as error:
            sets.withdraw(id_)
            words = str(error).replace(f"{beside}/", "").replace(sent.name, called)
            raise EvaluationError(words) from error
        except BaseException:
            sets.withdraw(id_)
            raise


def _draft(chosen: Chosen, wanted: Drafting) -> dict[str, Any]:
    folder, sets = _folder(chosen), QuestionSets(_folder(chosen))
    sets.check_room()
    id_, path = sets.new_path()
    try:
        draft = ("questions", *_of(folder), "--out", path, "--limit", str(wanted.limit))
        chosen.service.evaluating.ask(folder, draft)
        info = sets.describe(id_, wanted.name, DRAFTED)
        if not info.questions:
            raise ConfigError(
                "No question could be drafted: too little is stated plainly in this library. Add "
                "documents, or upload questions of your own."
            )
        return _set_shape(info)
    except BaseException:
        sets.withdraw(id_)
        raise


def _sets(kb: "KnowledgeBase") -> list[SetInfo]:
    names = [summary.name for summary in kb.documents()]
    return _questions(kb).all(names, len(kb.corrections.list()))


# -- runs ----------------------------------------------------------------------------------------


@routes.post("/runs", summary="Begin a run", status_code=201, response_model=RunBegun)
async def begin_run(chosen: Library, wanted: Annotated[RunWanted, Body()]) -> Response:
    """Measure how well questions are answered, or their documents found. It goes on by itself."""
    return Json({"id": await chosen.service.run(lambda: _begin(chosen, wanted))}, 201)


@routes.get("/runs", summary="List the runs")
async def list_runs(chosen: Library) -> Response:
    """Return the runs with their key figures, the newest first."""
    return Json(await chosen.service.run(lambda: _shapes(chosen)))


@routes.get("/runs/{run_id}", summary="See a run")
async def show_run(chosen: Library, run_id: RunId) -> Response:
    """Return how far a run is, all that it has measured, and what failed."""
    return Json(await chosen.service.run(lambda: _shape(chosen, run_id, whole=True)))


@routes.post("/runs/{run_id}/stop", summary="Stop a run")
async def stop_run(chosen: Library, run_id: RunId) -> Response:
    """Stop a run; what was measured is kept, and it can be resumed."""

    def stop() -> dict[str, Any]:
        folder = _folder(chosen)
        Runs(folder).about(run_id)
        chosen.service.evaluating.stop(folder, run_id)
        return _shape(chosen, run_id)

    return Json(await chosen.service.run(stop))


@routes.post("/runs/{run_id}/resume", summary="Go on with a run")
async def resume_run(chosen: Library, run_id: RunId) -> Response:
    """Go on where a run was stopped; what has failed is tried again."""

    def resume() -> dict[str, Any]:
        folder = _folder(chosen)
        about = Runs(folder).about(run_id)
        secrets = _model(chosen)[1] if about["with_model"] else {}
        steps = [("resume", run_path(run_id))]
        chosen.service.evaluating.start(folder, lambda: run_id, lambda _: steps, secrets)
        return _shape(chosen, run_id)

    return Json(await chosen.service.run(resume))


@routes.delete("/runs/{run_id}", summary="Delete a run", status_code=204)
async def delete_run(chosen: Library, run_id: RunId) -> Response:
    """Delete a run for good; one that is going on is stopped first."""

    def delete() -> None:
        folder = _folder(chosen)
        Runs(folder).about(run_id)
        chosen.service.evaluating.stop(folder, run_id)
        Runs(folder).delete(run_id)

    await chosen.service.run(delete)
    return Response(status_code=204)


def _begin(chosen: Chosen, wanted: RunWanted) -> str:
    folder = _folder(chosen)
    sets, runs = QuestionSets(folder), Runs(folder)
    source = sets.source(wanted.set)
    about = _wanted(sets, wanted)
    options: list[str] = [] if wanted.limit is None else ["--limit", str(wanted.limit)]
    model, secrets = _model(chosen) if wanted.with_model else ([], {})

    def steps(id_: str) -> list[list[str]]:
        run = ["run", wanted.task, "--set", source, *_of(folder), "--out", run_path(id_)]
        made = ["questions", *_of(folder), "--corrections", "--out", source]
        return [*([made] if wanted.set == CORRECTIONS else []), [*run, *options, *model]]

    def begin() -> str:
        if wanted.set == CORRECTIONS:
            sets.describe_corrections()
        return runs.begin(about)

    return chosen.service.evaluating.start(folder, begin, steps, secrets)


def _wanted(sets: QuestionSets, wanted: RunWanted) -> Wanted:
    comes_of_itself = wanted.set in (CORRECTIONS, EXAMPLES)
    kind, name = (wanted.set, wanted.set) if comes_of_itself else sets.kind_and_name(wanted.set)
    return Wanted(wanted.task, wanted.set, name, kind, wanted.limit, wanted.with_model)


def _of(folder: Path) -> list[str]:
    """Return how a command, which begins in a library's folder, names it: reports tell the name."""
    return ["--library", f"../{folder.resolve().name}"]


def _model(chosen: Chosen) -> tuple[list[str], Secrets]:
    """Return the options and the secrets by which a command asks the language model."""
    model = chosen.service.shelf.settings.model
    if not model.endpoint:
        raise ConfigError("No language model is set, so it cannot be measured. Settings has it.")
    named = ["--model", model.model] if model.model else []
    key = model.read_key()
    return ["--endpoint", model.endpoint, *named], {"KGRAG_API_KEY": key} if key else {}


def _shapes(chosen: Chosen) -> list[dict[str, Any]]:
    return [_shape(chosen, id_) for id_ in Runs(_folder(chosen)).ids()]


def _shape(chosen: Chosen, id_: str, *, whole: bool = False) -> dict[str, Any]:
    folder = _folder(chosen)
    is_running = chosen.service.evaluating.is_running(folder, id_)
    told = Runs(folder).shape(id_, is_running=is_running, whole=whole)
    return told | {"message": QuestionSets(folder).asked(told["set"], told["message"])}


# -- reports -------------------------------------------------------------------------------------


@routes.get(
    "/runs/{run_id}/report",
    summary="Read the report of a run",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}}},
)
async def report(chosen: Library, run_id: RunId) -> Response:
    """Return the report as one page, which loads nothing."""

    def made() -> bytes:
        folder = _folder(chosen)
        runs = Runs(folder)
        path, is_done = runs.folder(run_id) / "report.html", _shape(chosen, run_id)["finished"]
        if not is_done or not path.is_file():
            chosen.service.evaluating.ask(folder, ("report", run_path(run_id)))
        return _page(path.read_text("utf-8"), folder, runs.about(run_id))

    return Response(await _ask(chosen, made), media_type="text/html", headers=FRAMED)


@routes.get("/compare", summary="Compare two runs")
async def compare(chosen: Library, one: AnyRun, other: AnyRun) -> Response:
    """Return what is better, worse, or not shown to differ, and which questions changed."""

    def made() -> object:
        folder = _folder(chosen)
        command = ("compare", *_both(folder, one, other), "--json")
        told = chosen.service.evaluating.ask(folder, command)
        return json.loads(_page(told, folder, *_abouts(folder, one, other), in_html=False))

    return Json(await _ask(chosen, made))


@routes.get(
    "/compare.html",
    summary="Read the comparison of two runs",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}}},
)
async def compare_page(chosen: Library, one: AnyRun, other: AnyRun) -> Response:
    """Return the comparison as one page, which loads nothing."""

    def made() -> bytes:
        folder = _folder(chosen)
        with tempfile.TemporaryDirectory(prefix="kgrag-") as beside:
            path = Path(beside) / "compare.html"
            command = ("compare", *_both(folder, one, other), "--html", str(path))
            chosen.service.evaluating.ask(folder, command)
            return _page(path.read_text("utf-8"), folder, *_abouts(folder, one, other))

    return Response(await _ask(chosen, made), media_type="text/html", headers=FRAMED)


def _both(folder: Path, *ids: str) -> list[str]:
    for id_ in ids:
        Runs(folder).folder(id_)
    return [run_path(id_) for id_ in ids]


def _abouts(folder: Path, *ids: str) -> list[dict[str, Any]]:
    return [Runs(folder).about(id_) for id_ in ids]


def _page(text: str, folder: Path, *abouts: dict[str, Any], in_html: bool = True) -> bytes:
    """Return what a command wrote, with names of sets for those of files, and no path of ours."""
    shown: Callable[[str], str] = escape if in_html else lambda name: json.dumps(name)[1:-1]
    for about in abouts:
        text = text.replace(f"{about['set']}.jsonl", about["set"])
        text = text.replace(about["set"], shown(about["name"] or about["set"]))
    for place in {str(folder.absolute()), str(folder.resolve())}:
        text = text.replace(shown(place), "…")
    return text.encode()


# -- the library ---------------------------------------------------------------------------------


def _folder(chosen: Chosen) -> Path:
    return chosen.open().library.folder


def _questions(kb: "KnowledgeBase") -> QuestionSets:
    return QuestionSets(kb.library.folder)


def _set_shape(info: SetInfo) -> dict[str, Any]:
    return asdict(info)


async def _ask(chosen: Chosen, work: Callable[[], T]) -> T:
    """Run what waits for a short command; few do at the same time."""
    await chosen.service.run(chosen.open)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(chosen.service.evaluating.pool, work)
