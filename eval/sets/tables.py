"""A user's CSV as records: whatever its delimiter, with line breaks in quoted cells.

A quotation mark that is never closed would take the rest of the file into one cell. So a record
that the csv module refuses is told by the line that it begins on, and reading goes on with the
next line.
"""

import csv
import io
from collections.abc import Iterator

from eval.sets.columns import COLUMNS, column_of
from eval.sets.files import Line, shown
from indexes.errors import ConfigError

DELIMITERS = ",;\t"


def table_lines(text: str, name: str) -> Iterator[Line]:
    """Yield each row as a record by the names of its columns.

    Parameters
    ----------
    text:
        The file; its first row names the columns.
    name:
        What the file is called, for messages.

    Raises
    ------
    ConfigError
        The first row names no column with questions.
    """
    lines = list(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    delimiter, header, at = _header(lines, name)
    while at < len(lines):
        row, after, wrong = _row(lines, at, delimiter)
        number = at + 1
        at = after
        if wrong:
            yield Line(number, None, wrong)
        elif any(cell.strip() for cell in row):
            yield _record(number, header, row)


def _header(lines: list[str], name: str) -> tuple[str, list[str], int]:
    """Return the delimiter, the names of the columns and the line after them."""
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise ConfigError(f"{name} is empty: its first line has to name the columns ({COLUMNS}).")
    best: tuple[int, str, list[str], int] | None = None
    for delimiter in DELIMITERS:
        cells, after, wrong = _row(lines, first, delimiter)
        known = [column_of(cell) for cell in cells]
        if not wrong and "question" in known:
            count = len([column for column in known if column])
            if best is None or count > best[0]:
                best = count, delimiter, [cell.strip() for cell in cells], after
    if best is None:
        raise ConfigError(
            f"The first line of {name} names no column “question”: it is {shown(lines[first])}. "
            f"Name the columns there, parted by commas, semicolons or tabs: {COLUMNS}; in Russian: "
            "вопрос, ответ, документ, страница, цитата, есть ответ."
        )
    return best[1:]


def _row(lines: list[str], at: int, delimiter: str) -> tuple[list[str], int, str]:
    """Return the cells that begin on a line, the line after them, and what is wrong."""
    reader = csv.reader((lines[n] for n in range(at, len(lines))), delimiter=delimiter, strict=True)
    try:
        row = next(reader, [])
    except csv.Error as error:
        what = "a quotation mark is never closed" if "unexpected end" in str(error) else str(error)
        return [], at + 1, f"is no row of a table ({what}): {shown(lines[at])}"
    return row, at + max(reader.line_num, 1), ""


def _record(number: int, header: list[str], row: list[str]) -> Line:
    extra = [cell for cell in row[len(header) :] if cell.strip()]
    if extra:
        return Line(
            number,
            None,
            f"has {len(row)} cells under {len(header)} columns: put a cell that holds the "
            "delimiter into quotation marks",
        )
    cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
    return Line(number, {name: cell for name, cell in cells.items() if name or cell})
