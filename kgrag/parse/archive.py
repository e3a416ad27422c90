"""The ZIP container of Office and EPUB files, and the XML inside: bounded, inert, in memory only.

Member names are keys of this container and nothing else: nothing is unpacked, so nothing escapes.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from indexes.errors import ParseError

if TYPE_CHECKING:
    from lxml import etree

_MAX_MEMBERS = 20_000
_MAX_BYTES = 512 << 20
_FREE_BYTES = 32 << 20
_MAX_RATIO = 150
"""Above ``_FREE_BYTES``: large real spreadsheets pack 10 to 60 times, a bomb of zeros 1,030."""


class Archive:
    """The members of a ZIP file, by name."""

    def __init__(self, content: bytes) -> None:
        try:
            self.zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise ParseError("corrupt", "its ZIP container is cut off or damaged") from error
        members = self.zip.infolist()
        total = sum(member.file_size for member in members)
        bomb = total > _FREE_BYTES and total > _MAX_RATIO * len(content)
        if bomb or total > _MAX_BYTES or len(members) > _MAX_MEMBERS:
            raise ParseError(
                "too_large", f"it unpacks to {total >> 20} MiB in {len(members)} parts"
            )
        self.names = {member.filename for member in members}

    def read(self, name: str) -> bytes:
        """Return a member; ``ParseError`` where it is missing, damaged or encrypted."""
        try:
            info = self.zip.getinfo(name)
            if info.flag_bits & 1:
                raise ParseError("encrypted", "it is protected by a password")
            return self.zip.read(info)
        except KeyError as error:
            raise ParseError("corrupt", "a part that it needs is missing") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise ParseError("corrupt", "a part of it is damaged") from error

    def xml(self, name: str) -> "etree._Element":
        """Return the root of an XML member."""
        return parse_xml(self.read(name))

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """Return id -> (kind, member) of what a part refers to inside the container.

        ``part`` is "" for the container itself. The kind is the last word of the relationship's
        type, which is the same in the Transitional and the Strict dialect.
        """
        folder, base = posixpath.split(part)
        name = posixpath.join(folder, "_rels", f"{base}.rels")
        if name not in self.names:
            return {}
        found = {}
        for item in children(self.xml(name)):
            if item.get("TargetMode") != "External" and item.get("Target"):
                target = posixpath.normpath(posixpath.join("/", folder, item.get("Target", "")))
                kind = item.get("Type", "").rpartition("/")[2]
                found[item.get("Id", "")] = (kind, target.lstrip("/"))
        return found

    def main_part(self) -> str:
        """Return the member that an Office file starts from."""
        for kind, member in self.related("").values():
            if kind == "officeDocument":
                return member
        raise ParseError("corrupt", "it does not say where its text is")

    def title(self) -> str | None:
        """Return the title in the core properties of an Office file, if it has one."""
        for kind, member in self.related("").values():
            if kind == "core-properties" and member in self.names:
                for item in children(self.xml(member)):
                    if local(item) == "title" and item.text:
                        return item.text
        return None


def parse_xml(content: bytes, *, recover: bool = False) -> "etree._Element":
    """Return the root of an XML text: no entity expanded, no file and no address opened."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=recover,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        if getattr(error, "code", None) == _OUT_OF_MEMORY:
            raise MemoryError from error
        raise ParseError("corrupt", "its XML is damaged") from error
    if root is None:
        raise ParseError("corrupt", "its XML is damaged")
    return root


_OUT_OF_MEMORY = 2  # XML_ERR_NO_MEMORY of libxml2


def local(element: "etree._Element") -> str:
    """Return the tag without its namespace; "" for an entity reference."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: "etree._Element", *tags: str) -> "Iterator[etree._Element]":
    """Yield the child elements, only those with one of the local ``tags`` where any is given."""
    for child in element:
        name = local(child)
        if name and (not tags or name in tags):
            yield child


def descendants(element: "etree._Element", *tags: str) -> "Iterator[etree._Element]":
    """Yield the elements below with one of the local ``tags``, in document order."""
    for item in element.iterdescendants():
        if local(item) in tags:
            yield item


def attribute(element: "etree._Element", name: str) -> str | None:
    """Return the attribute of that local name that has a namespace, else the one that has none."""
    for key, value in element.attrib.items():
        if str(key).endswith("}" + name):
            return str(value)
    return element.get(name)
