"""vLLM as a child process: what it says is read, and when kgrag goes, all of it goes.

It runs in a process group of its own, for it starts processes itself, which must not outlive it:
they hold the memory of the GPU.
"""

import logging
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType

from indexes.errors import ModelError
from kgrag.vllm_log import explain, stage_of

POLL_S = 0.5
STOP_S = 10.0
"""How long vLLM may take to end by itself."""
LOG_BYTES = 64 << 10
"""What is read of the log to explain a failure."""

_logger = logging.getLogger(__name__)


class VllmChild:
    """vLLM's process and what it logs, in a file that nobody else sees and that ends with it.

    Parameters
    ----------
    command, environment:
        What to run, and all of the environment that it gets.

    Attributes
    ----------
    stage:
        What it does, as far as its log has been read.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command = command
        self._environment = environment
        self._read = 0
        self.stage = "starting vLLM"

    def __enter__(self) -> "VllmChild":
        self._log = tempfile.TemporaryFile("a+b")  # appends: reading never moves the writer
        self._signals = _ends_by_signal()
        self._signals.__enter__()
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self._process.poll() is None:
                self._process.terminate()
                self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            pass
        finally:
            _kill_group(self._process.pid)
            self._process.wait()
            self._signals.__exit__(None, None, None)
            self._log.close()

    def require_alive(self) -> None:
        """Read on in the log; raise ModelError if the process has ended."""
        code = self._process.poll()
        size = os.fstat(self._log.fileno()).st_size
        new = os.pread(self._log.fileno(), size - self._read, self._read)
        self._read = size
        for line in new.decode("utf-8", "replace").splitlines():
            self.stage = stage_of(line) or self.stage
            _logger.info("%s", line)
        if code is not None:
            raise ModelError(f"vLLM ended {_how(code)}. {explain(self.tail())}")

    def tail(self) -> str:
        """Return the end of the log."""
        size = os.fstat(self._log.fileno()).st_size
        start = max(size - LOG_BYTES, 0)
        return os.pread(self._log.fileno(), size - start, start).decode("utf-8", "replace")

    def wait(self) -> None:
        """Stay until the process ends, which is an error, or a signal comes."""
        while True:
            self.require_alive()
            time.sleep(POLL_S)


def _how(code: int) -> str:
    """Say how a process ended."""
    if code == -signal.SIGKILL:
        return "by a kill, most likely for want of memory: choose a smaller model"
    return f"by signal {-code}" if code < 0 else f"with status {code}"


def _kill_group(group: int) -> None:
    """Kill what is left of a process group, if anything is."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


@contextmanager
def _ends_by_signal() -> Iterator[None]:
    """Treat SIGTERM and a closed terminal as Ctrl-C: the child must go too."""

    def end(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, end) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
