"""Excel: a sheet a page; its name is a heading, its rows are a table. Values, not formulas."""

import datetime as dt
import io
import warnings
import zipfile
from collections.abc import Iterable

from kgrag.parse.archive import Archive
from kgrag.parse.blocks import Blocks

_STRICT = b"http://purl.oclc.org/ooxml/"
_DIALECT = (
    (
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/",
        b"http://schemas.openxmlformats.org/officeDocument/2006/",
    ),
)


def read_xlsx(content: bytes, blocks: Blocks) -> str | None:
    """Read a workbook, sheets in order, hidden ones too."""
    archive = Archive(content)
    main = archive.main_part()
    if _STRICT in archive.read(main):
        content = _transitional(archive)
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions that carry no text
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for number, sheet in enumerate(book.worksheets, start=1):
            blocks.page(number)
            blocks.heading(1, sheet.title)
            sheet.reset_dimensions()  # what a file says about its size is often wrong
            blocks.table(_shown(row) for row in sheet.iter_rows(values_only=True))
    return archive.title() or ""  # not the name of the first sheet


def _shown(row: Iterable[object]) -> list[str]:
    return [_cell(value) for value in row]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.12g}"  # as Excel shows 0.1 + 0.2
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return value.isoformat(" ") if isinstance(value, dt.datetime) else str(value)


def _transitional(archive: Archive) -> bytes:
    """Return the workbook in the common dialect, the only one that openpyxl knows."""
    rewritten = io.BytesIO()
    with zipfile.ZipFile(rewritten, "w") as target:
        for name in archive.names:
            member = archive.read(name)
            if name.endswith((".xml", ".rels")):
                for strict, common in _DIALECT:
                    member = member.replace(strict, common)
            target.writestr(name, member)
    return rewritten.getvalue()
