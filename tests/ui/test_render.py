import html
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes.records import Document, Heading, Page
from tests.ui.library import PAYLOADS
from tests.ui.parsed import Parsed, assert_inert, visible
from ui import render
from ui.shelf import LibraryInfo
from ui.source_view import WINDOW_CHARS, source, window
from ui.words import words

EN = words("en")


def library(name: str) -> LibraryInfo:
    return LibraryInfo("main", name, 1)


def header(model: str | None = None, user: str = "") -> str:
    return render.header(EN, [library("")], "main", model=model, user=user)


SINKS: dict[str, Callable[[str], str]] = {
    "examples": lambda text: render.welcome(EN, [text], has_documents=True),
    "library": lambda text: render.header(EN, [library(text)], "main", model=None),
    "model": header,
    "user": lambda text: header(user=text),
    "notice": render.notice,
    "source": lambda text: source(
        EN, Document("id" + text, text, "text/plain", text), 0, len(text)
    ),
}


@pytest.mark.parametrize("sink", SINKS)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_text_stays_text_in_every_part_of_the_page(payload: str, sink: str) -> None:
    assert_inert(SINKS[sink](payload), payload)


@given(st.text())
def test_escaped_text_can_be_sent_and_is_as_long_as_it_was(text: str) -> None:
    escaped = render.escape(text)
    escaped.encode("utf-8")
    assert not set(escaped) & set("<>\"'")
    assert len(html.unescape(escaped)) == len(text)


def test_a_direction_override_cannot_disguise_a_name() -> None:
    named = [library("invoice\u202efdp.exe")]
    assert "\u202e" not in render.header(EN, named, "main", model=None)


def test_the_head_of_the_page_says_what_answers_and_who_is_logged_in() -> None:
    assert "No language model: answers are quoted" in Parsed(header()).text
    assert "Answers are written by Qwen3" in Parsed(header("Qwen3")).text
    assert "/account" not in header()
    assert "ann" in Parsed(header(user="ann")).text


DOCUMENT = Document(
    "id",
    "book.pdf",
    "application/pdf",
    "Title\n\nFirst page here.\n\nSecond page & more.",
    (Page(1, 0, 24), Page(2, 25, 44)),
    (Heading(1, 0, 5),),
)


def test_the_cited_sentence_is_what_is_highlighted() -> None:
    start = DOCUMENT.text.index("Second")
    shown = source(EN, DOCUMENT, start, start + len("Second page & more."))
    assert "<mark>Second page &amp; more.</mark>" in shown
    assert 'data-page="Page 2"' in shown
    assert "p. 2" in shown
    assert '<span class="kg-heading kg-level-1">Title</span>' in shown


@given(st.data())
def test_the_source_shows_the_text_of_the_document_whatever_is_marked(data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet="ab \n.<&\u202e", max_size=60))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=4, max_size=4)))
    pages = (Page(1, 0, cuts[0]), Page(2, cuts[0], len(text)))
    headings = (Heading(2, cuts[0], cuts[1]),) if cuts[0] < cuts[1] else ()
    start, end = data.draw(st.integers(-5, 70)), data.draw(st.integers(-5, 70))
    document = Document("id", "n", "text/plain", text, pages, headings)
    body = source(EN, document, start, end).partition('<div class="kg-text" dir="auto">')[2]
    parsed = Parsed("<div>" + body)
    assert parsed.text.replace(" ", "\n") == visible(text).replace(" ", "\n")
    marks = body.split("<mark>")[1:]
    marked = "".join(html.unescape(part.partition("</mark>")[0]) for part in marks)
    first = min(max(start, 0), len(text))
    last = min(max(end, first), len(text))
    assert marked.replace(" ", "\n") == visible(text[first:last]).replace(" ", "\n")


def test_a_line_wrapped_by_a_page_flows_and_a_short_line_keeps_its_break() -> None:
    wrapped = "Leonhard Euler was born in Basel, and his father\nPaul was a pastor."
    verse = "Tyger tyger\nburning bright"
    shown = source(EN, Document("id", "n", "text/plain", f"{wrapped}\n\n{verse}"))
    assert "his father Paul" in shown
    assert verse in shown


@given(st.integers(0, 200_000), st.integers(1, 2000), st.booleans())
def test_the_window_of_a_long_document_holds_what_is_cited(
    start: int, length: int, lines: bool
) -> None:
    text = ("word " * 19 + ("last\n" if lines else "last ")) * 2000
    start = min(start, len(text) - length)
    first, last = window(text, start, start + length)
    assert 0 <= first <= start < start + length <= last <= len(text)
    assert last - first <= WINDOW_CHARS


def test_a_long_document_offers_its_other_parts() -> None:
    text = "A line of text.\n" * 10_000
    document = Document("id", "n", "text/plain", text)
    middle = source(EN, document, 80_000, 80_015)
    assert middle.count("kg-more") == 2
    assert source(EN, document, 0, 5).count("kg-more") == 1
