"""What a browser would make of a piece of HTML, and what may be in one."""

import html
from html.parser import HTMLParser

from ui import render

TAGS = {
    "a", "bdi", "button", "div", "h2", "header", "li", "mark", "nav", "ol", "option", "p", "q", "s",
    "section", "select", "span", "strong",
}  # fmt: skip
ATTRIBUTES = {
    "class", "dir", "type", "title", "role", "value", "selected", "href", "aria-label", "aria-busy",
    "data-cite", "data-passage", "data-open", "data-read", "data-start", "data-end",
    "data-question", "data-page", "data-conversation", "data-view", "data-library",
}  # fmt: skip


class Parsed(HTMLParser):
    """Collects tags, attributes, text and comments; ``within`` holds the text below each tag."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.comments: list[str] = []
        self.within: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.extend(attrs)
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        for tag in set(self._open):
            self.within[tag] = self.within.get(tag, "") + data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def visible(text: str) -> str:
    """Return a text as it is shown."""
    return html.unescape(render.escape(text))


def assert_inert(part: str, payload: str) -> None:
    """Assert that a hostile text is shown as a text, and is nothing else."""
    parsed = Parsed(part)
    assert set(parsed.tags) <= TAGS
    assert {name for name, _ in parsed.attributes} <= ATTRIBUTES
    assert {value for name, value in parsed.attributes if name == "href"} <= {"/account"}
    assert not parsed.comments
    assert visible(payload).split("\n")[0] in parsed.text
