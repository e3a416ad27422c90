"""Which format a file has: by its content first, by its name only to tell text formats apart."""

import re
from pathlib import PurePosixPath

from indexes.errors import ParseError
from kgrag.parse.archive import Archive
from kgrag.parse.encodings import decode

_BINARY_FORMATS = {"pdf", "docx", "pptx", "xlsx", "epub", "odt"}
_SAMPLE_BYTES = 65_536
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")
_BY_EXTENSION = {
    "md": "markdown",
    "markdown": "markdown",
    "htm": "html",
    "html": "html",
    "xhtml": "html",
    "csv": "csv",
    "tsv": "csv",
    "json": "json",
    "xml": "xml",
    "rss": "xml",
    "atom": "xml",
}
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b",
    re.I | re.S,
)
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\s")
_ZIP_FOLDERS = {"word/": "docx", "ppt/": "pptx", "xl/": "xlsx"}


def sniff(name: str, content: bytes) -> str:
    """Return the format of a file: a key of ``kgrag.parse.formats.FORMATS``.

    Raises
    ------
    ParseError
        ``corrupt``, ``encrypted`` or ``unsupported``.
    """
    extension = PurePosixPath(name.replace("\\", "/")).suffix.lower().removeprefix(".")
    if not content.strip(b"\0 \t\r\n"):
        if extension in _BINARY_FORMATS:
            raise ParseError("corrupt", f"it is empty, which no {extension.upper()} file is")
        return "text"
    # Real PDFs may start with a few hundred bytes of something else.
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _sniff_zip(content)
    if content.startswith(b"{\\rtf"):
        return "rtf"
    if content.startswith(_OLE):
        if _ENCRYPTED_OFFICE in content:
            raise ParseError("encrypted", "it is protected by a password")
        raise ParseError(
            "unsupported", "this is an old Office or Outlook format; save it as a newer one"
        )
    if decode(content[:_SAMPLE_BYTES]) is None:
        if extension in _BINARY_FORMATS:
            raise ParseError("corrupt", f"its content is not that of a {extension.upper()} file")
        raise ParseError("unsupported", "its content is neither text nor a known document format")
    return _sniff_text(extension, content)


def _sniff_text(extension: str, content: bytes) -> str:
    if _HTML.match(content[:4096]):
        return "html"
    if _XML.match(content[:64]) and extension != "html":
        return "xml"
    return _BY_EXTENSION.get(extension, "text")


def _sniff_zip(content: bytes) -> str:
    archive = Archive(content)
    mime = archive.read("mimetype").strip() if "mimetype" in archive.names else b""
    if mime == b"application/epub+zip" or "META-INF/container.xml" in archive.names:
        return "epub"
    if mime == b"application/vnd.oasis.opendocument.text":
        return "odt"
    for folder, found in _ZIP_FOLDERS.items():
        if any(name.startswith(folder) for name in archive.names):
            return found
    raise ParseError("unsupported", "it is an archive, not a document; unpack it first")
