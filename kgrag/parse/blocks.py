"""Blocks of a document become its text, with headings and pages at the right offsets.

Blocks (paragraphs, headings, list items, tables) are separated by a blank line; the rows of a
table are lines of cells joined by " | ". Each block is cleaned before it is placed, so offsets are
those of the final text. The text is NFC, and holds no control character but line feed and tab, no
lone surrogate, and no invisible character that could hide instructions or break a word.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from indexes.errors import ParseError
from indexes.records import Heading, Page

_CARRIAGE_RETURN = re.compile("\r+\n|\r")  # also \r\r\n, which careless conversions leave
_LINE_BREAK = re.compile("[\v\f\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Soft hyphen, zero-width space, word joiner, byte order mark; direction marks; interlinear
# annotation; noncharacters; tags (used to smuggle instructions to language models).
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u2060\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ufdd0-\ufdef"
    "\ufffe\uffff\U000e0000-\U000e007f]"
)


def clean(text: str) -> str:
    """Return the text in NFC, with line feeds, plain spaces and nothing invisible."""
    if text.isprintable():  # most cells and short lines: nothing below applies
        return unicodedata.normalize("NFC", text)
    text = _LINE_BREAK.sub("\n", _CARRIAGE_RETURN.sub("\n", text))
    text = _CONTROL.sub(" ", text)
    if not text.isascii():
        text = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
        text = _INVISIBLE.sub("", _SPACE.sub(" ", text))
        text = unicodedata.normalize("NFC", text)
    return text


def one_line(text: str) -> str:
    """Return the text cleaned, every run of white space as one space, none around it."""
    return " ".join(clean(text).split())


class Blocks:
    """Collects the blocks of one document in reading order.

    Parameters
    ----------
    max_text_chars:
        Code points that the text may reach; above, ``ParseError`` (too_large).
    """

    def __init__(self, max_text_chars: int) -> None:
        self._max_text_chars = max_text_chars
        self._parts: list[str] = []
        self._length = 0
        self._headings: list[Heading] = []
        self._pages: list[Page] = []
        self._page: tuple[int, int | None] | None = None

    def paragraph(self, text: str) -> None:
        """Add a block; line breaks within it stay. White space alone adds nothing."""
        self._place(clean(text).strip(), "\n\n")

    def heading(self, level: int, text: str) -> None:
        """Add a heading, on one line; ``level`` 1 is the highest."""
        text = one_line(text)
        if text:
            start = self._place(text, "\n\n")
            self._headings.append(Heading(level, start, start + len(text)))

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """Add a table: a line for each row that has text, cells joined by " | "."""
        separator = "\n\n"
        for row in rows:
            cells = [one_line(cell) for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                self._place(" | ".join(cells).strip(), separator)
                separator = "\n"

    def page(self, number: int) -> None:
        """Begin a page: it holds the blocks added from now on."""
        self._close_page()
        self._page = (number, None)

    def finish(self) -> tuple[str, tuple[Page, ...], tuple[Heading, ...]]:
        """Return the text, its pages and its headings."""
        self._close_page()
        return "".join(self._parts), tuple(self._pages), tuple(self._headings)

    def _place(self, text: str, separator: str) -> int:
        if not text:
            return self._length
        if self._parts:
            self._append(separator)
        start = self._length
        self._append(text)
        if self._page and self._page[1] is None:
            self._page = (self._page[0], start)
        return start

    def _append(self, text: str) -> None:
        self._length += len(text)
        if self._length > self._max_text_chars:
            raise ParseError("too_large", f"it holds more than {self._max_text_chars} characters")
        self._parts.append(text)

    def _close_page(self) -> None:
        if self._page:
            number, start = self._page
            self._pages.append(Page(number, self._length if start is None else start, self._length))
            self._page = None
