"""Runs made by hand: items of a task, and a folder that holds them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from eval.asked import Asked
from eval.items import Case, Item
from eval.options import Options
from eval.run_folder import RunFolder
from eval.runner import finish
from eval.tasks import TASKS, Task


def item(case: str, right: float, *, system: str = "kgrag", **counts: tuple[float, ...]) -> Item:
    """Return an item of a question that was answered rightly or not."""
    return Item(
        case,
        "made by hand",
        {"evidence_any": (right,), **counts},
        system=system,
        tags={"kind": "single", "language": "en", "outcome": "right" if right else "wrong"},
        shown={"question": f"What of {case}?", "answer": "This. [1]"},
    )


def finished_run(folder: Path, items: Sequence[Item], **header: Any) -> RunFolder:  # noqa: ANN401
    """Return a run of the task answers that holds these items."""
    known = {
        "task": "answers",
        "command": "kgrag-eval run answers",
        "seed": 1,
        "options": Options().as_data(),
        "sets": [],
        "commit": None,
        "dirty": None,
        "versions": {"kgrag": "0", "python": "3", "platform": "Linux", "packages": {}},
        "models": {},
        "model": None,
        "library": None,
    }
    run = RunFolder.begin(folder, {**known, **header})
    for one in items:
        run.append(f"{one.case}, {one.system}", [one])
    finish(run, [], {}, 1.0)
    return run


def _measured(name: str, measure: Callable[[], object]) -> list[Item]:
    return [item(name, float(bool(measure())))]


def task_of(cases: Mapping[str, Callable[[], object]]) -> Task:
    """Return a task whose cases are these functions, each returning whether it was right."""

    def listed(asked: Asked) -> list[Case]:
        asked.note_set("made by hand", "none", "sha256:0", len(cases))
        return [Case(name, partial(_measured, name, measure)) for name, measure in cases.items()]

    return Task(TASKS["answers"].module, listed)
