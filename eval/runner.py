"""Runs a task case by case into a run folder, and goes on where a run came to a stop.

    list the cases -> for each that is not done: measure, append -> rows -> summary.json, report

A case that fails is told and left out; the next run tries it again. Where several fail one after
another, as they do once a language model is gone, the run stops and can be resumed.
"""

import logging
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from eval.asked import Asked
from eval.items import Case
from eval.options import Options, command_of
from eval.provenance import peak_memory_mb, revision, versions
from eval.run_folder import RunFolder, RunStoppedError
from eval.summary import rows
from eval.tasks import TASKS
from indexes.errors import ConfigError, KgragError, LibraryError

logger = logging.getLogger(__name__)

Record = dict[str, Any]

IN_A_ROW = 3
"""Cases that may fail one after another before a run stops."""

Tell = Callable[[Mapping[str, Any]], None]


def begin(task: str, options: Options, folder: Path, tell: Tell) -> RunFolder:
    """Begin a run and take it to its end.

    Raises
    ------
    ConfigError, RunStoppedError, KeyboardInterrupt
        Nothing was begun; too much failed; somebody stopped it: then it can be resumed.
    """
    run = RunFolder.begin(
        folder,
        {
            "task": task,
            "command": command_of(task, options),
            "options": options.as_data(),
            "seed": options.seed,
            **revision(),
            "versions": versions(),
        },
    )
    try:
        _go_on(run, options, tell)
    except KgragError as error:
        if not run.items_path.exists() and not isinstance(error, RunStoppedError):
            _withdraw(run)
        raise
    return run


def resume(folder: Path, tell: Tell) -> RunFolder:
    """Go on with a run that came to a stop; one that is finished tries its failures again.

    Raises
    ------
    RunNotFoundError, ConfigError, RunStoppedError, KeyboardInterrupt
        As of ``begin``; also where a question set is no longer what it was.
    """
    run = RunFolder.open(folder)
    run.resume(revision())
    _go_on(run, Options.from_data(run.header["options"]), tell)
    return run


def _go_on(run: RunFolder, options: Options, tell: Tell) -> None:
    progress = _Progress(run, tell)
    with Asked(options) as asked, _terminable():
        asked.say = progress.say
        progress.say("Getting ready")
        task = TASKS[run.header["task"]]
        cases = task.cases(asked)
        _note(run, asked)
        failures = _measure(run, cases, asked, progress)
        progress.say("Adding up")
        tables = task.tables(asked, run.items())
        run.note(models=asked.models)
    finish(run, failures, tables, progress.seconds)
    progress.say("Done", finished=not failures)


def finish(run: RunFolder, failures: list[Record], tables: Record, seconds: float) -> None:
    """Write the summary and the report of what was measured."""
    from eval.report.page import write_report

    run.finish(
        {
            "finished": not failures,
            "seconds": round(seconds, 1),
            "peak_memory_mb": peak_memory_mb(),
            "failures": failures,
            "tables": tables,
            "rows": rows(run.items(), seed=run.header["seed"]),
        }
    )
    write_report(run.folder)


def _measure(
    run: RunFolder, cases: list[Case], asked: Asked, progress: "_Progress"
) -> list[Record]:
    """Measure what is not done yet; return what failed."""
    done = run.done()
    progress.total = len(cases)
    progress.done = sum(case.id in done for case in cases)
    failures: list[Record] = []
    in_a_row = 0
    for case in cases:
        if case.id in done:
            continue
        progress.say(case.id)
        try:
            run.append(case.id, case.measure(), check=asked.check_library)
        except (LibraryError, ConfigError):
            raise
        except KgragError as error:
            logger.warning("%s: %s", case.id, error)
            failures.append({"case": case.id, "message": str(error)})
            progress.failed += 1
            in_a_row += 1
            if in_a_row == IN_A_ROW:
                finish(run, failures, {}, progress.seconds)
                progress.say("Stopped")
                raise RunStoppedError(
                    f"{in_a_row} cases failed one after another, the last ({case.id}) with: "
                    f"{error} What was measured is kept; go on with: "
                    f"kgrag-eval resume {run.folder}"
                ) from error
        else:
            in_a_row = 0
            progress.done += 1
    return failures


def _note(run: RunFolder, asked: Asked) -> None:
    """Keep what the task has read; what is resumed must be the same."""
    known = {item["name"]: item["checksum"] for item in run.header.get("sets", ())}
    for item in asked.sets_read:
        if known.get(item["name"], item["checksum"]) != item["checksum"]:
            raise ConfigError(
                f"{item['name']} has changed since the run in {run.folder} began: begin a new run"
            )
    before, now = run.header.get("library"), asked.library_record
    if before and now and before["version"] != now["version"]:
        raise ConfigError(
            f"the library {now['folder']} has changed since the run in {run.folder} began: begin a "
            "new run"
        )
    options = asked.options
    model = {"endpoint": options.endpoint, "model": options.model} if options.endpoint else None
    run.note(
        sets=asked.sets_read,
        model=asked.model_record or model,
        library=asked.library_record,
        models=asked.models,
    )


def _withdraw(run: RunFolder) -> None:
    """Take a run back that never began, so that its folder can be used again."""
    for path in run.folder.iterdir():
        path.unlink()
    run.folder.rmdir()


class _Progress:
    """How far a run is, told to its folder and to whoever watches."""

    def __init__(self, run: RunFolder, tell: Tell) -> None:
        self._run, self._tell = run, tell
        before = float(run.progress().get("seconds", 0.0))
        self._started = time.perf_counter() - before
        self.done = self.total = self.failed = 0

    @property
    def seconds(self) -> float:
        """Seconds of the run, those before it was resumed among them."""
        return time.perf_counter() - self._started

    def say(self, message: str, *, finished: bool = False) -> None:
        """Tell what is being done now."""
        told = {
            "done": self.done,
            "total": self.total,
            "failed": self.failed,
            "message": message,
            "finished": finished,
            "seconds": round(self.seconds, 1),
        }
        self._run.tell(**told)
        self._tell(told)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM stop a run as Ctrl-C does; a case that is cut short is measured again."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # Not in the main thread.
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
