"""Records as HTML: the head of the page, and what several views share. Pure functions.

Everything that comes from a document, a question or a model passes through ``escape`` and lands in
a text node or a quoted attribute that is no address: nothing is ever rendered as Markdown, so no
text can execute or cause a request. What can be clicked carries its data in ``data-*`` attributes,
which ``static/panel.js`` sends back.
"""

import html
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ui.words import Words

if TYPE_CHECKING:
    from ui.shelf import LibraryInfo

VIEWS = ("chat", "explore", "read", "facts", "evaluate", "settings")

_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters, marks that turn the direction of text round (a name ending in "fdp.exe" could
be shown as one ending in "exe.pdf"), and lone surrogates, which no UTF-8 response can carry."""


def escape(text: str) -> str:
    """Return ``text`` for a text node or a quoted attribute; as many characters once unescaped."""
    return html.escape(_UNSHOWABLE.sub("\ufffd", text), quote=True)


def header(
    say: Words,
    libraries: Sequence["LibraryInfo"],
    chosen: str,
    *,
    model: str | None,
    user: str = "",
) -> str:
    """Return the head of the page: views, libraries, and ``model``, what writes the answers.

    ``user`` is who is logged in, empty without accounts.
    """
    views = "".join(
        f'<button type="button" role="tab" data-view="{view}">'
        f"{escape(say(f'view.{view}'))}</button>"
        for view in VIEWS
    )
    by = (
        say("model.none") if model is None else say("model.by", model=f"<bdi>{escape(model)}</bdi>")
    )
    account = f'<a class="kg-user" href="/account"><bdi>{escape(user)}</bdi></a>' if user else ""
    return (
        f'<header class="kg-header" data-library="{escape(chosen)}"><strong>kgrag</strong>'
        f'<nav class="kg-nav" role="tablist" aria-label="{escape(say("views"))}">{views}</nav>'
        f'<span class="kg-model">{by}</span>{_choice(say, libraries, chosen)}{account}</header>'
    )


def library_name(say: Words, library: "LibraryInfo") -> str:
    """Return what a library is called; a main one that nobody has named has a name all the same."""
    return library.name or say("library.main")


def welcome(say: Words, examples: Sequence[str], has_documents: bool) -> str:
    """Return what an empty conversation shows: what to do first, or what could be asked."""
    if not has_documents:
        return (
            f'<div class="kg-empty kg-welcome"><h2>{escape(say("welcome.first.title"))}</h2>'
            f"<p>{escape(say('welcome.first.text'))}</p>"
            f"<p>{escape(say('welcome.first.more'))}</p></div>"
        )
    buttons = "".join(
        f'<button type="button" class="kg-example" data-question="{escape(question)}">'
        f"{escape(question)}</button>"
        for question in examples
    )
    return (
        f'<div class="kg-empty kg-welcome"><h2>{escape(say("welcome.title"))}</h2>'
        f"<p>{escape(say('welcome.text'))}</p>"
        f'<div class="kg-examples">{buttons}</div></div>'
    )


def notice(message: str) -> str:
    """Return one sentence that says what went wrong."""
    return f'<p class="kg-notice" role="alert">{escape(message)}</p>'


def place(say: Words, page: int | None) -> str:
    """Return ``p. 3``, or nothing where a document has no pages."""
    return "" if page is None else f'<span class="kg-page">{escape(say("page", n=page))}</span>'


def _choice(say: Words, libraries: Sequence["LibraryInfo"], chosen: str) -> str:
    options = "".join(
        f'<option value="{escape(item.id)}"{" selected" if item.id == chosen else ""}>'
        f"{escape(library_name(say, item))}</option>"
        for item in libraries
    )
    label = escape(say("library"))
    return (
        f'<span class="kg-library"><select aria-label="{label}" title="{label}">{options}</select>'
        f'<button type="button" class="kg-manage" title="{escape(say("library.manage"))}" '
        f'aria-label="{escape(say("library.manage"))}">⋯</button></span>'
    )
