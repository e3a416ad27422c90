"""The runs of a library: folders that ``kgrag-eval`` writes, and what was asked for beside them.

    evaluation/runs/ID.json    what was asked for; ``error`` where it came to nothing
    evaluation/runs/ID/        the run, once it has begun

Numbers are those of the run's own summary. While it goes on there is none yet: then what is told is
counted from the items that are there.
"""

import json
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from indexes.errors import ConfigError
from indexes.evaluations import FOLDER, RUNS, replace
from ui.evaluation_files import Record, descriptions, is_id, new_id, now, read_json

MAX_RUNS = 200

TASKS = ("answers", "retrieval")

KEY_MEASURES = {
    "answers": ("contains", "evidence_any", "answered", "abstention_recall"),
    "retrieval": ("recall_5", "all_5", "mrr"),
}
"""What a list of runs shows of each task; the report shows all of it."""

KGRAG = "kgrag"
"""The system that is measured; what stands beside it is in the report."""


class RunNotFoundError(ConfigError):
    """The library has no such run."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run is to measure: ``questions`` is the id of a set of this name and kind."""

    task: str
    questions: str
    name: str
    kind: str
    limit: int | None
    with_model: bool


class Runs:
    """The runs in a library's folder."""

    def __init__(self, library: Path) -> None:
        self._folder = library / FOLDER / RUNS

    def begin(self, wanted: Wanted) -> str:
        """Note a run that is about to begin; return its id.

        Raises
        ------
        ConfigError
            There are too many already.
        """
        if len(descriptions(self._folder)) >= MAX_RUNS:
            raise ConfigError(f"There are {MAX_RUNS} runs already. Delete some first.")
        self._folder.mkdir(parents=True, exist_ok=True)
        id_ = new_id()
        about = {
            "task": wanted.task,
            "set": wanted.questions,
            "name": wanted.name,
            "kind": wanted.kind,
            "limit": wanted.limit,
            "with_model": wanted.with_model,
            "started": now(),
            "error": "",
        }
        self._write(id_, about)
        return id_

    def note(self, id_: str, error: str) -> None:
        """Note why a run came to a stop; nothing where it goes on, or is no more."""
        if about := read_json(self._path(id_)):
            self._write(id_, about | {"error": error})

    def folder(self, id_: str) -> Path:
        """Return the folder of a run, which may not be there yet.

        Raises
        ------
        RunNotFoundError
            There is none with this id.
        """
        self._about(id_)
        return self._folder / id_

    def about(self, id_: str) -> Record:
        """Return what was asked for; see ``folder``."""
        return self._about(id_)

    def is_finished(self, id_: str) -> bool:
        """Return whether every question of a run was measured."""
        return bool(read_json(self._folder / id_ / "summary.json").get("finished"))

    def delete(self, id_: str) -> None:
        """Delete a run for good, which must not be going on."""
        self._about(id_)
        shutil.rmtree(self._folder / id_, ignore_errors=True)
        self._path(id_).unlink(missing_ok=True)

    def ids(self) -> list[str]:
        """Return the ids of all runs, the newest first."""
        found = descriptions(self._folder)
        return sorted(found, key=lambda id_: str(found[id_].get("started")), reverse=True)

    def shape(self, id_: str, *, is_running: bool, whole: bool = False) -> Record:
        """Return what is known of a run as JSON.

        Parameters
        ----------
        id_:
            Of the run.
        is_running:
            Whether it is going on.
        whole:
            With every row and failure, not only with the key figures.
        """
        about, folder = self._about(id_), self._folder / id_
        progress, summary = read_json(folder / "progress.json"), read_json(folder / "summary.json")
        is_finished = bool(summary.get("finished")) and not is_running
        told = {
            "id": id_,
            **about,
            "running": is_running,
            "finished": is_finished,
            "can_resume": not is_running and not is_finished and (folder / "run.json").is_file(),
            "done": progress.get("done", 0),
            "total": progress.get("total", 0),
            "failed": progress.get("failed", 0),
            "message": progress.get("message", "") if is_running else "",
            "seconds": progress.get("seconds", 0),
            "tally": {} if is_finished else _tally(folder / "items.jsonl"),
            "rows": _rows(about, summary, whole=whole),
        }
        return told | ({"failures": summary.get("failures", [])} if whole else {})

    def _about(self, id_: str) -> Record:
        about = read_json(self._path(id_)) if is_id(id_) else {}
        if not about:
            raise RunNotFoundError("There is no such run.")
        return about

    def _path(self, id_: str) -> Path:
        return self._folder / f"{id_}.json"

    def _write(self, id_: str, about: Record) -> None:
        replace(self._path(id_), json.dumps(about, ensure_ascii=False))


def _rows(about: Record, summary: Record, *, whole: bool) -> list[Record]:
    """Return the rows of a summary; a set is called by its name, not by that of its file."""
    wanted = KEY_MEASURES.get(about["task"], ())
    rows = [
        row | {"group": str(row["group"]).replace(about["set"], about["name"])}
        for row in summary.get("rows", ())
        if whole or (row["measure"] in wanted and row["system"] == KGRAG)
    ]
    return rows if whole else sorted(rows, key=lambda row: wanted.index(row["measure"]))


def _tally(path: Path) -> dict[str, int]:
    """Return how the questions that were measured came out: how many of each outcome.

    What was retrieved has no outcome: there it is how many have all that they need among the first
    five ("found") or not ("missed").
    """
    counted: Counter[str] = Counter()
    if not path.is_file():
        return {}
    for line in path.read_text("utf-8").split("\n")[:-1]:
        item = json.loads(line)
        if item["system"] != KGRAG:
            continue
        outcome = item["tags"].get("outcome")
        if outcome is None and "all_5" in item["counts"]:
            outcome = "found" if item["counts"]["all_5"][0] else "missed"
        if outcome is not None:
            counted[outcome] += 1
    return dict(counted)
