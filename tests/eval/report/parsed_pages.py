"""A page as a reader's machine would read it."""

from lxml import html
from lxml.html import HtmlElement as Element

__all__ = ["Element", "found_in", "parsed", "words"]


def parsed(text: str) -> Element:
    """Return the root of a page."""
    return html.fromstring(text)


def words(element: Element) -> str:
    """Return what an element says, its white space made even."""
    return " ".join(" ".join(element.itertext()).split())


def found_in(element: Element, path: str) -> list[Element]:
    """Return what lies on a path of "name.class" steps, any depth apart; "*.class" for any name."""
    steps = []
    for step in path.split():
        name, _, kind = step.partition(".")
        own = f"[contains(concat(' ', @class, ' '), ' {kind} ')]" if kind else ""
        steps.append(f"//{name}{own}")
    found: list[Element] = element.xpath("." + "".join(steps))
    return found
