"""A few long-lived child processes that read files, replaced when one dies or takes too long.

A child is kept for thousands of files, and trusted with nothing: what it answers is validated here.
"""

import queue
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from indexes.errors import PARSE_REASONS, ParseError
from indexes.records import Heading, Page
from kgrag.parse.limits import ParseLimits, check_size, printable
from kgrag.parse.messages import Header
from kgrag.parse.worker import Worker

PARSER_VERSION = 2
"""Pinned by document ids: raise it whenever the text of any file could change."""

_CLOCK_S = 0.1
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


class _Worker(Worker):
    """A child process that reads files."""

    def __init__(self, limits: ParseLimits) -> None:
        super().__init__(_CHILD, limits, 4 * limits.max_text_chars)

    def parse(self, name: str, content: bytes) -> ParsedText:
        try:
            header, body = self.ask({"name": name}, content)
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
