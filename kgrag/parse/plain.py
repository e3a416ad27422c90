"""Formats that are text themselves: plain text, CSV, JSON, RTF."""

import csv
import io
import json
from collections.abc import Iterator
from itertools import pairwise

from indexes.errors import ParseError
from kgrag.parse.blocks import Blocks, clean
from kgrag.parse.encodings import decode

_PARAGRAPH_LINE_CHARS = 200
"""Longer lines are whole paragraphs: nobody wraps at that width."""
_TITLE_CHARS = 100
_INDENT = 3
_SENTENCE_ENDS = (".", "!", "?", "…", ":", "»", "”", '"')
_CSV_SAMPLE_CHARS = 65_536


def read_text(content: bytes, blocks: Blocks) -> str | None:
    """Read plain text; where lines are paragraphs, or indents begin one, blocks are cut."""
    lines = clean(_text_of(content)).split("\n")
    long = sum(len(line) for line in lines if len(line) > _PARAGRAPH_LINE_CHARS)
    each = 2 * long > sum(map(len, lines))
    text = lines[:1]
    for above, below in pairwise(lines):
        if above.strip() and below.strip() and (each or _is_indented_start(above, below)):
            text.append("")
        text.append(below)
    title, rest = _title("\n".join(text).strip())
    if title:
        blocks.heading(1, title)
    blocks.paragraph(rest)
    return None


def read_csv(content: bytes, blocks: Blocks) -> str | None:
    """Read comma-, semicolon- or tab-separated values as one table."""
    text = _text_of(content)
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:_CSV_SAMPLE_CHARS], ",;\t|")
    except csv.Error:
        dialect = csv.excel_tab if "\t" in text.partition("\n")[0] else csv.excel
    csv.field_size_limit(len(text) + 1)
    try:
        blocks.table(csv.reader(io.StringIO(text.replace("\0", " "), newline=""), dialect))
    except csv.Error as error:
        raise ParseError("corrupt", "its rows are not comma-separated values") from error
    return None


def read_json(content: bytes, blocks: Blocks) -> str | None:
    """Read JSON as lines "key: value", each object of a list a block; what is no JSON, as text."""
    text = _text_of(content)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return read_text(content, blocks)
    for item in value if isinstance(value, list) else [value]:
        blocks.paragraph("\n".join(_json_lines("", item)))
    return None


def read_rtf(content: bytes, blocks: Blocks) -> str | None:
    """Read Rich Text Format: a paragraph a block."""
    from striprtf.striprtf import rtf_to_text

    text: str = rtf_to_text(content.decode("latin-1"), errors="ignore")  # type: ignore[no-untyped-call]
    for paragraph in text.split("\n"):
        if paragraph.endswith("|"):  # striprtf ends each cell of a table with a bar
            blocks.table([paragraph.split("|")])
        else:
            blocks.paragraph(paragraph)
    return None


def _title(text: str) -> tuple[str, str]:
    """Part the title from a text that begins with one: a short line by itself, without end mark."""
    first, blank, rest = text.partition("\n\n")
    is_title = (
        blank
        and "\n" not in first
        and len(first) <= _TITLE_CHARS
        and not first.rstrip().endswith((*_SENTENCE_ENDS, ",", ";"))
        and any(char.isalpha() for char in first)
        and not first.lstrip().startswith(("-", "*", "•"))
    )
    return (first, rest) if is_title else ("", text)


def _text_of(content: bytes) -> str:
    text = decode(content)
    if text is None:
        raise ParseError("unsupported", "its content is neither text nor a known document format")
    return text


def _is_indented_start(above: str, below: str) -> bool:
    indent = len(below) - len(below.lstrip())
    return (indent >= _INDENT or below.startswith("\t")) and above.rstrip().endswith(_SENTENCE_ENDS)


def _json_lines(label: str, value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _json_lines(str(key), item)
    elif isinstance(value, list):
        for item in value:
            yield from _json_lines(label, item)
    elif value is not None:
        yield f"{label}: {value}" if label else str(value)
