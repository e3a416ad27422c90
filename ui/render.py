"""Records as HTML: the documents panel, and what the other views share. Pure functions.

Everything that comes from a document, a question or a model passes through ``escape`` and lands in
a text node or a quoted attribute that is no address: nothing is ever rendered as Markdown, so no
text can execute or cause a request. What can be clicked carries its data in ``data-*`` attributes,
which ``static/panel.js`` sends back.
"""

import html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from indexes.errors import PARSE_REASONS

if TYPE_CHECKING:
    from indexes.documents import DocumentSummary
    from kgrag.ingest import FileOutcome

_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters, marks that turn the direction of text round (a name ending in "fdp.exe" could
be shown as one ending in "exe.pdf"), and lone surrogates, which no UTF-8 response can carry."""

LANGUAGES = {"en": "English", "ru": "Russian"}

_MARKS = {"indexed": "✓", "indexed_partial": "!", "unchanged": "=", "empty": "○", "failed": "✕"}


def escape(text: str) -> str:
    """Return ``text`` for a text node or a quoted attribute; as many characters once unescaped."""
    return html.escape(_UNSHOWABLE.sub("\ufffd", text), quote=True)


def counted(number: int, noun: str) -> str:
    """Return ``1 fact``, ``1,200 facts``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def header(model: str | None) -> str:
    """Return the head of the page; ``model`` is what writes the answers, if anything does."""
    by = (
        "No language model: answers are quoted"
        if model is None
        else f"Answers are written by <bdi>{escape(model)}</bdi>"
    )
    return (
        '<header class="kg-header"><strong>kgrag</strong>'
        "<span>Every answer leads to the sentence it came from.</span>"
        f'<span class="kg-model">{by}</span></header>'
    )


def welcome(examples: Sequence[str], has_documents: bool) -> str:
    """Return what an empty conversation shows: what to do first, or what could be asked."""
    if not has_documents:
        return (
            '<div class="kg-empty kg-welcome"><h2>Ask your own documents</h2><p>Add a few files on '
            "the left: PDF, Word, slides, tables, web pages, e-books, mail or plain text, in "
            "English or Russian. Then ask a question here.</p><p>Every answer points to the "
            "sentence that it came from.</p></div>"
        )
    buttons = "".join(
        f'<button type="button" class="kg-example" data-question="{escape(question)}">'
        f"{escape(question)}</button>"
        for question in examples
    )
    return (
        '<div class="kg-empty kg-welcome"><h2>What would you like to know?</h2><p>Answers come '
        "from your documents only, and each one points to the sentence that it came from.</p>"
        f'<div class="kg-examples">{buttons}</div></div>'
    )


def documents(summaries: Sequence["DocumentSummary"]) -> str:
    """Return the table of documents; its rows open and, after a second click, remove them."""
    if not summaries:
        return '<p class="kg-empty">No documents yet. Drop some files above.</p>'
    facts = sum(summary.triplets for summary in summaries)
    return (
        f'<p class="kg-count">{counted(len(summaries), "document")}, {counted(facts, "fact")}</p>'
        '<table class="kg-documents"><thead class="kg-hidden"><tr><th>Document</th>'
        "<th>Remove</th></tr></thead>"
        f"<tbody>{''.join(map(_document_row, summaries))}</tbody></table>"
    )


def progress(done: int, total: int, name: str) -> str:
    """Return how far the reading of added files has come."""
    return (
        f'<div class="kg-progress" role="status"><div class="kg-progress-line">'
        f"<span>Reading <bdi>{escape(name)}</bdi></span><span>{done} of {total}</span></div>"
        f'<progress value="{done}" max="{max(total, 1)}"></progress></div>'
    )


def outcomes(files: Sequence["FileOutcome"]) -> str:
    """Return what became of each added file, those that failed first."""
    order = ("failed", "empty", "indexed_partial", "indexed", "unchanged")
    ranked = sorted(files, key=lambda file: order.index(file.outcome))
    dismiss = '<button type="button" class="kg-close" aria-label="Dismiss">×</button>'
    return f'<ul class="kg-outcomes">{dismiss}{"".join(map(_outcome_row, ranked))}</ul>'


def notice(message: str) -> str:
    """Return one sentence that says what went wrong."""
    return f'<p class="kg-notice" role="alert">{escape(message)}</p>'


def place(page: int | None) -> str:
    """Return ``p. 3``, or nothing where a document has no pages."""
    return "" if page is None else f'<span class="kg-page">p. {page}</span>'


def _document_row(summary: "DocumentSummary") -> str:
    key, name = escape(summary.id), escape(summary.name)
    about = [LANGUAGES.get(summary.language, summary.language)]
    if summary.pages:
        about.append(counted(summary.pages, "page"))
    about.append(counted(summary.triplets, "fact"))
    if summary.outcome == "indexed_partial":
        about.append("read in part")
    return (
        f'<tr><td><button type="button" class="kg-open" data-open="{key}" title="{name}">'
        f'<bdi>{name}</bdi></button><span class="kg-about">{escape(" · ".join(about))}</span>'
        f'<span class="kg-confirm">Remove this document and its facts? '
        f'<button type="button" class="kg-yes" data-remove="{key}">Remove</button>'
        '<button type="button" class="kg-no">Keep</button></span></td>'
        f'<td><button type="button" class="kg-ask-remove" aria-label="Remove {name}" '
        f'title="Remove">×</button></td></tr>'
    )


def _outcome_row(file: "FileOutcome") -> str:
    name, became = escape(Path(file.path).name), escape(_became(file))
    return (
        f'<li class="kg-was-{file.outcome}"><span class="kg-mark">{_MARKS[file.outcome]}</span>'
        f'<span><bdi class="kg-name">{name}</bdi><span class="kg-why">{became}</span>'
        "</span></li>"
    )


def _became(file: "FileOutcome") -> str:
    read = f"{counted(file.passages, 'passage')}, {counted(file.triplets, 'fact')}"
    reason = _plain(file)
    match file.outcome:
        case "indexed":
            return read
        case "indexed_partial":
            return f"Read in part ({read}). {reason or ''}"
        case "unchanged":
            return reason or "Already in the library."
        case "empty":
            return reason or "There is no text in it. A scan needs text recognition first."
        case "failed":
            return reason or "The file could not be read."


def _plain(file: "FileOutcome") -> str:
    """Return the reason without what stands before it: a code ("encrypted: "), the file's name."""
    before, _, sentence = (file.reason or "").partition(": ")
    if before in PARSE_REASONS:
        return sentence
    if before == Path(file.path).name:
        return sentence[:1].upper() + sentence[1:]
    return file.reason or ""
