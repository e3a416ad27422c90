"""A page as an image: the right passage is marked, and a bad PDF costs no more than others."""

import io
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from indexes.errors import ParseError
from indexes.text import sentences
from kgrag.parse import ParsedText, ParseLimits, ParserPool
from kgrag.parse.picture import PagePictures
from tests.fakes import EXAMPLES


@pytest.fixture(scope="module")
def pictures() -> Iterator[PagePictures]:
    with PagePictures() as opened:
        yield opened


@pytest.fixture(scope="module")
def parsed() -> dict[str, tuple[bytes, ParsedText]]:
    found = {}
    with ParserPool(1) as pool:
        for name in ("euler-lecture-notes.pdf", "voltaire-i-ekaterina.pdf"):
            content = (EXAMPLES / name).read_bytes()
            found[name] = content, pool.parse(name, content)
    return found


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def marked(image: Image.Image) -> tuple[int, int, int, int] | None:
    """Return the box around what is yellow."""
    red, _, blue = image.split()
    return ImageChops.subtract(red, blue).point(lambda value: 255 if value > 80 else 0).getbbox()


def words_in(content: bytes, number: int, box: tuple[int, int, int, int], width: int) -> str:
    """Return the text that a PDF has within a box of its page's image."""
    import pypdfium2

    page = pypdfium2.PdfDocument(content)[number - 1]
    scale = width / page.get_width()
    left, top, right, bottom = (edge / scale for edge in box)
    height = page.get_height()
    text = page.get_textpage().get_text_bounded(left, height - bottom, right, height - top)
    return " ".join(str(text).replace("\x02", "-").split())


@pytest.mark.parametrize("name", ["euler-lecture-notes.pdf", "voltaire-i-ekaterina.pdf"])
def test_every_sentence_is_marked_where_it_stands(
    pictures: PagePictures, parsed: dict[str, tuple[bytes, ParsedText]], name: str
) -> None:
    content, document = parsed[name]
    checked = 0
    for start, end in sentences(document.text)[::2]:
        page = next(p for p in reversed(document.pages) if p.start <= start)
        png = pictures.draw(
            name,
            content,
            page.number,
            text=document.text[page.start : page.end],
            mark=(start - page.start, end - page.start),
            width_px=600,
        )
        box = marked(opened(png))
        assert box is not None, document.text[start:end]
        within = words_in(content, page.number, box, 600)
        for word in document.text[start:end].split():
            assert word in within, (word, document.text[start:end])
        # Of a sentence in one line nothing else is marked.
        if box[3] - box[1] < 24:
            assert len(within) < len(document.text[start:end]) + 12
        checked += 1
    assert checked > 10


def test_nothing_is_marked_where_nothing_is_asked_for(
    pictures: PagePictures, parsed: dict[str, tuple[bytes, ParsedText]]
) -> None:
    content, _ = parsed["euler-lecture-notes.pdf"]
    image = opened(pictures.draw("e.pdf", content, 1, width_px=400))
    assert image.width == 400
    assert marked(image) is None
    wide = opened(pictures.draw("e.pdf", content, 1, width_px=2000))
    assert wide.width == 2000


@pytest.mark.parametrize("number", [0, -1, 4, 10**9])
def test_a_page_that_is_not_there_is_told(
    pictures: PagePictures, parsed: dict[str, tuple[bytes, ParsedText]], number: int
) -> None:
    with pytest.raises(ParseError, match=rf"has no page {number}") as caught:
        pictures.draw("e.pdf", parsed["euler-lecture-notes.pdf"][0], number)
    assert caught.value.reason == "unsupported"


@pytest.mark.parametrize("content", [b"", b"no PDF", b"%PDF-1.7\n" + b"\xff" * 5_000])
def test_what_is_no_pdf_is_told(pictures: PagePictures, content: bytes) -> None:
    with pytest.raises(ParseError):
        pictures.draw("x.pdf", content, 1)


def pdf_of(width: int, height: int, content: bytes = b"") -> bytes:
    """Return a PDF of one page of this size, in points."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R >>" % (width, height),
        b"<< /Length %d >> stream\n%s\nendstream" % (len(content), content),
    ]
    body, at = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, start=1):
        at.append(len(body))
        body += b"%d 0 obj %s endobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in at)
    head = b"xref\n0 5\n0000000000 65535 f \n" + table
    return body + head + b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(body)


def test_a_tower_of_a_page_costs_no_more_than_another(pictures: PagePictures) -> None:
    image = opened(pictures.draw("tower.pdf", pdf_of(10, 14_000), 1, width_px=2000))
    assert image.height <= 4000


def test_a_page_that_takes_too_long_is_given_up_and_the_next_is_drawn() -> None:
    # A shading over and over: seconds of drawing in a small file.
    slow = pdf_of(2000, 2000, b"q 0.5 w " + b"0 0 m 1999 1999 l 1999 0 l 0 1999 l S\n" * 300_000)
    with PagePictures(ParseLimits(timeout_s=0.5)) as limited:
        began = time.monotonic()
        with pytest.raises(ParseError, match="took too long") as caught:
            limited.draw("slow.pdf", slow, 1, width_px=2000)
        assert caught.value.reason == "timeout"
        assert time.monotonic() - began < 5
        assert opened(limited.draw("next.pdf", pdf_of(100, 100), 1, width_px=400)).width == 400


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_pages_are_drawn_by_a_process_that_has_locked_itself_in(pictures: PagePictures) -> None:
    pictures.draw("a.pdf", pdf_of(100, 100), 1)
    process = pictures._worker._process
    assert process is not None and process.pid != os.getpid()
    limits = Path(f"/proc/{process.pid}/limits").read_text()
    line = next(line for line in limits.splitlines() if line.startswith("Max address space"))
    assert line.split()[3] == str(1024 << 20)
    assert "Max file size             0" in limits


def test_a_child_that_was_taken_over_can_only_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    child = (
        "import sys; from json import dumps; out = sys.stdout.buffer\n"
        "def send(value, body=b''):\n"
        "    data = dumps({**value, 'size': len(body)}).encode()\n"
        "    out.write(len(data).to_bytes(4, 'big') + data + body); out.flush()\n"
        "send({'guards': []}); sys.stdin.buffer.read(10)\n"
        "send({}, b'<script>alert(1)</script>'); sys.stdin.read()"
    )
    monkeypatch.setattr("kgrag.parse.picture._CHILD", child)
    with PagePictures() as pictures, pytest.raises(ParseError) as caught:
        pictures.draw("a.pdf", pdf_of(10, 10), 1)
    assert caught.value.reason == "crashed"
