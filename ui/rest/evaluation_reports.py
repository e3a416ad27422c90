"""Routes: the report of a run, and two runs compared, as pages and as JSON.

The pages are made by ``kgrag-eval``. They show what documents, models and users say, so they are
served as nobody's: in a sandbox, and with a policy that lets them load nothing.
"""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from ui.evaluation import run_path
from ui.evaluation_runs import Runs
from ui.render import escape
from ui.rest.asker import Library
from ui.rest.evaluation import PREFIX, RunId, ask, folder_of
from ui.rest.json import STORE_NOWHERE, Json

routes = APIRouter(prefix=PREFIX, tags=["evaluation"])

AnyRun = Annotated[str, Query(description="The id of a run", max_length=40)]

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


@routes.get(
    "/runs/{run_id}/report",
    summary="Read the report of a run",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}}},
)
async def report(chosen: Library, run_id: RunId) -> Response:
    """Return the report as one page, which loads nothing."""

    def made() -> bytes:
        folder = folder_of(chosen)
        runs = Runs(folder)
        path = runs.folder(run_id) / "report.html"
        if not path.is_file() or not runs.is_finished(run_id):
            chosen.service.evaluating.ask(folder, ("report", run_path(run_id)))
        return _page(path.read_text("utf-8"), folder, runs.about(run_id))

    return Response(await ask(chosen, made), media_type="text/html", headers=FRAMED)


@routes.get("/compare", summary="Compare two runs")
async def compare(chosen: Library, one: AnyRun, other: AnyRun) -> Response:
    """Return what is better, worse, or not shown to differ, and which questions changed."""

    def made() -> object:
        folder = folder_of(chosen)
        command = ("compare", *_both(folder, one, other), "--json")
        told = chosen.service.evaluating.ask(folder, command)
        return json.loads(_page(told, folder, *_abouts(folder, one, other), in_html=False))

    return Json(await ask(chosen, made))


@routes.get(
    "/compare.html",
    summary="Read the comparison of two runs",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}}},
)
async def compare_page(chosen: Library, one: AnyRun, other: AnyRun) -> Response:
    """Return the comparison as one page, which loads nothing."""

    def made() -> bytes:
        folder = folder_of(chosen)
        with tempfile.TemporaryDirectory(prefix="kgrag-") as beside:
            path = Path(beside) / "compare.html"
            command = ("compare", *_both(folder, one, other), "--html", str(path))
            chosen.service.evaluating.ask(folder, command)
            return _page(path.read_text("utf-8"), folder, *_abouts(folder, one, other))

    return Response(await ask(chosen, made), media_type="text/html", headers=FRAMED)


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
