"""Markdown (CommonMark with tables): its text without the marks."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from indexes.errors import ParseError
from kgrag.parse.blocks import Blocks
from kgrag.parse.encodings import decode
from kgrag.parse.html import add_html

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
_TITLE = re.compile(r"^title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.M)


def read_markdown(content: bytes, blocks: Blocks) -> str | None:
    """Read Markdown; the title is that of the front matter, if there is one."""
    from markdown_it import MarkdownIt

    text = decode(content)
    if text is None:
        raise ParseError("unsupported", "its content is not text")
    text = text.replace("\r\n", "\n")
    front = _FRONT_MATTER.match(text)
    title = _TITLE.search(front.group(1)) if front else None
    tokens = MarkdownIt("commonmark").enable("table").parse(text[front.end() :] if front else text)
    rows: list[list[str]] = []
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "inline":
            _add_inline(token, before, blocks, rows)
        elif token.type in ("fence", "code_block"):
            blocks.paragraph(token.content)
        elif token.type == "html_block":
            add_html(token.content, blocks)
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "table_close":
            blocks.table(rows)
            rows = []
    return title.group(1) if title else None


def _add_inline(
    token: "Token", before: "Token | None", blocks: Blocks, rows: list[list[str]]
) -> None:
    text = _plain(token.children or [])
    kind = before.type if before else ""
    if kind == "heading_open" and before:
        blocks.heading(int(before.tag[1:]), text)
    elif kind in ("th_open", "td_open"):
        rows[-1].append(text)
    else:
        blocks.paragraph(text)


def _plain(tokens: "Sequence[Token]") -> str:
    parts = []
    for token in tokens:
        if token.type in ("text", "code_inline"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif token.type == "image":
            parts.append(_plain(token.children or []))
    return "".join(parts)
