"""The process that draws pages: locks itself in, then answers a message per page to the end.

Started by ``picture``. What it answers is the image, or ``reason``: "page" (there is none such) or
"memory".
"""

import io
import json
import os
import sys
from ctypes import c_int
from typing import TYPE_CHECKING, Any

from kgrag.parse.aligned import places_of
from kgrag.parse.limits import ParseLimits
from kgrag.parse.messages import Header, receive, send
from kgrag.parse.sandbox import allow_cpu, enter

if TYPE_CHECKING:
    from PIL.Image import Image

_MAX_HEIGHT_PX = 4000
_YELLOW = (255, 228, 92)
_MARGIN = 0.12
"""Of a line's height, by which its mark is taller: letters should not touch the edge."""

Box = tuple[float, float, float, float]
"""(left, top, right, bottom) in pixels of the image."""


def main() -> None:
    """Serve pages from standard input until it is closed."""
    limits = ParseLimits(**json.loads(sys.argv[2]))
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # C libraries print to 1 and 2: neither may get into an answer or on the user's screen.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    # Pillow and pypdfium2 use it if they can, at a cost in seconds and memory.
    sys.modules.update({"numpy": None})  # type: ignore[dict-item]
    send(answers, {"guards": enter(limits.memory_mb)})
    while True:
        try:
            header, content = receive(requests, limits.max_file_mb << 20)
        except (EOFError, KeyboardInterrupt):
            return
        allow_cpu(limits.timeout_s)
        send(answers, *_answer(header, content))


def _answer(header: Header, content: bytes) -> tuple[Header, bytes]:
    try:
        return {}, _draw(header, content)
    except MemoryError:
        return {"reason": "memory"}, b""
    except Exception:  # the boundary of one document; libraries raise anything
        return {"reason": "page"}, b""


def _draw(header: Header, content: bytes) -> bytes:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    page = document[header["page"] - 1] if header["page"] > 0 else document[len(document)]
    width, height = page.get_size()
    scale = min(header["width"] / width, _MAX_HEIGHT_PX / height)
    image = page.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB")
    start, end = header["mark"]
    if start < end:
        image = _marked(image, _boxes(page, image.size, header["text"], start, end))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _boxes(page: Any, size: tuple[int, int], text: str, start: int, end: int) -> list[Box]:  # noqa: ANN401  pypdfium2 is not typed
    """Return where the characters of [start, end) of the page's text stand in its image."""
    from pypdfium2 import raw

    letters = page.get_textpage()
    codes = [raw.FPDFText_GetUnicode(letters.raw, at) for at in range(letters.count_chars())]
    boxes: list[Box] = []
    for at in places_of(text, start, end, "".join(map(chr, codes))):
        left, bottom, right, top = letters.get_charbox(at, loose=True)
        (x1, y1), (x2, y2) = (_pixel(page, size, x, y) for x, y in ((left, top), (right, bottom)))
        boxes.append((min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)))
    return boxes


def _pixel(page: Any, size: tuple[int, int], x: float, y: float) -> tuple[int, int]:  # noqa: ANN401
    """Return where a point of a page, in PDF units, stands in its image, rotation included."""
    from pypdfium2 import raw

    at_x, at_y = c_int(), c_int()
    raw.FPDF_PageToDevice(page.raw, 0, 0, *size, 0, x, y, at_x, at_y)
    return at_x.value, at_y.value


def _marked(image: "Image", boxes: list[Box]) -> "Image":
    """Return the image with the boxes' lines as if under a highlighter."""
    from PIL import Image, ImageChops, ImageDraw

    layer = Image.new("RGB", image.size, "white")
    pen = ImageDraw.Draw(layer)
    for left, top, right, bottom in lines_of(boxes):
        spare = _MARGIN * (bottom - top)
        pen.rounded_rectangle((left - 1, top - spare, right + 1, bottom + spare), 3, fill=_YELLOW)
    return ImageChops.multiply(image, layer)


def lines_of(boxes: list[Box]) -> list[Box]:
    """Return the boxes of characters, in reading order, joined to one for each run of a line."""
    lines: list[Box] = []
    for left, top, right, bottom in boxes:
        if right <= left or bottom <= top:
            continue
        if lines:
            before = lines[-1]
            shared = min(bottom, before[3]) - max(top, before[1])
            height = min(bottom - top, before[3] - before[1])
            # Far to the right on the same height is another column.
            is_near = -2 * height < left - before[2] < 3 * height
            if shared > 0.5 * height and is_near:
                lines[-1] = (
                    min(before[0], left), min(before[1], top),
                    max(before[2], right), max(before[3], bottom),
                )  # fmt: skip
                continue
        lines.append((left, top, right, bottom))
    return lines
