"""Evaluations that the page runs: one at a time for a library, and few for the whole server.

Each is a child process (``ui.evaluation_process``), watched by a thread that notes how it ended.
What it has measured lies in the library's folder at any moment, so that whoever looks reads files;
only which ones are going on is known here alone. They end with the server, and can be resumed.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from indexes.errors import KgragError
from indexes.evaluations import FOLDER, RUNS
from ui.evaluation_process import Command, EvaluationStoppedError
from ui.evaluation_runs import Runs

RUNS_AT_ONCE = 2
"""On the whole server: a run takes a core for minutes, however polite it is."""

SHORT_AT_ONCE = 2
SHORT_S = 120.0
"""Checking a file, drafting questions, writing a report."""

Arguments = Sequence[str]
Secrets = Mapping[str, str]

_log = logging.getLogger(__name__)


class EvaluationBusyError(KgragError):
    """As many evaluations as may are going on."""


class Evaluating:
    """The evaluations that are going on; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._going: dict[tuple[Path, str], _Going] = {}
        self._short: set[Command] = set()
        self._closed = False
        self.pool = ThreadPoolExecutor(SHORT_AT_ONCE, "kgrag-evaluation")
        """Where whoever calls ``ask`` should wait for its turn."""

    def ask(self, library: Path, arguments: Arguments) -> str:
        """Return what a short command prints; see ``Command.wait``."""
        with self._lock:
            self._refuse_if_closed()
            command = Command(library, arguments)
            self._short.add(command)
        try:
            return command.wait(SHORT_S)
        finally:
            with self._lock:
                self._short.discard(command)

    def start(
        self,
        library: Path,
        begin: Callable[[], str],
        steps: Callable[[str], Sequence[Arguments]],
        secrets: Secrets | None = None,
    ) -> str:
        """Begin a run, or go on with it; return its id.

        Parameters
        ----------
        library:
            The folder of the library.
        begin:
            Called once there is room; returns the id of the run.
        steps:
            The commands of a run, by its id, one after the other.
        secrets:
            Variables of their environment.

        Raises
        ------
        EvaluationBusyError
            Another run of this library, or enough runs of others, are going on.
        """
        with self._lock:
            self._refuse_if_closed()
            self._check_room(library)
            id_ = begin()
            going = _Going(library, id_, steps(id_), dict(secrets or {}), self._ended)
            self._going[library, id_] = going
            going.thread.start()
        return id_

    def is_running(self, library: Path, id_: str) -> bool:
        """Return whether a run is going on."""
        with self._lock:
            return (library, id_) in self._going

    def stop(self, library: Path, id_: str | None = None) -> None:
        """Stop a run, or all of a library, and wait until it has ended."""
        with self._lock:
            wanted = [
                going
                for (of, own), going in self._going.items()
                if of == library and id_ in (None, own)
            ]
        for going in wanted:
            going.stop()
        for going in wanted:
            going.thread.join()

    def close(self) -> None:
        """Stop everything, and begin nothing more."""
        with self._lock:
            self._closed = True
            wanted, short = list(self._going.values()), list(self._short)
        for going in wanted:
            going.stop()
        for command in short:
            command.stop()
        for going in wanted:
            going.thread.join()
        self.pool.shutdown(wait=False, cancel_futures=True)

    def _check_room(self, library: Path) -> None:
        if any(of == library for of, _ in self._going):
            raise EvaluationBusyError(
                "An evaluation of this library is going on. Wait until it ends, or stop it."
            )
        if len(self._going) >= RUNS_AT_ONCE:
            raise EvaluationBusyError(
                f"{RUNS_AT_ONCE} evaluations are going on here, which is the most at once. Try "
                "again when one of them has ended."
            )

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise EvaluationStoppedError("The server is shutting down.")

    def _ended(self, library: Path, id_: str) -> None:
        with self._lock:
            self._going.pop((library, id_), None)


class _Going:
    """One run: its commands, one after the other, in a thread of its own."""

    def __init__(
        self,
        library: Path,
        id_: str,
        steps: Sequence[Arguments],
        secrets: Secrets,
        ended: Callable[[Path, str], None],
    ) -> None:
        self._library, self._id, self._steps = library, id_, steps
        self._secrets, self._ended = secrets, ended
        self._lock = threading.Lock()
        self._command: Command | None = None
        self._is_stopped = False
        self.thread = threading.Thread(target=self._run, name=f"kgrag-evaluation-{id_}")

    def stop(self) -> None:
        """Stop the command that is running, and begin no other."""
        with self._lock:
            self._is_stopped = True
            command = self._command
        if command is not None:
            command.stop()

    def _run(self) -> None:
        runs, error = Runs(self._library), ""
        try:
            runs.note(self._id, "")
            for step in self._steps:
                self._begin(step).wait()
        except EvaluationStoppedError:
            pass  # Whoever stopped it knows.
        except KgragError as refused:
            error = str(refused)
        except Exception:  # The boundary of the thread: it is logged here, and said there in words.
            _log.exception("an evaluation broke down")
            error = "The evaluation broke down inside kgrag. The terminal shows the details."
        try:
            runs.note(self._id, error)
        except OSError as failed:
            _log.warning("how an evaluation ended could not be noted: %s", failed)
        finally:
            self._ended(self._library, self._id)

    def _begin(self, step: Arguments) -> Command:
        with self._lock:
            if self._is_stopped:
                raise EvaluationStoppedError("The evaluation was stopped.")
            self._command = Command(self._library, step, self._secrets)
            return self._command


def run_path(id_: str) -> str:
    """Return the folder of a run as its commands, which begin in the library's folder, name it."""
    return f"{FOLDER}/{RUNS}/{id_}"
