"""A run is a folder: what was asked, each case as it was measured, and what came out.

    run.json       task, sets, options, versions, seed, commit: how it began
    items.jsonl    an Item a line; the last of a case says that the case is done
    progress.json  how far it is, for whoever watches
    summary.json   run.json and the rows that came out

A case is written in one piece, so a run that was killed goes on after its last whole case.
"""

import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from filelock import FileLock

from eval.items import Item, from_line, to_line
from indexes.errors import ConfigError, KgragError
from indexes.evaluations import replace

FORMAT = 1

Record = dict[str, Any]


class RunNotFoundError(KgragError):
    """The folder holds no run."""


class RunStoppedError(KgragError):
    """A run came to a stop before its end, and can be resumed."""


class RunFolder:
    """The folder of one run; see ``begin`` and ``open``."""

    def __init__(self, folder: Path, header: Record) -> None:
        self.folder = folder
        self.header = header

    @classmethod
    def begin(cls, folder: Path, header: Record) -> Self:
        """Make the folder of a new run.

        Raises
        ------
        ConfigError
            It exists already and holds something.
        """
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ConfigError(
                f"{folder} exists already: choose another folder with --out, or go on with what "
                f"it holds: kgrag-eval resume {folder}"
            )
        folder.mkdir(parents=True, exist_ok=True)
        run = cls(folder, {"format": FORMAT, **header, "started": _now(), "resumed": []})
        run._write("run.json", run.header)
        return run

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the folder of a run that has begun.

        Raises
        ------
        RunNotFoundError
            It holds no run, or one of a format that is not known.
        """
        try:
            header = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RunNotFoundError(
                f"{folder} holds no evaluation run (its run.json cannot be read: {error})"
            ) from error
        if header.get("format") != FORMAT:
            raise RunNotFoundError(
                f"{folder} holds a run of format {header.get('format')!r}; this kgrag reads "
                f"format {FORMAT}"
            )
        return cls(folder, header)

    @property
    def items_path(self) -> Path:
        """The file of items."""
        return self.folder / "items.jsonl"

    @property
    def is_finished(self) -> bool:
        """Whether every case was measured, or failed for good."""
        return bool(self.summary().get("finished"))

    def summary(self) -> Record:
        """Return summary.json, or run.json with ``finished`` false where there is none yet."""
        try:
            found: Record = json.loads((self.folder / "summary.json").read_text(encoding="utf-8"))
        except OSError:
            return {**self.header, "finished": False, "rows": [], "failures": [], "tables": {}}
        return found

    def progress(self) -> Record:
        """Return progress.json; empty where there is none."""
        try:
            found: Record = json.loads((self.folder / "progress.json").read_text(encoding="utf-8"))
        except OSError:
            return {}
        return found

    def items(self) -> list[Item]:
        """Return the items of all whole cases."""
        return [from_line(line) for line in self._whole_lines()[0]]

    def done(self) -> frozenset[str]:
        """Return the ids of the cases that were measured."""
        return self._whole_lines()[1]

    def resume(self, revision: Record) -> None:
        """Note that the run goes on, and drop a case that was cut short."""
        lines, _ = self._whole_lines()
        with self.lock():
            replace(self.items_path, "".join(f"{line}\n" for line in lines))
        self.header["resumed"].append({**revision, "date": _now()})
        self._write("run.json", self.header)

    def note(self, **more: object) -> None:
        """Add to run.json what is known only once the cases are listed."""
        self.header.update(more)
        self._write("run.json", self.header)

    def append(
        self, case: str, items: Sequence[Item], *, check: Callable[[], None] = lambda: None
    ) -> None:
        """Add a case with all that was measured of it.

        Parameters
        ----------
        case, items:
            The case's id, and one item at least.
        check:
            Called when nobody else can write to the items, and before they are; it may raise.
        """
        lines = [to_line(item) for item in items]
        lines[-1] = json.dumps(json.loads(lines[-1]) | {"closes": case}, ensure_ascii=False)
        with self.lock():
            check()
            with self.items_path.open("a", encoding="utf-8") as file:
                file.write("".join(f"{line}\n" for line in lines))

    def tell(self, **progress: object) -> None:
        """Replace progress.json."""
        self._write("progress.json", {**progress, "pid": os.getpid()})

    def finish(self, summary: Record) -> None:
        """Write summary.json."""
        self._write("summary.json", {**self.header, **summary})

    def lock(self) -> FileLock:
        """Return the lock that whoever writes what holds text of documents must hold.

        A removed document's text is taken out under it: see ``indexes.evaluations``.
        """
        return FileLock(self.folder / "items.lock")

    def _whole_lines(self) -> tuple[list[str], frozenset[str]]:
        if not self.items_path.is_file():
            return [], frozenset()
        whole: list[str] = []
        waiting: list[str] = []
        closed: set[str] = set()
        for line in self.items_path.read_text(encoding="utf-8").split("\n")[:-1]:
            waiting.append(line)
            closes = json.loads(line).get("closes") if '"closes"' in line else None
            if closes is not None:
                closed.add(closes)
                whole += waiting
                waiting = []
        return whole, frozenset(closed)

    def _write(self, name: str, record: Record) -> None:
        text = json.dumps(record, ensure_ascii=False, indent=1, default=str)
        replace(self.folder / name, f"{text}\n")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
