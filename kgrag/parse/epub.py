"""EPUB: the chapters in the order of the spine, each read as HTML."""

import posixpath
from urllib.parse import unquote

from indexes.errors import ParseError
from kgrag.parse.archive import Archive, children, descendants, local
from kgrag.parse.blocks import Blocks
from kgrag.parse.html import read_html

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"


def read_epub(content: bytes, blocks: Blocks) -> str | None:
    """Read a book; its own table of contents is left out, as the chapters repeat it."""
    archive = Archive(content)
    packages = [
        item.get("full-path", "") for item in descendants(archive.xml(_CONTAINER), "rootfile")
    ]
    if not packages:
        raise ParseError("corrupt", "it does not say where its text is")
    package = archive.xml(packages[0])
    folder = posixpath.dirname(packages[0])
    manifest = {item.get("id"): item for item in descendants(package, "item")}
    spine = [manifest.get(item.get("idref")) for item in descendants(package, "itemref")]
    protected = _protected(archive)
    for item in spine:
        if item is None or "nav" in (item.get("properties") or "").split():
            continue
        chapter = posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
        if chapter in protected:
            raise ParseError("encrypted", "it is protected against copying")
        if chapter in archive.names:
            read_html(archive.read(chapter), blocks)
    for metadata in children(package, "metadata"):
        for item in descendants(metadata, "title"):
            return item.text
    return None


def _protected(archive: Archive) -> set[str]:
    """Return the members that are encrypted; most books encrypt fonts at the most."""
    if _ENCRYPTION not in archive.names:
        return set()
    root = archive.xml(_ENCRYPTION)
    return {
        unquote(item.get("URI", "")) for item in root.iter() if local(item) == "CipherReference"
    }
