"""Every format that is read: its media type, and the function that fills the blocks.

A reader gets the bytes and the blocks to fill, and returns the document's own title: "" where it
has none, None where its first heading may stand in.
Readers import their libraries when they are called.
"""

from collections.abc import Callable

from kgrag.parse.blocks import Blocks
from kgrag.parse.docx import read_docx
from kgrag.parse.epub import read_epub
from kgrag.parse.html import read_html
from kgrag.parse.markdown import read_markdown
from kgrag.parse.odt import read_odt
from kgrag.parse.pdf import read_pdf
from kgrag.parse.plain import read_csv, read_json, read_rtf, read_text
from kgrag.parse.pptx import read_pptx
from kgrag.parse.xlsx import read_xlsx
from kgrag.parse.xml import read_xml

Reader = Callable[[bytes, Blocks], str | None]

_OOXML = "application/vnd.openxmlformats-officedocument."

FORMATS: dict[str, tuple[str, Reader]] = {
    "text": ("text/plain", read_text),
    "markdown": ("text/markdown", read_markdown),
    "html": ("text/html", read_html),
    "pdf": ("application/pdf", read_pdf),
    "docx": (_OOXML + "wordprocessingml.document", read_docx),
    "pptx": (_OOXML + "presentationml.presentation", read_pptx),
    "xlsx": (_OOXML + "spreadsheetml.sheet", read_xlsx),
    "odt": ("application/vnd.oasis.opendocument.text", read_odt),
    "epub": ("application/epub+zip", read_epub),
    "rtf": ("application/rtf", read_rtf),
    "csv": ("text/csv", read_csv),
    "json": ("application/json", read_json),
    "xml": ("application/xml", read_xml),
}
