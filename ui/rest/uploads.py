"""Files that are sent: from the connection into a folder as they come, and into the library.

Nothing is held in memory but the piece that has just come. On disk a file is called by its number;
the name that was sent is only shown. A file that is too large is cut off and reported like any
other that cannot be read, so that the rest of its batch goes in.
"""

import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from kgrag.adding import add_in_child
from kgrag.files import SourceFile
from kgrag.ingest import AddProgress, AddReport
from kgrag.language_model import never
from ui.rest.errors import ApiError
from ui.rest.names import apart, shown_name

if TYPE_CHECKING:
    from kgrag import KnowledgeBase
    from ui.rest.asker import Chosen

MAX_FILES = 1000
FIELD = "files"

FEW = 8
"""So many files are added in a thread, at once; more in a process of their own, which takes seconds
to begin but leaves the answers their time (``kgrag.adding``)."""


class Incoming:
    """The files of one multipart request, written to a folder as they come.

    Parameters
    ----------
    content_type:
        The header of the request.
    folder:
        Where to write: files are called 0, 1, ... in it.
    max_file_bytes:
        Of a larger file only the size is kept, not what is in it.
    check:
        Gets the bytes that have come, of all files together, and raises where they are too many.
    """

    def __init__(
        self, content_type: str, folder: Path, *, max_file_bytes: int, check: Callable[[int], None]
    ) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise ApiError(
                415, "not_multipart", f"Send the files as multipart/form-data, field {FIELD!r}."
            )
        self._folder = folder
        self._max_file_bytes, self._check = max_file_bytes, check
        self.bytes = 0
        self._names: list[str] = []
        self._headers: dict[bytes, bytes] = {}
        self._header = [b"", b""]
        self._file: BinaryIO | None = None
        self._size = 0
        self._is_whole = False
        self._parser = MultipartParser(
            options[b"boundary"],
            {
                "on_part_begin": self._headers.clear,
                "on_header_field": lambda data, start, end: self._heard(0, data[start:end]),
                "on_header_value": lambda data, start, end: self._heard(1, data[start:end]),
                "on_header_end": self._header_end,
                "on_headers_finished": self._begin,
                "on_part_data": lambda data, start, end: self._write(data[start:end]),
                "on_part_end": self._end,
                "on_end": self._finish,
            },
        )

    def feed(self, data: bytes) -> None:
        """Take the next piece.

        Raises
        ------
        ApiError
            It is no multipart form, or there is too much of it.
        """
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise _broken() from error

    def files(self) -> list[SourceFile]:
        """Return what came: two files of one name are told apart."""
        if not self._is_whole:
            raise _broken()
        if not self._names:
            raise ApiError(422, "invalid", f"There is no file in the field {FIELD!r}.")
        return [
            SourceFile(self._folder / str(index), f"upload:{name}", name)
            for index, name in enumerate(apart(self._names))
        ]

    def close(self) -> None:
        """Close the file that was being written, if any."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _heard(self, which: int, data: bytes) -> None:
        self._header[which] += data

    def _header_end(self) -> None:
        self._headers[self._header[0].lower()] = self._header[1]
        self._header = [b"", b""]

    def _begin(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if b"filename" not in options or options.get(b"name") != FIELD.encode():
            return
        if len(self._names) == MAX_FILES:
            raise ApiError(413, "too_many", f"More than {MAX_FILES} files at once. Send fewer.")
        self._file = (self._folder / str(len(self._names))).open("wb")
        self._names.append(shown_name(options[b"filename"].decode("utf-8", "replace")))
        self._size = 0

    def _write(self, data: bytes) -> None:
        self.bytes += len(data)
        self._check(self.bytes)
        if self._file is not None:
            room = self._max_file_bytes - self._size
            self._size += len(data)
            if room > 0:
                self._file.write(data[:room])

    def _end(self) -> None:
        if self._file is not None:
            if self._size > self._max_file_bytes:
                # As large as it was, and empty: reading it is refused by its size.
                self._file.truncate(0)
                self._file.truncate(self._size)
            self.close()

    def _finish(self) -> None:
        self._is_whole = True


@dataclass(frozen=True)
class Received:
    """Files that have come, in a folder that goes with ``close``."""

    files: tuple[SourceFile, ...]
    bytes: int
    folder: tempfile.TemporaryDirectory[str]

    def close(self) -> None:
        """Remove the files from the disk."""
        self.folder.cleanup()


async def receive(
    chosen: "Chosen", body: AsyncIterator[bytes], content_type: str, *, max_file_bytes: int
) -> Received:
    """Return the files of a request once all have come.

    Raises
    ------
    ApiError, TooLargeError
        It is no upload, or too large.
    """
    service, user = chosen.service, chosen.user
    folder = await service.run(lambda: tempfile.TemporaryDirectory(prefix="kgrag-"))
    incoming: Incoming | None = None
    try:
        incoming = Incoming(
            content_type,
            Path(folder.name),
            max_file_bytes=max_file_bytes,
            check=partial(service.limits.check_upload, user),
        )
        async for piece in body:
            await service.run(partial(incoming.feed, piece))
        files = incoming.files()
        await service.run(lambda: _check_room(chosen, len(files), incoming.bytes))
        return Received(tuple(files), incoming.bytes, folder)
    except BaseException:
        if incoming is not None:
            incoming.close()
        folder.cleanup()
        raise


def _check_room(chosen: "Chosen", new: int, new_bytes: int) -> None:
    """Raise TooLargeError where the user, in all libraries, would have too much."""
    shelf, limits, user = chosen.service.shelf, chosen.service.limits, chosen.user
    quotas = limits.of(user)
    if quotas.documents is None and quotas.kept_bytes is None:
        return
    documents = kept_bytes = 0
    for info in shelf.libraries(user):
        kb = shelf.get(user, info.id)
        with kb.library.reading():
            documents += info.documents
            kept_bytes += kb.library.documents.kept_bytes()
    limits.check_adding(
        user, documents=documents, kept_bytes=kept_bytes, new=new, new_bytes=new_bytes
    )


def add(
    library: "KnowledgeBase",
    files: Sequence[SourceFile],
    progress: Callable[[AddProgress], None],
    stopped: Callable[[], bool] = never,
) -> AddReport:
    """Add files; the report calls them as they were sent, not by their place on this machine.

    Once ``stopped`` says so, a process of its own is ended; what it has stored stays.
    """
    if library.parts.come_from_settings and len(files) > FEW:
        report = add_in_child(library, files, progress, stopped=stopped)
    else:
        report = library.ingest(files, progress)
    named = [
        replace(outcome, path=file.name) for outcome, file in zip(report.files, files, strict=True)
    ]
    return replace(report, files=tuple(named))


def _broken() -> ApiError:
    return ApiError(400, "bad_upload", "The upload broke off, or is no multipart form.")
