"""XML: feeds (RSS, Atom) as articles; anything else as the texts of its elements."""

from typing import TYPE_CHECKING

from kgrag.parse.archive import children, descendants, local, parse_xml
from kgrag.parse.blocks import Blocks
from kgrag.parse.html import add_html

if TYPE_CHECKING:
    from lxml import etree

_FEEDS = {"rss", "feed", "RDF"}
_BODIES = ("encoded", "content", "description", "summary")
"""Of a feed's item, fullest first; only the first that is there is read."""


def read_xml(content: bytes, blocks: Blocks) -> str | None:
    """Read an XML text; the title is that of its first element of this name."""
    root = parse_xml(content, recover=True)
    title = next((text for item in descendants(root, "title") if (text := _text(item))), None)
    if local(root) in _FEEDS and any(descendants(root, "item", "entry")):
        _add_feed(root, blocks)
    else:
        _add_element(root, blocks)
    return title


def _add_feed(root: "etree._Element", blocks: Blocks) -> None:
    for item in descendants(root, "item", "entry"):
        parts = {local(part): part for part in reversed(list(children(item)))}
        if "title" in parts:
            blocks.heading(1, _text(parts["title"]))
        body = next((parts[name] for name in _BODIES if name in parts), None)
        if body is not None:
            add_html(_text(body), blocks)


def _add_element(element: "etree._Element", blocks: Blocks) -> None:
    """Add an element that mixes text with elements as one block, else those inside it."""
    mixed = bool((element.text or "").strip()) or any(
        (child.tail or "").strip() for child in element
    )
    if mixed:
        blocks.paragraph(" ".join(_text(element).split()))
        return
    for child in children(element):
        _add_element(child, blocks)


def _text(element: "etree._Element") -> str:
    return "".join(str(text) for text in element.itertext()).strip()
