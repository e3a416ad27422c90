"""A conversation as one file to keep: Markdown, or HTML that loads nothing. Pure functions.

What documents, questions and models say is escaped for HTML by ``ui.render.escape``; for Markdown
every sign that could begin a link, an image, a heading or HTML is escaped, so that no viewer makes
anything of it but text.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from kgrag.events import Answer, Citation, Sentence
from ui.render import escape
from ui.rest.turns import KeptTurn

Say = Mapping[str, str]

_WORDS: dict[str, Say] = {
    "en": {
        "partly": "partly supported",
        "unsupported": "struck: not supported",
        "contradicted": "struck: contradicted",
        "gone": "This answer is gone: a document that it cited was removed.",
        "understood": "Understood as",
        "page": "p.",
    },
    "ru": {
        "partly": "подтверждено отчасти",
        "unsupported": "вычеркнуто: не подтверждено",
        "contradicted": "вычеркнуто: источники говорят иное",
        "gone": "Этого ответа больше нет: документ, который он приводил, удалён.",
        "understood": "Понято как",
        "page": "с.",
    },
}
_SIGNS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&:=\"'/@])")

_STYLE = """body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; line-height: 1.5;
  font-family: system-ui, sans-serif; color: #1e293b; background: #fff; }
h2 { margin-top: 2.5rem; font-size: 1.15rem; }
.verdict, .how { color: #64748b; font-size: 0.9rem; }
blockquote { margin: 0.25rem 0 1rem; padding-left: 1rem; border-left: 3px solid #c7d2fe;
  white-space: pre-line; }
@media (prefers-color-scheme: dark) { body { color: #e2e8f0; background: #0f172a; } }
"""


def to_markdown(title: str, turns: Sequence[KeptTurn], language: str = "en") -> str:
    """Return the conversation as Markdown, our own words in English or Russian."""
    say = _WORDS[language]
    parts = [f"# {_plain(title)}"]
    for turn in turns:
        parts.append(f"## {_plain(turn.question)}")
        if turn.answer is None:
            parts.append(f"*{say['gone']}*")
        else:
            parts += _answer_markdown(say, turn.question, turn.answer)
    return "\n\n".join(parts) + "\n"


def to_html(title: str, turns: Sequence[KeptTurn], language: str = "en") -> str:
    """Return the conversation as a page of its own, our own words in English or Russian."""
    body = "".join(_turn_html(_WORDS[language], turn) for turn in turns)
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f'<body><h1 dir="auto">{escape(title)}</h1>{body}</body></html>\n'
    )


def _answer_markdown(say: Say, question: str, answer: Answer) -> list[str]:
    parts = []
    if answer.understood.split() != question.split():
        parts.append(f"*{say['understood']}: {_plain(answer.understood)}*")
    if answer.notice:
        parts.append(f"*{_plain(answer.notice)}*")
    if answer.why:
        parts.append(_plain(answer.why))
    parts += [_sentence_markdown(say, sentence) for sentence in answer.sentences]
    for source in answer.citations:
        quote = "\n".join(f"> {_plain(line)}" for line in source.quote.splitlines() or [""])
        parts.append(
            f"\\[{source.n}\\] **{_plain(source.document_name)}**{_page(say, source)}\n\n{quote}"
        )
    return parts


def _sentence_markdown(say: Say, sentence: Sentence) -> str:
    marks = "".join(f" \\[{n}\\]" for n in sentence.citations)
    said = _plain(sentence.text)
    if sentence.supported:
        return f"{said}{marks}"
    said = said if sentence.stands else f"~~{said}~~"
    return f"{said}{marks} *({_verdict(say, sentence, _plain)})*"


def _turn_html(say: Say, turn: KeptTurn) -> str:
    head = f'<h2 dir="auto">{escape(turn.question)}</h2>'
    if turn.answer is None:
        return f'{head}<p class="how">{say["gone"]}</p>'
    return head + _answer_html(say, turn.question, turn.answer)


def _answer_html(say: Say, question: str, answer: Answer) -> str:
    parts = []
    if answer.understood.split() != question.split():
        parts.append(f'<p class="how">{say["understood"]}: {escape(answer.understood)}</p>')
    if answer.notice:
        parts.append(f'<p class="how">{escape(answer.notice)}</p>')
    if answer.why:
        parts.append(f'<p dir="auto">{escape(answer.why)}</p>')
    parts += [_sentence_html(say, sentence) for sentence in answer.sentences]
    for source in answer.citations:
        where = f"{escape(source.document_name)}{_page(say, source)}"
        parts.append(
            f'<p>[{source.n}] <strong dir="auto">{where}</strong></p>'
            f'<blockquote dir="auto">{escape(source.quote)}</blockquote>'
        )
    return "".join(parts)


def _sentence_html(say: Say, sentence: Sentence) -> str:
    marks = "".join(f" [{n}]" for n in sentence.citations)
    said = escape(sentence.text)
    if sentence.supported:
        return f'<p dir="auto">{said}{marks}</p>'
    said = said if sentence.stands else f"<s>{said}</s>"
    why = _verdict(say, sentence, escape)
    return f'<p dir="auto">{said}{marks} <span class="verdict">({why})</span></p>'


def _verdict(say: Say, sentence: Sentence, escaped: Callable[[str], str]) -> str:
    why = f": {escaped(sentence.reason)}" if sentence.reason else ""
    return f"{say[sentence.verdict]}{why}"


def _page(say: Say, source: Citation) -> str:
    return "" if source.page is None else f", {say['page']} {source.page}"


def _plain(text: str) -> str:
    """Return text on one line, of which Markdown makes nothing but that text."""
    line = " ".join(text.split())
    return _SIGNS.sub(r"\\\1", line)
