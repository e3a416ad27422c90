"""Commands of ``kgrag-eval`` as child processes: begun in a library's folder, and ended with us.

They get the library's folder as their working directory and relative paths, so that no path of the
server stands in what they write. Keys go through the environment, never on a command line, which
everybody on the machine can read.
"""

import logging
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from indexes.errors import KgragError

STOP_S = 10.0
"""How long a child may take to stop: a case that is being measured is given up."""

_ROOT = str(Path(__file__).resolve().parents[1])
_CHILD = (
    "import sys; sys.path.append(sys.argv.pop(1)); from ui.evaluation_child import main; main()"
)

_REFUSED = 1
"""Also of a run in which questions have failed; then nothing is said, and the summary tells."""

_WORDS = re.compile(r"^kgrag-eval: (.*)$", re.MULTILINE)
_RESUME = re.compile(r";? ?(?:go on with|Go on with): kgrag-eval resume \S+")

_log = logging.getLogger(__name__)


class EvaluationError(KgragError):
    """An evaluation was refused, or broke off; the words are those of the command."""


class EvaluationStoppedError(EvaluationError):
    """It was stopped."""


class Command:
    """One command, from its start to its end; ``stop`` may be called by another thread."""

    def __init__(
        self, library: Path, arguments: Sequence[str], secrets: Mapping[str, str] | None = None
    ) -> None:
        self._library = library
        self._output, self._errors = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self._is_stopped = threading.Event()
        self._name = arguments[0]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _CHILD, _ROOT, *arguments],
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=self._errors,
            cwd=library.resolve(),
            # One thread for sums: more would only take cores away from those who ask.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
            | dict(secrets or {}),
            # Ctrl-C in a terminal is for this process, which then stops the child.
            start_new_session=True,
        )

    def wait(self, timeout_s: float | None = None) -> str:
        """Return what the command has printed, once it has ended.

        Raises
        ------
        EvaluationStoppedError
            It was stopped, or took longer than ``timeout_s``.
        EvaluationError
            It was refused, in its own words, or broke down.
        """
        try:
            code = self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.stop()
            code = self._process.wait()
        finally:
            self._end()
        output, errors = _read(self._output), _read(self._errors)
        if self._is_stopped.is_set() and code != 0:
            raise EvaluationStoppedError("The evaluation was stopped.")
        has_broken = "Traceback (most recent call last)" in errors
        if code == _REFUSED and (words := self._words(errors)):
            raise EvaluationError(words)
        if has_broken or code not in (0, _REFUSED):
            _log.error("kgrag-eval %s ended with status %d: %s", self._name, code, errors)
            raise EvaluationError(
                f"The evaluation broke off (status {code}). The terminal that runs kgrag shows the "
                "details; what was measured is kept."
            )
        return output

    def stop(self) -> None:
        """Stop it as Ctrl-C does, or, where it does not listen, for good."""
        self._is_stopped.set()
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _end(self) -> None:
        if self._process.poll() is None:  # Whoever waits was interrupted.
            self._process.kill()
            self._process.wait()
        assert self._process.stdin is not None
        self._process.stdin.close()

    def _words(self, errors: str) -> str:
        """Return what the command says is wrong, without the place of the library."""
        found = _WORDS.findall(errors)
        words = _RESUME.sub("", found[-1]).strip() if found else ""
        for place in {str(self._library.absolute()), str(self._library.resolve())}:
            words = words.replace(f"{place}/", "").replace(place, "")
        words = words.replace(f" ../{self._library.resolve().name}", "")
        return words[:1].upper() + words[1:]


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    text = file.read().decode("utf-8", "replace")
    file.close()
    return text
