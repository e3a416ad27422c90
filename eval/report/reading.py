"""A run as the page needs it, read from its folder.

A folder of ``kgrag-eval run all`` holds one folder for each task; both are read alike.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from eval.items import KGRAG, Item
from eval.report.wording import TASKS
from eval.run_folder import RunFolder, RunNotFoundError

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Run:
    """One run.

    Parameters
    ----------
    summary:
        What summary.json holds; of a run that has not ended, run.json with the rows so far.
    items:
        Each case as it was measured.
    progress:
        What progress.json holds; empty where there is none.
    name:
        Of its folder.
    """

    summary: Mapping[str, Any]
    items: Sequence[Item] = ()
    progress: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""

    @property
    def task(self) -> str:
        """The task, as the command line names it."""
        return str(self.summary.get("task", ""))

    @cached_property
    def rows(self) -> list[Row]:
        """A measure of a group and a system each."""
        return list(self.summary.get("rows") or ())

    @property
    def is_finished(self) -> bool:
        """Whether every case was measured, or failed for good."""
        return bool(self.summary.get("finished"))

    @cached_property
    def main_system(self) -> str:
        """The system that the page is about: kgrag, unless only others were measured."""
        systems = self.systems
        return KGRAG if KGRAG in systems or not systems else systems[0]

    @cached_property
    def systems(self) -> list[str]:
        """All systems, in the order in which they came, kgrag first."""
        found = dict.fromkeys(
            [row["system"] for row in self.rows] + [item.system for item in self.items]
        )
        return sorted(found, key=lambda system: system != KGRAG)

    @cached_property
    def groups(self) -> list[str]:
        """All groups, in the order in which they came."""
        found = [row["group"] for row in self.rows] + [item.group for item in self.items]
        return list(dict.fromkeys(found))

    def own_items(self) -> list[Item]:
        """Return the items of the main system."""
        return [item for item in self.items if item.system == self.main_system]

    @cached_property
    def own_cases(self) -> list[Item]:
        """The items of the main system, each case once."""
        return once(self.own_items())

    def number(self, group: str, system: str, measure: str) -> Row | None:
        """Return the row of a measure, if it was measured."""
        return self._by_place.get((group, system, measure))

    @cached_property
    def _by_place(self) -> dict[tuple[str, str, str], Row]:
        return {(row["group"], row["system"], row["measure"]): row for row in self.rows}


def once(items: Iterable[Item]) -> list[Item]:
    """Return each case of a system once, though it may count for several groups."""
    found: dict[tuple[str, str, str], Item] = {}
    for item in items:
        found.setdefault((item.system, item.case, str(item.shown)), item)
    return list(found.values())


def read_runs(folder: Path) -> list[Run]:
    """Return the run in a folder, or those in the folders within it, in the order of tasks.

    Raises
    ------
    RunNotFoundError
        There is none, or one that cannot be read.
    """
    order = list(TASKS)
    runs = [_read(path) for path in run_folders(folder)]
    return sorted(runs, key=lambda run: order.index(run.task) if run.task in TASKS else len(order))


def run_folders(folder: Path) -> list[Path]:
    """Return the folder itself, if it holds a run, or those of its folders that do.

    Raises
    ------
    RunNotFoundError
        There is none.
    """
    if (folder / "run.json").is_file():
        return [folder]
    within = sorted(path.parent for path in folder.glob("*/run.json"))
    if not within:
        raise RunNotFoundError(
            f"{folder} holds no evaluation run, nor a folder with one: give the folder that "
            "kgrag-eval run wrote"
        )
    return within


def _read(folder: Path) -> Run:
    from eval.summary import rows

    opened = RunFolder.open(folder)
    summary = opened.summary()
    try:
        items = opened.items()
        if not summary.get("rows"):
            summary = {**summary, "rows": rows(items, seed=int(summary.get("seed") or 0))}
    except ValueError as error:
        raise RunNotFoundError(
            f"{opened.items_path} is damaged: {error}. Run it anew, or take that line out."
        ) from error
    return Run(summary, items, opened.progress(), folder.resolve().name)
