"""Word: paragraphs, headings, tables, text boxes and notes, in the order of the body.

Read from the XML by local names: python-docx knows neither the Strict dialect nor text boxes.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kgrag.parse.archive import Archive, attribute, children, descendants, local
from kgrag.parse.blocks import Blocks

if TYPE_CHECKING:
    from lxml import etree

_SKIPPED = {"del", "moveFrom", "Fallback", "pPr", "rPr", "instrText", "delText", "txbxContent"}
_HEADING = re.compile(r"(?:heading|заголовок)\s*([1-9])$", re.I)
_OFF = {"0", "false", "off", "none"}
_MAX_STYLE_DEPTH = 20
_NOTES = ("footnotes", "endnotes")


def read_docx(content: bytes, blocks: Blocks) -> str | None:
    """Read a Word document; notes come at the end. Comments, headers and footers are left out."""
    archive = Archive(content)
    main = archive.main_part()
    related = dict(archive.related(main).values())
    styles = _heading_levels(archive.xml(related["styles"])) if "styles" in related else {}
    root = archive.xml(main)
    for body in children(root, "body"):
        _add(body, blocks, styles)
    for kind in _NOTES:
        if related.get(kind) in archive.names:
            for note in children(archive.xml(related[kind]), "footnote", "endnote"):
                if attribute(note, "type") in (None, "normal"):  # others draw the separating line
                    _add(note, blocks, {})
    return archive.title()


def _add(container: "etree._Element", blocks: Blocks, styles: dict[str, int]) -> None:
    for item in children(container):
        kind = local(item)
        if kind == "p":
            _add_paragraph(item, blocks, styles)
        elif kind == "tbl":
            _add_table(item, blocks, styles)
        elif kind in (
            "sdt",
            "sdtContent",
            "customXml",
            "ins",
            "moveTo",
            "AlternateContent",
            "Choice",
        ):
            _add(item, blocks, styles)


def _add_paragraph(paragraph: "etree._Element", blocks: Blocks, styles: dict[str, int]) -> None:
    text = "".join(_runs(paragraph))
    level = _level(paragraph, styles)
    if level and text.strip():
        blocks.heading(level, text)
    else:
        blocks.paragraph(text)
    for box in _text_boxes(paragraph):
        _add(box, blocks, styles)


def _add_table(table: "etree._Element", blocks: Blocks, styles: dict[str, int]) -> None:
    cells = list(descendants(table, "tc"))
    if len(cells) == 1:  # a frame around text
        _add(cells[0], blocks, styles)
    else:
        blocks.table(_rows(table))


def _rows(table: "etree._Element") -> Iterator[list[str]]:
    """Yield the rows; those of a table inside a cell follow the row of that cell."""
    for row in _through(table, "tr"):
        cells = list(_through(row, "tc"))
        yield [" ".join("".join(_runs(item)) for item in _through(cell, "p")) for cell in cells]
        for cell in cells:
            for inner in _through(cell, "tbl"):
                yield from _rows(inner)


def _through(element: "etree._Element", tag: str) -> "Iterator[etree._Element]":
    """Yield the children of a tag, also inside content controls and tracked insertions."""
    for child in children(element):
        if local(child) == tag:
            yield child
        elif local(child) in ("sdt", "sdtContent", "customXml", "ins"):
            yield from _through(child, tag)


def _runs(element: "etree._Element") -> Iterator[str]:
    """Yield the pieces of text of a paragraph: what is shown, without its text boxes."""
    for child in children(element):
        kind = local(child)
        if kind == "t":
            yield child.text or ""
        elif kind in ("tab", "ptab"):
            yield "\t"
        elif kind in ("br", "cr"):
            yield "\n"
        elif kind == "noBreakHyphen":
            yield "-"
        elif kind not in _SKIPPED and not (kind == "r" and _is_hidden(child)):
            yield from _runs(child)


def _text_boxes(element: "etree._Element") -> "Iterator[etree._Element]":
    for child in children(element):
        if local(child) == "txbxContent":
            yield child
        elif local(child) not in _SKIPPED:
            yield from _text_boxes(child)


def _is_hidden(run: "etree._Element") -> bool:
    return any(
        (attribute(item, "val") or "true") not in _OFF
        for properties in children(run, "rPr")
        for item in children(properties, "vanish")
    )


def _level(paragraph: "etree._Element", styles: dict[str, int]) -> int | None:
    for properties in children(paragraph, "pPr"):
        for item in children(properties, "outlineLvl"):
            return _outline_level(item)
        for item in children(properties, "pStyle"):
            return styles.get(attribute(item, "val") or "")
    return None


def _outline_level(item: "etree._Element") -> int | None:
    value = attribute(item, "val") or ""
    return int(value) + 1 if value.isdecimal() and int(value) < 9 else None  # 9 is body text


def _heading_levels(root: "etree._Element") -> dict[str, int]:
    """Return style id -> heading level, own or inherited."""
    own: dict[str, int | None] = {}
    based: dict[str, str] = {}
    for style in children(root, "style"):
        name = attribute(style, "styleId") or ""
        own[name] = _own_level(style)
        for item in children(style, "basedOn"):
            based[name] = attribute(item, "val") or ""
    levels = {}
    for name in own:
        ancestor = name
        for _ in range(_MAX_STYLE_DEPTH):
            level = own.get(ancestor)
            if level or ancestor not in based:
                break
            ancestor = based[ancestor]
        if level:
            levels[name] = level
    return levels


def _own_level(style: "etree._Element") -> int | None:
    for item in children(style, "name"):
        shown = attribute(item, "val") or ""
        if shown.lower() in ("title", "название"):
            return 1
        if found := _HEADING.match(shown):
            return int(found.group(1))
    for properties in children(style, "pPr"):
        for item in children(properties, "outlineLvl"):
            return _outline_level(item)
    return None
