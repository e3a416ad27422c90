"""An answer as the text of a chat message: with numbers as marks, and annotations for each mark.

A chat client that is streamed to can take nothing back. So what may still be withheld is not sent:
nothing is, until one sentence is supported in full. If the language model then fails and quotations
take the place of what it wrote, the message says so.
"""

import re
from collections.abc import Sequence
from typing import Any

from indexes.text import language_of
from kgrag.events import Answer, Sentence, Token
from kgrag.shapes import evidence_shape

_WITHDRAWN = {
    "en": "(The language model broke off. What stands above is withdrawn.)",
    "ru": "(Языковая модель прервалась. Написанное выше отменяется.)",
}

_MARK = re.compile(r"\s*\[\d+\]")
_WORD = re.compile(r"\w+|[^\w\s]")


class Said:
    """What has been sent of an answer."""

    def __init__(self) -> None:
        self._text = ""
        self._waiting: list[Sentence] = []
        self._is_sure = False

    def add(self, token: Token) -> str:
        """Return what can be sent now that another sentence is there."""
        if token.is_anew:
            self._waiting, self._is_sure = [], False
            if self._text:
                return ""  # ``end`` says what became of it.
        if token.sentence.stands:
            self._waiting.append(token.sentence)
            self._is_sure = self._is_sure or token.sentence.supported
        if not self._is_sure or token.is_anew and self._text:
            return ""
        said = " ".join(sentence.cited for sentence in self._waiting)
        self._waiting = []
        return self._send(f"{' ' if self._text and said else ''}{said}")

    def end(self, answer: Answer) -> tuple[str, list[dict[str, Any]]]:
        """Return what is left to send, and the annotations of the whole message."""
        whole = final_text(answer)
        if whole.startswith(self._text):
            left, begins = whole[len(self._text) :], 0
        else:
            before = f"\n\n{_WITHDRAWN[language_of(answer.question)]}\n\n"
            left, begins = before + whole, len(self._text) + len(before)
        return self._send(left), annotations(answer, begins)

    @property
    def text(self) -> str:
        """The whole message so far."""
        return self._text

    def _send(self, text: str) -> str:
        self._text += text
        return text


def final_text(answer: Answer) -> str:
    """Return the message: what stands, or why nothing does; and what to know of it."""
    said = answer.text if answer.text and not answer.abstained else answer.why or ""
    return "\n\n".join(part for part in (said, answer.notice) if part)


def annotations(answer: Answer, begins: int = 0) -> list[dict[str, Any]]:
    """Return one for each mark of a message in which the answer begins at ``begins``."""
    if answer.abstained:
        return []
    sources = {source.n: source for source in answer.citations}
    found, at = [], begins
    for sentence in answer.sentences:
        if not sentence.stands:
            continue
        at += len(sentence.text)
        for n in sentence.citations:
            mark = f"[{n}]"
            at += 1
            if n in sources:
                place = evidence_shape(sources[n])
                cited = {
                    "file_id": place["document_id"],
                    "filename": place["document"],
                    "index": n,
                    "quote": place["quote"],
                    "page": place["page"],
                    "start": place["start"],
                    "end": place["end"],
                }
                found.append(
                    {
                        "type": "file_citation",
                        "text": mark,
                        "start_index": at,
                        "end_index": at + len(mark),
                        "file_citation": cited,
                    }
                )
            at += len(mark)
        at += 1
    return found


def earlier_answers(turns: Sequence[tuple[str, str]]) -> list[Answer]:
    """Return earlier questions and what was said to them, as a follow-up needs them."""
    return [
        Answer(
            question=asked,
            sentences=(Sentence(_MARK.sub("", said).strip(), ()),) if said.strip() else (),
            citations=(),
            abstained=not said.strip(),
            why=None,
            mode="llm",
            seconds=0.0,
        )
        for asked, said in turns
    ]


def count_words(text: str) -> int:
    """Return the words and signs of a text: what ``usage`` counts, as no tokenizer is asked."""
    return len(_WORD.findall(text))
