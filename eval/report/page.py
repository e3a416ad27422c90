"""The page of one run, or of several: head, first numbers, tables, drawings, cases, method.

Style and script are written into the page; its policy allows that script alone, by its digest,
and nothing from elsewhere.
"""

import base64
import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from markupsafe import Markup

from eval.report.cases import MOST, cases
from eval.report.foot import foot
from eval.report.head import head
from eval.report.plots import drawings
from eval.report.reading import Run, read_runs, run_folders
from eval.report.tables import tables
from eval.report.tiles import tiles
from eval.report.wording import task_title
from eval.run_folder import RunFolder
from indexes.evaluations import replace

HERE = Path(__file__).parent


def write_report(folder: Path) -> Path:
    """Write ``report.html`` into the folder of a run, or of several runs, and return its path.

    Raises
    ------
    RunNotFoundError
        The folder holds no run, or one that cannot be read.
    """
    path = folder / "report.html"
    with ExitStack() as locks:
        # What a removal takes out of the items meanwhile must not come back in a report.
        for run in run_folders(folder):
            locks.enter_context(RunFolder.open(run).lock())
        replace(path, report_html(read_runs(folder)))
    return path


def report_html(runs: Sequence[Run]) -> str:
    """Return the page of one run, or of several, as it stands in one file."""
    if len(runs) == 1:
        [run] = runs
        body, links = _alone(run)
        return page(f"{task_title(run.task)} – kgrag evaluation", body + foot(runs), links)
    body = Markup(
        '<header class="head"><h1>Evaluation</h1><p class="about">{}</p></header>'
    ).format(", ".join(task_title(run.task) for run in runs))
    most = MOST // max(len(runs), 1)
    sections = Markup("").join(_section(run, place, most) for place, run in enumerate(runs))
    links = [(f"run-{place}", task_title(run.task)) for place, run in enumerate(runs)]
    return page("kgrag evaluation", body + sections + foot(runs), [*links, ("method", "Method")])


def page(title: str, body: Markup, links: Sequence[tuple[str, str]]) -> str:
    """Return a whole page: ``links`` are (id, words) of its sections."""
    script = (HERE / "script.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    nav = Markup("").join(Markup('<a href="#{}">{}</a>').format(*link) for link in links)
    return Markup(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        "<title>{title}</title><style>{style}</style></head><body>"
        '<nav class="top" aria-label="Sections"><strong>kgrag</strong>{nav}</nav>'
        "<main>{body}</main><script>{script}</script></body></html>\n"
    ).format(
        policy=Markup(policy),
        title=title,
        style=Markup((HERE / "style.css").read_text(encoding="utf-8")),
        nav=nav,
        body=body,
        script=Markup(script),
    )


def _alone(run: Run) -> tuple[Markup, list[tuple[str, str]]]:
    parts = _parts(run, MOST)
    parts["Numbers"] = tiles(run) + parts["Numbers"]
    shown = {title: inside for title, inside in parts.items() if inside}
    body = head(run) + Markup("").join(
        Markup('<section id="{}"><h2>{}</h2>{}</section>').format(title.lower(), title, inside)
        for title, inside in shown.items()
    )
    return body, [*((title.lower(), title) for title in shown), ("method", "Method")]


def _section(run: Run, place: int, most: int) -> Markup:
    """Return one run of several: its first numbers open, all else folded."""
    parts = Markup("").join(
        Markup('<details class="fold"><summary>{}</summary>{}</details>').format(title, inside)
        for title, inside in _parts(run, most).items()
        if inside
    )
    return Markup('<section id="run-{}" class="run">{}{}{}</section>').format(
        place, head(run, level=2), tiles(run), parts
    )


def _parts(run: Run, most: int) -> dict[str, Markup]:
    return {"Numbers": tables(run), "Plots": drawings(run), "Cases": cases(run, most)}
