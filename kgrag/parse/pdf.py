"""PDF by pdfium: pages, and paragraphs found by where the lines stand.

pdfium gives the characters in reading order with a line break after each line, but no paragraphs. A
gap, another letter size, an indent after a full stop or a jump to another column begins a new one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from indexes.errors import ParseError
from kgrag.parse.blocks import Blocks

_GAP = 1.3
"""Times the usual distance of lines on the page, from which a gap separates paragraphs."""
_SIZE_CHANGE = 1.12
"""Ratio of letter sizes from which two lines are not of one paragraph (headings, footnotes)."""
_COLUMN_LINES = 8
"""Lines above and below that show how wide a column is."""
_LETTER_WIDTH = 0.5
"""Of the letter size: the mean in common fonts."""
_ENDS_SENTENCE = re.compile(r"[.!?:…»”\")\]]\s*$")
_BULLET = re.compile(r"\s*(?:[-–—•*▪◦●■]|\(?\d{1,3}[.)]|\(?[a-zа-я]\))\s")
# pdfium marks a hyphen that it takes for one of line wrapping, and drops the line break after it.
_WRAPPED_WORD = re.compile(r"(?<=[^\W\d_])[\x02\ufffe](?=[a-zà-ÿа-яё])")
_NO_TITLE = re.compile(r"^Microsoft Word - |\.\w{2,4}$|^\(?(?:untitled|anonymous)|/", re.I)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page: its ends, and the baselines of its first and last letter, in points."""

    text: str
    left: float
    right: float
    first_y: float
    last_y: float
    size: float


def read_pdf(content: bytes, blocks: Blocks) -> str | None:
    """Read a PDF, page by page; a page that cannot be read is left out, unless all are."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "assword" in str(error):
            raise ParseError("encrypted", "it is protected by a password") from error
        raise ParseError("corrupt", "it is damaged, or no PDF inside") from error
    failed = 0
    for index in range(len(document)):
        blocks.page(index + 1)
        try:
            page = document[index]
            lines = list(_lines(page.get_textpage()))
        except pypdfium2.PdfiumError:
            failed += 1
            continue
        for paragraph in _paragraphs(lines):
            blocks.paragraph(paragraph)
        page.close()
    if failed and failed == len(document):
        raise ParseError("corrupt", "none of its pages can be read")
    title = document.get_metadata_value("Title").strip()
    return None if _NO_TITLE.search(title) else title


def _lines(page: Any) -> Iterator[_Line]:  # noqa: ANN401 - pypdfium2 is not typed
    from pypdfium2 import raw

    handle = page.raw
    codes = [raw.FPDFText_GetUnicode(handle, index) for index in range(page.count_chars())]
    start = 0
    for index, code in enumerate([*codes, 10]):
        if code in (10, 13):
            visible = [at for at in range(start, index) if codes[at] > 32]
            if visible:
                text = "".join(map(chr, codes[start:index]))
                yield _measured(handle, text, visible[0], visible[-1])
            start = index + 1


def _measured(handle: Any, text: str, first: int, last: int) -> _Line:  # noqa: ANN401
    from ctypes import c_double

    from pypdfium2 import raw

    x, right, y, last_y = c_double(), c_double(), c_double(), c_double()
    raw.FPDFText_GetCharOrigin(handle, last, right, last_y)
    raw.FPDFText_GetCharOrigin(handle, first, x, y)
    size = raw.FPDFText_GetFontSize(handle, first)
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = _WRAPPED_WORD.sub("", text).replace("\x02", "-")
    return _Line(text, x.value, right.value, y.value, last_y.value, size)


def _paragraphs(lines: list[_Line]) -> Iterator[str]:
    """Yield the paragraphs: lines joined by line feeds."""
    steps = [above.last_y - below.first_y for above, below in pairwise(lines)]
    usual = median(usable) if (usable := [step for step in steps if 2 < step < 60]) else 0.0
    start = 0
    for index, step in enumerate(steps):
        above, below = lines[index : index + 2]
        room = _room(lines, index)
        if _separates(above, below, step, usual) or (step > 0 and _stops_short(above, below, room)):
            yield "\n".join(line.text for line in lines[start : index + 1])
            start = index + 1
    if lines:
        yield "\n".join(line.text for line in lines[start:])


def _separates(above: _Line, below: _Line, step: float, usual: float) -> bool:
    letters = max(above.size, below.size, 0.1)
    same_size = letters <= _SIZE_CHANGE * max(min(above.size, below.size), 0.1)
    if abs(step) < 0.5 * letters:  # the same line, or a superscript
        return False
    ended = bool(_ENDS_SENTENCE.search(above.text))
    if step < 0 or step > 3 * usual:  # another column, or the foot of the page
        return ended or not same_size or not below.text.lstrip()[:1].islower()
    indented = 0.5 * letters < below.left - above.left < 5 * letters
    return (
        step > _GAP * usual
        or not same_size
        or (ended and indented)
        or bool(_BULLET.match(below.text))
    )


def _room(lines: list[_Line], index: int) -> float:
    """Return the points from the end of a line to the right edge of its column."""
    line = lines[index]
    near = lines[max(0, index - _COLUMN_LINES) : index + _COLUMN_LINES]
    edges = [other.right for other in near if abs(other.left - line.left) < 3 * line.size]
    return max(edges, default=line.right) - line.right


def _stops_short(above: _Line, below: _Line, room: float) -> bool:
    """Whether the line ends early: the next word would have had room on it, twice over."""
    words = below.text.split(maxsplit=1)
    width = (len(words[0]) + 2) * _LETTER_WIDTH * below.size if words else 0.0
    return room > 2 * width and not below.text.lstrip()[:1].islower()
