"""PowerPoint: a slide a page; its title is a heading, then shapes, tables, charts and notes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kgrag.parse.archive import Archive, attribute, children, descendants, local
from kgrag.parse.blocks import Blocks

if TYPE_CHECKING:
    from lxml import etree

_TITLES = {"title", "ctrTitle"}
_REPEATED = {"sldNum", "dt", "ftr", "hdr", "sldImg"}


def read_pptx(content: bytes, blocks: Blocks) -> str | None:
    """Read a presentation, slides in the order in which they are shown."""
    archive = Archive(content)
    main = archive.main_part()
    related = archive.related(main)
    slides = [
        related[attribute(item, "id") or ""][1]
        for listing in children(archive.xml(main), "sldIdLst")
        for item in children(listing, "sldId")
        if (attribute(item, "id") or "") in related
    ]
    for number, slide in enumerate(slides, start=1):
        blocks.page(number)
        _add_slide(archive, slide, blocks)
    return archive.title()


def _add_slide(archive: Archive, slide: str, blocks: Blocks) -> None:
    root = archive.xml(slide)
    related = archive.related(slide)
    shapes = list(_shapes(root))
    for shape in shapes:
        if _placeholder(shape) in _TITLES:
            blocks.heading(1, " ".join(_paragraphs(shape)))
    for shape in shapes:
        if _placeholder(shape) not in _TITLES | _REPEATED:
            _add_shape(archive, shape, related, blocks)
    for kind, part in related.values():
        if kind == "notesSlide" and part in archive.names:
            for shape in _shapes(archive.xml(part)):
                if _placeholder(shape) not in _REPEATED:
                    _add_paragraphs(shape, blocks)


def _shapes(element: "etree._Element") -> "Iterator[etree._Element]":
    """Yield the shapes and frames, those of groups too, in the order of the file."""
    for child in children(element):
        if local(child) in ("sp", "graphicFrame"):
            yield child
        elif local(child) in ("cSld", "spTree", "grpSp", "AlternateContent", "Choice"):
            yield from _shapes(child)


def _placeholder(shape: "etree._Element") -> str | None:
    for item in descendants(shape, "ph"):
        return item.get("type", "obj")
    return None


def _add_shape(
    archive: Archive, shape: "etree._Element", related: dict[str, tuple[str, str]], blocks: Blocks
) -> None:
    tables = list(descendants(shape, "tbl"))
    for table in tables:
        blocks.table(
            [" ".join(_paragraphs(cell)) for cell in children(row, "tc")]
            for row in children(table, "tr")
        )
    for chart in descendants(shape, "chart"):
        kind, part = related.get(attribute(chart, "id") or "", ("", ""))
        if kind == "chart" and part in archive.names:
            _add_chart(archive.xml(part), blocks)
    if not tables:
        _add_paragraphs(shape, blocks)


def _add_paragraphs(shape: "etree._Element", blocks: Blocks) -> None:
    for paragraph in _paragraphs(shape):
        blocks.paragraph(paragraph)


def _paragraphs(shape: "etree._Element") -> list[str]:
    return ["".join(_runs(item)) for item in descendants(shape, "p")]


def _runs(paragraph: "etree._Element") -> Iterator[str]:
    for item in descendants(paragraph, "t", "br"):
        yield "\n" if local(item) == "br" else item.text or ""


def _add_chart(chart: "etree._Element", blocks: Blocks) -> None:
    """Add the title of a chart and its values: a row a category, a column a series."""
    for title in descendants(chart, "title"):
        blocks.paragraph(" ".join(_paragraphs(title)))
        break
    series = list(descendants(chart, "ser"))
    names = [" ".join(_values(item, "tx").values()) for item in series]
    categories = _values(series[0], "cat") if series else {}
    columns = [_values(item, "val") for item in series]
    rows = [
        [name, *(column.get(index, "") for column in columns)] for index, name in categories.items()
    ]
    blocks.table([["", *names], *rows])


def _values(series: "etree._Element", part: str) -> dict[str, str]:
    """Return index -> value of the cached points of one part of a series."""
    return {
        point.get("idx", ""): "".join(value.text or "" for value in children(point, "v"))
        for item in children(series, part)
        for point in descendants(item, "pt")
    }
