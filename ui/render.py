"""Records as HTML: the conversation and the documents panel. Pure functions.

Everything that comes from a document, a question or a model passes through ``escape`` and lands in
a text node or a quoted attribute that is no address: nothing is ever rendered as Markdown, so no
text can execute or cause a request. What can be clicked carries its data in ``data-*`` attributes,
which ``static/panel.js`` sends back.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from indexes.errors import PARSE_REASONS
from kgrag.events import Answer, Citation, RankedPassage, SearchResult, Sentence

if TYPE_CHECKING:
    from indexes.documents import DocumentSummary
    from kgrag.ingest import FileOutcome

NEAREST_PASSAGES = 3
"""How many passages an abstention offers instead of an answer."""

_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters, marks that turn the direction of text round (a name ending in "fdp.exe" could
be shown as one ending in "exe.pdf"), and lone surrogates, which no UTF-8 response can carry."""

_MARKER = re.compile(r"\[(\d{1,3})\]")

LANGUAGES = {"en": "English", "ru": "Russian"}

_MARKS = {"indexed": "✓", "indexed_partial": "!", "unchanged": "=", "empty": "○", "failed": "✕"}


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what became of it: an answer, or a ``failure`` in plain words."""

    question: str
    answer: Answer | None = None
    retrieved: SearchResult | None = None
    failure: str | None = None


def escape(text: str) -> str:
    """Return ``text`` for a text node or a quoted attribute; as many characters once unescaped."""
    return html.escape(_UNSHOWABLE.sub("\ufffd", text), quote=True)


def counted(number: int, noun: str) -> str:
    """Return ``1 fact``, ``1,200 facts``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def conversation(turns: Sequence[Turn], pending: str = "") -> str:
    """Return the turns, oldest first, and the ``pending`` one after them."""
    parts = [_turn(index, turn) for index, turn in enumerate(turns)]
    return f'<div class="kg-turns">{"".join(parts)}{pending}</div>'


def pending_turn(question: str, partial: str, retrieved: SearchResult | None) -> str:
    """Return the turn that is being answered: what has been written so far, or what is going on."""
    if partial:
        body = _MARKER.sub(r'<span class="kg-chip">\1</span>', escape(partial))
    elif retrieved is None:
        body = '<span class="kg-waiting">Searching your documents</span>'
    else:
        found = counted(len(retrieved.passages), "passage")
        body = f'<span class="kg-waiting">Reading {found}</span>'
    return (
        f'<section class="kg-turn" aria-busy="true">{_question(question)}'
        f'<div class="kg-answer kg-pending">{body}</div></section>'
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


def _turn(index: int, turn: Turn) -> str:
    if turn.answer is None:
        body = notice(turn.failure or "This question was not answered.")
    elif turn.answer.abstained:
        body = _abstention(index, turn.answer, turn.retrieved)
    else:
        body = _answer(index, turn.answer)
    return f'<section class="kg-turn">{_question(turn.question)}{body}</section>'


def _question(question: str) -> str:
    return f'<div class="kg-question"><bdi>{escape(question)}</bdi></div>'


def _answer(index: int, answer: Answer) -> str:
    sources = {citation.n: citation for citation in answer.citations}
    text = " ".join(_sentence(index, sentence, sources) for sentence in answer.sentences)
    cards = "".join(
        _card(f"{index}:{source.n}", "cite", str(source.n), source) for source in answer.citations
    )
    how = (
        "Quoted word for word from your documents"
        if answer.mode == "quote"
        else "Written by the language model from the sources below"
    )
    return (
        f'<div class="kg-answer">{text}</div><p class="kg-how">{how} · {answer.seconds:.1f} s</p>'
        f'<ol class="kg-cards">{cards}</ol>'
    )


def _sentence(index: int, sentence: Sentence, sources: dict[int, Citation]) -> str:
    chips = "".join(_chip(index, sources[n]) for n in sentence.citations if n in sources)
    text = escape(sentence.text)
    if not sentence.supported:
        text = (
            f'<span class="kg-unsupported" title="The sources do not support this sentence">{text}'
            '</span><span class="kg-doubt">not supported</span>'
        )
    return f"<span>{text}{chips}</span>"


def _chip(index: int, source: Citation) -> str:
    where = f"{source.document_name}{'' if source.page is None else f', p. {source.page}'}"
    return (
        f'<button type="button" class="kg-chip" data-cite="{index}:{source.n}" '
        f'title="{escape(where)}" aria-label="Source {source.n}">{source.n}</button>'
    )


def _card(target: str, kind: str, mark: str, source: Citation | RankedPassage) -> str:
    quote = source.quote if isinstance(source, Citation) else source.text
    return (
        f'<li><button type="button" class="kg-card" data-{kind}="{target}">'
        f'<span class="kg-card-head"><span class="kg-chip">{mark}</span>'
        f'<bdi class="kg-name">{escape(source.document_name)}</bdi>{place(source.page)}</span>'
        f'<q class="kg-quote">{escape(quote)}</q></button></li>'
    )


def _abstention(index: int, answer: Answer, retrieved: SearchResult | None) -> str:
    why = escape(answer.why or "Your documents do not answer this.")
    nearest = retrieved.passages[:NEAREST_PASSAGES] if retrieved else ()
    cards = "".join(
        _card(f"{index}:{rank}", "passage", "·", passage) for rank, passage in enumerate(nearest)
    )
    near = f'<p class="kg-how">The nearest passages</p><ol class="kg-cards">{cards}</ol>'
    return f'<div class="kg-answer kg-abstained">{why}</div>{near if cards else ""}'


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
