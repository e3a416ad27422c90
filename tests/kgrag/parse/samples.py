"""Small documents made by hand, for the tests of the parsers."""

import io
import zipfile
from collections.abc import Callable, Mapping

from kgrag.parse import ParsedText

Parse = Callable[[str, bytes | str], ParsedText]
"""Parses a file given by its name and its bytes, or its text in UTF-8."""

_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def headings_of(parsed: ParsedText) -> list[tuple[int, str]]:
    """Return the level and the text of each heading."""
    return [(item.level, parsed.text[item.start : item.end]) for item in parsed.headings]


def pages_of(parsed: ParsedText) -> list[str]:
    """Return the text of each page."""
    return [parsed.text[page.start : page.end] for page in parsed.pages]


def zip_of(members: Mapping[str, str | bytes], main: str | None = None) -> bytes:
    """Return a ZIP file; ``main`` names the part that an Office file starts from."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        if main:
            archive.writestr("_rels/.rels", relations(r1=("officeDocument", main)))
    return target.getvalue()


def relations(**targets: tuple[str, str]) -> str:
    """Return a relationships part of id=(kind, target)."""
    items = "".join(
        f'<Relationship Id="{key}" Type="{_RELATION}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return f"<Relationships>{items}</Relationships>"


def word_of(document: str | bytes, target: str = "word/document.xml") -> bytes:
    """Return a Word file whose body is ``document``, and that says to start from ``target``."""
    return zip_of({"word/document.xml": document}, target)


def book_of(chapter: str, href: str = "c.xhtml") -> bytes:
    """Return an EPUB of one chapter, named by ``href``."""
    manifest = f"<manifest><item id='c' href='{href}'/></manifest>"
    return zip_of(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": "<c><rootfile full-path='p.opf'/></c>",
            "p.opf": f"<p>{manifest}<spine><itemref idref='c'/></spine></p>",
            "c.xhtml": chapter,
        }
    )


def pdf_of(pages: list[str]) -> bytes:
    """Return a PDF of content streams, without a cross-reference table: pdfium rebuilds it."""
    kids = " ".join(f"{10 + 2 * index} 0 R" for index in range(len(pages)))
    parts = [
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
        f"2 0 obj<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>endobj",
        "3 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj",
        "4 0 obj<</Title(Small print)>>endobj",
    ]
    for index, stream in enumerate(pages):
        parts.append(
            f"{10 + 2 * index} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]"
            f"/Resources<</Font<</F 3 0 R>>>>/Contents {11 + 2 * index} 0 R>>endobj\n"
            f"{11 + 2 * index} 0 obj<</Length {len(stream)}>>stream\n{stream}\nendstream endobj"
        )
    parts.append("trailer<</Root 1 0 R/Info 4 0 R>>\n%%EOF\n")
    return "\n".join(parts).encode()


def lines_of(*lines: tuple[int, int, str]) -> str:
    """Return a content stream of (letter size, y, text), all at the left margin."""
    shown = (f"/F {size} Tf 1 0 0 1 50 {y} Tm ({text}) Tj" for size, y, text in lines)
    return f"BT {' '.join(shown)} ET"
