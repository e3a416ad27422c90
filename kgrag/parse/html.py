"""HTML: what a reader sees, as blocks; without menus where the page says what its content is."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from indexes.errors import ParseError
from kgrag.parse.blocks import Blocks
from kgrag.parse.encodings import decode

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_DROPPED = (
    "script",
    "style",
    "template",
    "noscript",
    "iframe",
    "object",
    "svg",
    "canvas",
    "audio",
    "video",
) + ("select", "button", "textarea", "annotation", "annotation-xml", "rp", "rt", "noframes")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol "
    "optgroup option p pre section summary table tbody td tfoot th thead tr ul".split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CHROME_ROLES = {"navigation", "contentinfo", "complementary", "banner", "search"}
_CHROME_CLASSES = {"noprint", "mw-editsection", "mw-jump-link", "mw-portlet"}
"""What sites mark as not worth printing, and the links of MediaWiki: "[edit]", other languages."""
_MAX_CELL_CHARS = 1000
"""A table with a longer cell lays out a page; it holds no data."""
_CHARSET = re.compile(
    rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]+encoding=[\"']([\w.-]+)", re.I
)
_COLLAPSE = re.compile(r"[ \t\n\r\f]+")
_BREAK = "\x1f"
"""Stands for a line break that is meant, while white space is collapsed."""


def read_html(content: bytes, blocks: Blocks) -> str | None:
    """Read a page; the title is that of its head."""
    found = _CHARSET.search(content[:4096])
    declared = next((name.decode() for name in found.groups() if name), None) if found else None
    text = decode(content, declared)
    if text is None:
        raise ParseError("unsupported", "its content is not text")
    return add_html(text, blocks)


def add_html(text: str, blocks: Blocks) -> str | None:
    """Add the blocks of a page, or of a piece of one, and return its title."""
    root = _parse(text)
    if root is None:
        return None
    title: str | None = root.findtext(".//head/title") or root.findtext(".//title")
    for element in list(root.iter("title", "head")):
        if element is not root:
            element.drop_tree()
    _prune(root)
    _Writer(blocks).write(root)
    return title


def _parse(text: str) -> "HtmlElement | None":
    from lxml import etree, html

    if not text.strip():
        return None
    # HTML has no entities to expand; without huge_tree all below 256 levels would be lost.
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    content = text.replace("\0", " ").encode("utf-8", "replace")
    try:
        root = html.document_fromstring(content, parser=parser)
    except etree.ParserError:  # nothing but comments
        root = None
    if any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log):
        raise ParseError("corrupt", "its elements are nested too deeply")
    return root


def _prune(root: "HtmlElement") -> None:
    """Drop what is not shown, and menus around a main part that holds most of the text."""
    from lxml import etree

    etree.strip_elements(root, *_DROPPED, with_tail=False)
    for element in list(root.iterdescendants()):
        if _is_hidden(element) and element.getparent() is not None:
            element.drop_tree()
    main = _main_part(root)
    if main is None:
        return
    around = set(main.iterancestors())
    inside = set(main.iterdescendants())
    for element in list(
        root.iter("nav", "footer", "aside", "div", "section", "header", "ul", "form")
    ):
        menu = element.tag == "nav" or element.get("role") == "navigation"
        chrome = element.tag in ("footer", "aside") or element.get("role") in _CHROME_ROLES
        if element not in around and (menu or (chrome and element not in inside)):
            if element is not main and element.getparent() is not None:
                element.drop_tree()


def _is_hidden(element: "HtmlElement") -> bool:
    classes = element.get("class")
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or bool(_HIDDEN.search(element.get("style") or ""))
        or bool(classes and not _CHROME_CLASSES.isdisjoint(classes.split()))
    )


def _main_part(root: "HtmlElement") -> "HtmlElement | None":
    found = [*root.iter("main"), *root.xpath("//*[@role='main']"), *root.iter("article")]
    total = len("".join(root.itertext()).split())
    for element in found:
        if 2 * len("".join(element.itertext()).split()) > total:
            return element
    return None


class _Writer:
    """Walks a page without recursion (pages nest thousands deep) and adds its blocks."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._inline: list[str] = []
        self._level: int | None = None
        self._preformatted = 0

    def write(self, root: "HtmlElement") -> None:
        from lxml import etree

        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            if event == "end":
                self._leave(element)
            elif element.tag == "table" and _holds_data(element):
                self._flush()
                self._blocks.table(_rows(element))
                walk.skip_subtree()
            else:
                self._enter(element)
        self._flush()

    def _enter(self, element: "HtmlElement") -> None:
        if element.tag in _BLOCKS:
            self._flush()
        self._level = _HEADINGS.get(element.tag, self._level)
        self._preformatted += element.tag == "pre"
        self._inline.append(_BREAK if element.tag == "br" else element.text or "")

    def _leave(self, element: "HtmlElement") -> None:
        if element.tag in _BLOCKS:
            self._flush()
        if element.tag in _HEADINGS:
            self._level = None
        if element.tag == "pre":
            self._preformatted = max(self._preformatted - 1, 0)
        self._inline.append(element.tail or "")

    def _flush(self) -> None:
        text = "".join(self._inline)
        self._inline.clear()
        if not self._preformatted:
            text = re.sub(f" ?{_BREAK} ?", _BREAK, _COLLAPSE.sub(" ", text))
        text = text.replace(_BREAK, "\n")
        if self._level is None:
            self._blocks.paragraph(text)
        else:
            self._blocks.heading(self._level, text)


def _holds_data(table: "HtmlElement") -> bool:
    for tag in ("table", *_HEADINGS, "pre"):
        if next(table.iterdescendants(tag), None) is not None:
            return False
    rows = list(table.iterdescendants("tr"))
    cells = [cell for row in rows for cell in row.iterchildren("td", "th")]
    return len(cells) > len(rows) and all(
        len("".join(cell.itertext())) <= _MAX_CELL_CHARS for cell in cells
    )


def _rows(table: "HtmlElement") -> Iterator[list[str]]:
    for caption in table.iterchildren("caption"):
        yield [_cell(caption)]
    for row in table.iterdescendants("tr"):
        yield [_cell(cell) for cell in row.iterchildren("td", "th")]


def _cell(cell: "HtmlElement") -> str:
    """Return the text of a cell, its blocks and lines apart by a space."""
    from lxml import etree

    parts = []
    for event, element in etree.iterwalk(cell, events=("start", "end")):
        if element is not cell and (element.tag in _BLOCKS or element.tag == "br"):
            parts.append(" ")
        text = element.text if event == "start" else element.tail if element is not cell else None
        parts.append(text or "")
    return "".join(parts)
