"""The text of a document as HTML, with one span of it highlighted. Pure.

The text content of the result is the document's own text, character for character, but for what
``escape`` replaces and for line breaks within a paragraph, which become spaces. Page numbers are
drawn by the style sheet from ``data-page``. Of a long document only the surroundings of the span
are sent.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from indexes.records import Document
from ui.render import escape, place
from ui.words import Words

WINDOW_CHARS = 30_000
"""How much of a long document is shown at once: some fifteen printed pages, quick to lay out."""

_WRAPPED = re.compile(r"(?<=[^\n]{40})\n(?![\n\s]|[-–—•*·▪◦]|\d{1,3}[.)]\s|#|[^\n]{0,200} \|)")
"""The end of a full line that goes on in the next one: the break of a page's column, not the
author's. Short lines (verse, addresses, headings), list items and table rows keep theirs."""


def empty(say: Words) -> str:
    """Return what stands where no source is shown."""
    return f'<div class="kg-empty">{escape(say("source.empty"))}</div>'


def source(say: Words, document: Document, start: int = 0, end: int = 0) -> str:
    """Return the document around [start, end), that span highlighted; no highlight if it is empty.

    ``start`` and ``end`` come from the browser: what lies outside the text is moved into it.
    """
    start = min(max(start, 0), len(document.text))
    end = min(max(end, start), len(document.text))
    first, last = window(document.text, start, end)
    body = "".join(_pieces(say, document, (first, last), (start, end)))
    where = place(say, document.page_at(start) if end > start else None)
    earlier = _more(say, document, max(first - WINDOW_CHARS // 2, 0), "earlier") if first else ""
    later = _more(say, document, last, "later") if last < len(document.text) else ""
    return (
        f'<header class="kg-source-head"><bdi class="kg-name">{escape(document.name)}</bdi>{where}'
        f'<button type="button" class="kg-read" data-read="{escape(document.id)}" '
        f'data-start="{start}" data-end="{end}">{escape(say("source.read"))}</button></header>'
        f'{earlier}<div class="kg-text" dir="auto">{body}</div>{later}'
    )


def window(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the [first, last) to show around [start, end): whole lines where there are any."""
    if len(text) <= WINDOW_CHARS:
        return 0, len(text)
    spare = max(WINDOW_CHARS - (end - start), WINDOW_CHARS // 2)
    first, last = max(start - spare // 2, 0), min(end + spare // 2, len(text))
    line = text.find("\n", first, start)
    first = line + 1 if first and line >= 0 else first
    line = text.rfind("\n", end, last)
    return first, line + 1 if last < len(text) and line >= 0 else last


def _pieces(
    say: Words, document: Document, shown: tuple[int, int], marked: tuple[int, int]
) -> Iterator[str]:
    """Yield the shown text, cut wherever its markup changes."""
    first, last = shown
    pages = {page.start: page.number for page in document.pages if first <= page.start < last}
    headings = [item for item in document.headings if item.start < last and item.end > first]
    spans = [marked, *((heading.start, heading.end) for heading in headings)]
    inside = (offset for span in spans for offset in span if first < offset < last)
    flowing = _WRAPPED.sub(" ", document.text[first:last])
    for start, end in pairwise(sorted({first, *pages, *inside, last})):
        text = escape(flowing[start - first : end - first])
        if marked[0] <= start < marked[1]:
            text = f"<mark>{text}</mark>"
        for heading in headings:
            if heading.start <= start < heading.end:
                text = f'<span class="kg-heading kg-level-{min(heading.level, 4)}">{text}</span>'
                break
        if start in pages:
            number = escape(say("page.break", n=pages[start]))
            text = f'<span class="kg-pagebreak" data-page="{number}"></span>{text}'
        yield text


def _more(say: Words, document: Document, offset: int, which: str) -> str:
    return (
        f'<button type="button" class="kg-more" data-open="{escape(document.id)}" '
        f'data-start="{offset}">{escape(say(f"source.{which}"))}</button>'
    )
