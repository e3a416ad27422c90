import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes.errors import ParseError
from kgrag.parse.blocks import Blocks, clean, one_line

# Text as files hold it: every plane, control characters, lone surrogates, combining marks.
_TEXT = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Cs", "Cc", "Cf", "Zs", "Mn"]),
        st.sampled_from("a é\r\n\t|\u0301\u00ad\ufeff"),
    ),
    max_size=30,
)
_STEP = st.one_of(
    st.tuples(st.just("paragraph"), _TEXT),
    st.tuples(st.just("heading"), _TEXT),
    st.tuples(st.just("table"), st.lists(st.lists(_TEXT, max_size=3), max_size=3)),
    st.tuples(st.just("page"), st.none()),
)


def add(blocks: Blocks, kind: str, value: Any) -> list[str]:  # noqa: ANN401
    """Take one step and return the pieces of text that must then be there."""
    if kind == "table":
        blocks.table(value)
        return [shown for row in value for cell in row if (shown := one_line(cell))]
    if kind == "heading":
        blocks.heading(2, value)
        return [shown] if (shown := one_line(value)) else []
    blocks.paragraph(value)
    return [shown] if (shown := clean(value).strip()) else []


@given(st.lists(_STEP, max_size=12))
def test_headings_and_pages_equal_the_text_at_their_offsets(steps: list[tuple[str, Any]]) -> None:
    blocks = Blocks(100_000)
    headings: list[str] = []
    pages: list[list[str]] = []
    for kind, value in steps:
        if kind == "page":
            pages.append([])
            blocks.page(len(pages))
            continue
        pieces = add(blocks, kind, value)
        headings += pieces if kind == "heading" else []
        if pages:
            pages[-1] += pieces
    text, found_pages, found_headings = blocks.finish()

    assert [text[heading.start : heading.end] for heading in found_headings] == headings
    assert [page.number for page in found_pages] == list(range(1, len(pages) + 1))
    for page, wanted in zip(found_pages, pages, strict=True):
        shown = text[page.start : page.end]
        at = 0
        for piece in wanted:
            at = shown.index(piece, at) + len(piece)
        assert shown == shown.strip() and bool(shown) == bool(wanted)


@given(st.lists(_STEP, max_size=12))
def test_the_text_is_clean(steps: list[tuple[str, Any]]) -> None:
    blocks = Blocks(100_000)
    for kind, value in steps:
        if kind != "page":
            add(blocks, kind, value)
    text, _, _ = blocks.finish()
    assert text == clean(text) == unicodedata.normalize("NFC", text) == text.strip()
    assert text.encode().decode() == text


def test_blocks_are_apart_by_a_blank_line_and_rows_by_a_line_break() -> None:
    blocks = Blocks(1000)
    blocks.heading(1, "Title\n of  it")
    blocks.paragraph("  one\r\ntwo  ")
    blocks.table([["a", " b\n"], ["", ""], ["", "d", ""]])
    blocks.table([["e"]])
    text, pages, headings = blocks.finish()
    assert text == "Title of it\n\none\ntwo\n\na | b\n| d\n\ne"
    assert (pages, len(headings)) == ((), 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\r\nb\rc\r\r\nd", "a\nb\nc\nd"),
        ("a\0b\x07c\td", "a b c\td"),
        ("\ufeffin\u00adfor\u200bm", "inform"),
        ("10\u00a0000\u202fkm", "10 000 km"),
        ("cafe\u0301", "caf\u00e9"),
        ("x\ud800y", "x\ufffdy"),
        ("seen\U000e0068\U000e0069", "seen"),
        ("abc\u202edef", "abcdef"),
    ],
)
def test_text_is_cleaned_of_what_nobody_sees(before: str, after: str) -> None:
    assert clean(before) == after


def test_more_text_than_allowed_is_too_large() -> None:
    blocks = Blocks(10)
    blocks.paragraph("12345678")
    with pytest.raises(ParseError, match="more than 10 characters") as caught:
        blocks.paragraph("9")
    assert caught.value.reason == "too_large"
