"""Routes: runs over question sets; begun, watched, stopped, resumed and deleted."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body
from pydantic import BaseModel, Field
from starlette.responses import Response

from indexes.errors import ConfigError
from indexes.evaluations import CORRECTIONS
from ui.evaluation import Secrets, run_path
from ui.evaluation_runs import Runs, Wanted
from ui.evaluation_sets import EXAMPLES, QuestionSets
from ui.evaluation_settings import write_settings
from ui.rest.asker import Chosen, Library
from ui.rest.evaluation import PREFIX, RunId, folder_of, naming
from ui.rest.json import Json

routes = APIRouter(prefix=PREFIX, tags=["evaluation"])

KEY_VARIABLE = "KGRAG_EVAL_KEY"
"""Of the environment, where kgrag-eval looks for the key of its language model."""


class RunWanted(BaseModel):
    """What to measure."""

    set: str = Field(max_length=40)
    task: Literal["answers", "retrieval"]
    limit: int | None = Field(None, ge=1, le=100_000)
    with_model: bool = Field(False, description="Let the language model answer as well")


class RunBegun(BaseModel):
    """The id of a run."""

    id: str


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
        folder = folder_of(chosen)
        Runs(folder).about(run_id)
        chosen.service.evaluating.stop(folder, run_id)
        return _shape(chosen, run_id)

    return Json(await chosen.service.run(stop))


@routes.post("/runs/{run_id}/resume", summary="Go on with a run")
async def resume_run(chosen: Library, run_id: RunId) -> Response:
    """Go on where a run was stopped; what has failed is tried again."""

    def resume() -> dict[str, Any]:
        folder = folder_of(chosen)
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
        folder = folder_of(chosen)
        Runs(folder).about(run_id)
        chosen.service.evaluating.stop(folder, run_id)
        Runs(folder).delete(run_id)

    await chosen.service.run(delete)
    return Response(status_code=204)


def _begin(chosen: Chosen, wanted: RunWanted) -> str:
    folder = folder_of(chosen)
    sets, runs = QuestionSets(folder), Runs(folder)
    source = sets.source(wanted.set)
    about = _wanted(sets, wanted)
    options: list[str] = [] if wanted.limit is None else ["--limit", str(wanted.limit)]
    model, secrets = _model(chosen) if wanted.with_model else ([], {})

    def steps(id_: str) -> list[list[str]]:
        run = ["run", wanted.task, "--set", source, *naming(folder), "--out", run_path(id_)]
        run += write_settings(folder, chosen.service.shelf.settings)
        made = ["questions", *naming(folder), "--corrections", "--out", source]
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


def _model(chosen: Chosen) -> tuple[list[str], Secrets]:
    """Return the options and the secrets by which a command asks the language model."""
    model = chosen.service.shelf.settings.model
    if not model.endpoint:
        raise ConfigError("No language model is set, so it cannot be measured. Settings has it.")
    named = ["--model", model.model] if model.model else []
    key = model.read_key()
    return ["--endpoint", model.endpoint, *named], {KEY_VARIABLE: key} if key else {}


def _shapes(chosen: Chosen) -> list[dict[str, Any]]:
    return [_shape(chosen, id_) for id_ in Runs(folder_of(chosen)).ids()]


def _shape(chosen: Chosen, id_: str, *, whole: bool = False) -> dict[str, Any]:
    folder = folder_of(chosen)
    is_running = chosen.service.evaluating.is_running(folder, id_)
    told = Runs(folder).shape(id_, is_running=is_running, whole=whole)
    return told | {"message": QuestionSets(folder).asked(told["set"], told["message"])}
