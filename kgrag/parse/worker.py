"""One child process at a time that answers messages within a deadline, for one caller at a time.

Started fresh (no fork: the parent has threads) and trusted with nothing: a child that is late is
killed, and what it answers is bounded here and validated by whoever asked.
"""

import json
import logging
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, cast

from kgrag.parse.limits import ParseLimits
from kgrag.parse.messages import Header, receive, send
from kgrag.parse.sandbox import GUARDS

logger = logging.getLogger(__name__)

_START_TIMEOUT_S = 60.0
_PACKAGE_ROOT = str(Path(__file__).resolve().parents[2])


class Worker:
    """A child process: started when first needed, and anew once it is gone.

    ``end_if_late`` is called from somebody's clock, everything else by the caller that holds it.

    Parameters
    ----------
    code:
        What it runs, with this package's root in ``sys.argv[1]`` and the limits as JSON in
        ``sys.argv[2]``; it says first which guards hold (``kgrag.parse.sandbox``).
    limits:
        What one message may cost.
    max_answer_bytes:
        The largest answer that is taken.
    """

    def __init__(self, code: str, limits: ParseLimits, max_answer_bytes: int) -> None:
        self._limits = limits
        self._code = code
        self._max_answer_bytes = max_answer_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._clock = threading.Lock()
        self._deadline: float | None = None
        self._late = False

    def ask(self, header: Header, content: bytes) -> tuple[Header, bytes]:
        """Send a message and return the answer.

        Raises
        ------
        TimeoutError
            The child was killed: it took longer than the limits allow.
        EOFError, OSError, ValueError
            The child is gone, or says what is no answer.
        """
        self._start()
        return self._exchange(header, content, self._limits.timeout_s)

    def stop(self) -> None:
        """End the child, whatever it does."""
        process, self._process = self._process, None
        if process:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream:
                    _close(cast(BinaryIO, stream))

    def end_if_late(self) -> None:
        """Kill the child if its time is over: the caller that waits for it then reads its end."""
        with self._clock:
            if self._deadline is not None and time.monotonic() > self._deadline and self._process:
                self._late = True
                self._process.kill()

    def _start(self) -> None:
        if self._process and self._process.poll() is None:
            return
        self.stop()
        limits = json.dumps(asdict(self._limits))
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", self._code, _PACKAGE_ROOT, limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
        header, _ = self._exchange(None, b"", _START_TIMEOUT_S)
        _warn_of_missing(tuple(header["guards"]))

    def _exchange(
        self, header: Header | None, content: bytes, timeout_s: float
    ) -> tuple[Header, bytes]:
        """Send a message, if any, and return the answer; TimeoutError once the child was killed."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise EOFError
        with self._clock:
            self._deadline, self._late = time.monotonic() + timeout_s, False
        try:
            if header is not None:
                send(cast(BinaryIO, process.stdin), header, content)
            answer = receive(cast(BinaryIO, process.stdout), self._max_answer_bytes)
        except (EOFError, OSError, ValueError):
            if not self._late:
                raise
        finally:
            with self._clock:
                self._deadline = None
        if self._late:
            raise TimeoutError
        return answer


@lru_cache  # once, not for every child
def _warn_of_missing(guards: tuple[str, ...]) -> None:
    missing = [guard for guard in GUARDS if guard not in guards]
    if missing:
        logger.warning("Parsers run without these guards on this machine: %s", ", ".join(missing))


def _close(stream: BinaryIO) -> None:
    try:
        stream.close()
    except OSError:  # what was still buffered has no reader any more
        logger.debug("a pipe to a parser was already broken")
