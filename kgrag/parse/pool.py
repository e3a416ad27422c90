"""A few long-lived child processes that read files, replaced when one dies or takes too long.

A child is started fresh (no fork: the parent has threads), kept for thousands of files, and trusted
with nothing: what it answers is bounded and validated here.
"""

import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from indexes.errors import PARSE_REASONS, ParseError
from indexes.records import Heading, Page
from kgrag.parse.limits import ParseLimits, check_size, printable
from kgrag.parse.messages import Header, receive, send
from kgrag.parse.sandbox import GUARDS

logger = logging.getLogger(__name__)

PARSER_VERSION = 2
"""Pinned by document ids: raise it whenever the text of any file could change."""

_START_TIMEOUT_S = 60.0
_CLOCK_S = 0.1
_PACKAGE_ROOT = str(Path(__file__).resolve().parents[2])
_CHILD = "import sys; sys.path.append(sys.argv[1]); from kgrag.parse.child import main; main()"


@dataclass(frozen=True, slots=True)
class ParsedText:
    """The text of one file. Offsets are code points of ``text``; ``""`` where there is no text.

    ``title`` is what the document calls itself, or None; it is not repeated in the text.
    """

    text: str
    media_type: str
    title: str | None
    pages: tuple[Page, ...]
    headings: tuple[Heading, ...]

    def __post_init__(self) -> None:
        ends = [page.end for page in self.pages] + [heading.end for heading in self.headings]
        if max(ends, default=0) > len(self.text):
            raise ValueError(f"a page or heading ends after the text ({len(self.text)})")


class ParserPool:
    """Reads files in ``workers`` child processes; ``parse`` may be called from any thread.

    Children are started when first needed and end with ``close`` or the ``with`` block.
    """

    def __init__(self, workers: int = 2, limits: ParseLimits | None = None) -> None:
        if workers < 1:
            raise ValueError(f"workers must be at least 1, not {workers}")
        self.limits = limits or ParseLimits()
        self._workers = [_Worker(self.limits) for _ in range(workers)]
        # Last in, first out: a caller with one thread starts one child.
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._closed = threading.Event()
        # One clock for all: a timer for each file would take as long as reading a small one.
        threading.Thread(target=self._watch, name="parse-clock", daemon=True).start()

    def parse(self, name: str, content: bytes) -> ParsedText:
        """Return the text of a file.

        Parameters
        ----------
        name:
            The file's name: its extension helps to tell text formats apart, nothing else.
        content:
            The file's bytes.

        Raises
        ------
        ParseError
            With the reason, and one sentence that names the file and the cause.
        """
        if self._closed.is_set():
            raise ValueError("the pool is closed")
        name = printable(name)
        check_size(name, len(content), self.limits)
        worker = self._idle.get()
        try:
            return worker.parse(name, content)
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        """End the children; a file that is being read fails as ``crashed``."""
        self._closed.set()
        for worker in self._workers:
            worker.stop()

    def _watch(self) -> None:
        while not self._closed.wait(_CLOCK_S):
            for worker in self._workers:
                worker.end_if_late()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class _Worker:
    """One child process at a time, for one caller at a time.

    ``end_if_late`` is called from the pool's clock, everything else by the caller that holds it.
    """

    def __init__(self, limits: ParseLimits) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._clock = threading.Lock()
        self._deadline: float | None = None
        self._late = False

    def parse(self, name: str, content: bytes) -> ParsedText:
        try:
            self._start()
            header, body = self._ask(name, content)
            if "reason" not in header:
                return _parsed(header, body)
            failure = _failure(name, header)
        except TimeoutError as error:
            self.stop()
            seconds = f"{self._limits.timeout_s:g}"
            raise ParseError(
                "timeout", f"{name} was given up: reading it took more than {seconds} s."
            ) from error
        except (EOFError, OSError, ValueError, TypeError, KeyError) as error:
            self.stop()
            raise ParseError(
                "crashed", f"{name} could not be read: the parser broke down on it."
            ) from error
        if failure.reason == "memory":
            self.stop()  # its heap may be left in pieces
        raise failure

    def stop(self) -> None:
        process, self._process = self._process, None
        if process:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream:
                    _close(cast(BinaryIO, stream))

    def _start(self) -> None:
        if self._process and self._process.poll() is None:
            return
        self.stop()
        command = [
            sys.executable,
            "-P",
            "-c",
            _CHILD,
            _PACKAGE_ROOT,
            json.dumps(asdict(self._limits)),
        ]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
        header, _ = self._exchange(None, b"", _START_TIMEOUT_S)
        _warn_of_missing(tuple(header["guards"]))

    def _ask(self, name: str, content: bytes) -> tuple[Header, bytes]:
        return self._exchange({"name": name}, content, self._limits.timeout_s)

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
            answer = receive(cast(BinaryIO, process.stdout), 4 * self._limits.max_text_chars)
        except (EOFError, OSError, ValueError):
            if not self._late:
                raise
        finally:
            with self._clock:
                self._deadline = None
        if self._late:
            raise TimeoutError
        return answer

    def end_if_late(self) -> None:
        """Kill the child if its time is over: the caller that waits for it then reads its end."""
        with self._clock:
            if self._deadline is not None and time.monotonic() > self._deadline and self._process:
                self._late = True
                self._process.kill()


def _parsed(header: Header, body: bytes) -> ParsedText:
    title = header["title"]
    if not isinstance(title, str | None) or not isinstance(header["media_type"], str):
        raise TypeError("a title or media type that is no string")
    return ParsedText(
        text=body.decode(),
        media_type=header["media_type"],
        title=title,
        pages=tuple(Page(int(n), int(start), int(end)) for n, start, end in header["pages"]),
        headings=tuple(
            Heading(int(n), int(start), int(end)) for n, start, end in header["headings"]
        ),
    )


def _failure(name: str, header: Header) -> ParseError:
    if header["reason"] not in PARSE_REASONS:
        raise ValueError(f"an unknown reason: {header['reason']}")
    cause = printable(str(header["cause"]))[:300]
    return ParseError(header["reason"], f"{name} could not be read: {cause}.")


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
