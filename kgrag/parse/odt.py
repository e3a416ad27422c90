"""OpenDocument text: headings, paragraphs, tables, in the order of the body."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from indexes.errors import ParseError
from kgrag.parse.archive import Archive, attribute, children, descendants, local
from kgrag.parse.blocks import Blocks

if TYPE_CHECKING:
    from lxml import etree

_SKIPPED = {"tracked-changes", "annotation", "sequence-decls", "variable-decls"}


def read_odt(content: bytes, blocks: Blocks) -> str | None:
    """Read a text document; notes stand where they are referred to."""
    archive = Archive(content)
    if "META-INF/manifest.xml" in archive.names and any(
        descendants(archive.xml("META-INF/manifest.xml"), "encryption-data")
    ):
        raise ParseError("encrypted", "it is protected by a password")
    for body in children(archive.xml("content.xml"), "body"):
        _add(body, blocks)
    if "meta.xml" in archive.names:
        for item in descendants(archive.xml("meta.xml"), "title"):
            return item.text
    return None


def _add(container: "etree._Element", blocks: Blocks) -> None:
    for item in children(container):
        kind = local(item)
        if kind == "h":
            level = attribute(item, "outline-level") or "1"
            blocks.heading(int(level) if level.isdecimal() else 1, "".join(_text(item)))
        elif kind == "p":
            blocks.paragraph("".join(_text(item)))
        elif kind == "table":
            blocks.table(_rows(item))
        elif kind not in _SKIPPED:
            _add(item, blocks)


def _rows(table: "etree._Element") -> Iterator[list[str]]:
    for row in descendants(table, "table-row"):
        yield ["".join(_text(cell)) for cell in children(row, "table-cell")]


def _text(element: "etree._Element") -> Iterator[str]:
    yield element.text or ""
    for child in element:
        kind = local(child)
        if kind in ("p", "line-break"):
            yield "\n"
        elif kind in ("tab", "s"):
            yield " "
        if kind and kind not in _SKIPPED:
            yield from _text(child)
        yield child.tail or ""
