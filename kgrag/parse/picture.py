"""A page of a PDF as an image, with a passage of its text marked, made in a child process.

pdfium reads a foreign file here too, so it runs as locked in as the parsers do (S5): the child gets
the file's bytes, and what comes back is an image of a bounded size or a reason.
"""

import threading
from types import TracebackType
from typing import Self

from indexes.errors import ParseError
from kgrag.parse.limits import ParseLimits, check_size, printable
from kgrag.parse.messages import Header
from kgrag.parse.worker import Worker

MIN_WIDTH_PX, MAX_WIDTH_PX = 400, 2000
MAX_PICTURE_BYTES = 32 << 20

LIMITS = ParseLimits(timeout_s=10.0)

_CHILD = (
    "import sys; sys.path.append(sys.argv[1]); from kgrag.parse.picture_child import main; main()"
)
_LATE_S = 0.05
"""After the deadline, which is set a moment after the clock is."""

_PNG = b"\x89PNG\r\n\x1a\n"


class _Timed(Worker):
    """Has a clock for each message: there are few, and none that looks up while there is none."""

    def _exchange(
        self, header: Header | None, content: bytes, timeout_s: float
    ) -> tuple[Header, bytes]:
        timer = threading.Timer(timeout_s + _LATE_S, self.end_if_late)
        timer.daemon = True
        timer.start()
        try:
            return super()._exchange(header, content, timeout_s)
        finally:
            timer.cancel()


class PagePictures:
    """Draws pages, one at a time, in a child process that is started when first needed.

    Safe to share between threads; ends with ``close`` or the ``with`` block.
    """

    def __init__(self, limits: ParseLimits = LIMITS) -> None:
        self._limits = limits
        self._worker = _Timed(_CHILD, limits, MAX_PICTURE_BYTES)
        self._turn = threading.Lock()

    def draw(
        self,
        name: str,
        content: bytes,
        number: int,
        *,
        text: str = "",
        mark: tuple[int, int] = (0, 0),
        width_px: int = 1000,
    ) -> bytes:
        """Return a page as PNG.

        Parameters
        ----------
        name:
            What to call the document in a message.
        content:
            The bytes of the PDF.
        number:
            The page, from 1.
        text, mark:
            The text of that page as the parser gave it, and the [start, end) in it to mark.
        width_px:
            From ``MIN_WIDTH_PX`` to ``MAX_WIDTH_PX``; a very tall page comes narrower.

        Raises
        ------
        ParseError
            ``unsupported``: there is no such page, or it is no PDF that can be drawn; ``timeout``,
            ``memory`` or ``crashed``: it cannot be drawn within the limits.
        """
        name = printable(name)
        check_size(name, len(content), self._limits)
        asked = {"page": number, "text": text, "mark": mark, "width": width_px}
        with self._turn:
            try:
                header, body = self._worker.ask(asked, content)
            except TimeoutError as error:
                raise self._given_up("timeout", f"page {number} of {name} took too long") from error
            except (EOFError, OSError, ValueError) as error:
                raise self._given_up("crashed", f"page {number} of {name} broke it") from error
        if header.get("reason") == "memory":
            raise self._given_up("memory", f"page {number} of {name} takes too much memory")
        if header.get("reason") is not None:
            raise ParseError("unsupported", f"{name} has no page {number} that can be drawn.")
        if not body.startswith(_PNG):
            raise self._given_up("crashed", f"page {number} of {name} broke it")
        return body

    def close(self) -> None:
        """End the child; a page that is being drawn fails as ``crashed``."""
        self._worker.stop()

    def _given_up(self, reason: str, cause: str) -> ParseError:
        self._worker.stop()
        return ParseError(
            "timeout" if reason == "timeout" else "memory" if reason == "memory" else "crashed",
            f"The page could not be drawn: {cause}.",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
