"""Read files ahead: their bytes here, their text in the parsers' child processes.

A document that the library holds is not parsed again. What the library holds changes while files
wait, so that is asked once more (``settle``) before a file goes on.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from indexes.errors import ParseError
from indexes.library import Library
from kgrag.files import SourceFile, document_id
from kgrag.parse import ParsedText, ParserPool, read_file

PARSE_AHEAD = 8
"""Files that are read and parsed while the main thread extracts: bounds the memory they take."""


@dataclass(slots=True)
class ReadFile:
    """A file on its way: its bytes, and its text once parsed."""

    order: int
    file: SourceFile
    content: bytes = b""
    id: str = ""
    parsed: ParsedText | None = None
    failure: ParseError | None = None


def read_ahead(
    library: Library, files: Sequence[SourceFile], parsers: ParserPool
) -> Iterator[ReadFile]:
    """Yield the files in order, read and parsed, with a few being parsed ahead in the children."""
    known = library.documents.ids()
    waiting: deque[Future[ReadFile]] = deque()
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="parse") as threads:
        for order, file in enumerate(files):
            waiting.append(threads.submit(_read, order, file, parsers, known))
            if len(waiting) > PARSE_AHEAD:
                yield settle(waiting.popleft().result(), library, parsers)
        while waiting:
            yield settle(waiting.popleft().result(), library, parsers)


def _read(order: int, file: SourceFile, parsers: ParserPool, known: set[str]) -> ReadFile:
    item = ReadFile(order, file)
    try:
        item.content = file.content() if file.content else read_file(file.path, parsers.limits)
        item.id = document_id(file.name, item.content)
        if item.id not in known:
            item.parsed = parsers.parse(file.name, item.content)
    except ParseError as failure:
        item.failure = failure
    return item


def settle(item: ReadFile, library: Library, parsers: ParserPool) -> ReadFile:
    """Make up for what this very run has added, or removed as replaced, since the file was read."""
    if item.failure is None:
        is_held = library.documents.row_of(item.id) is not None
        if is_held:
            item.parsed = None
        elif item.parsed is None:
            try:
                item.parsed = parsers.parse(item.file.name, item.content)
            except ParseError as failure:
                item.failure = failure
    return item
