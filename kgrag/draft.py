"""An answer in the making: its sentences, and what they cite, numbered by their first use."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from kgrag.events import Answer, Answered, Citation, RankedPassage, SearchResult, Sentence, Token

NEAREST_PASSAGES = 3
"""Passages that an abstention offers instead of an answer."""


class Draft:
    """Collects sentences and citations until ``finish`` or ``decline`` makes an answer of them."""

    def __init__(
        self,
        asked: str,
        understood: str,
        result: SearchResult,
        started: float,
        sufficiency: float | None = None,
    ) -> None:
        self._asked = asked
        self._sufficiency = sufficiency
        self._understood = understood
        self._result = result
        self._started = started
        self._citations: dict[tuple[str, int, int], Citation] = {}
        self.sentences: list[Sentence] = []
        self._is_anew = False

    @property
    def stands(self) -> bool:
        """Whether any sentence stands."""
        return any(sentence.stands for sentence in self.sentences)

    def cite(self, citation: Citation) -> int:
        """Return the number of a citation: that of its first use, or the next."""
        key = (citation.document_id, citation.start, citation.end)
        if key not in self._citations:
            self._citations[key] = replace(citation, n=len(self._citations) + 1)
        return self._citations[key].n

    def add(self, sentence: Sentence) -> Token:
        """Take a sentence in; return it as an event."""
        self.sentences.append(sentence)
        is_anew, self._is_anew = self._is_anew, False
        return Token(f"{sentence.cited} ", sentence, is_anew)

    def quote(self, citation: Citation, answer: tuple[int, int] | None) -> Token:
        """Take in a quotation; ``answer`` is the [start, end) in its document that stands out."""
        text = " ".join(citation.quote.split())
        within = _placed(citation, answer) if answer else None
        return self.add(Sentence(text, (self.cite(citation),), highlight=within))

    def begin_again(self) -> None:
        """Forget the sentences and what they cite."""
        self._is_anew = bool(self.sentences)
        self.sentences, self._citations = [], {}

    def drop_standing(self) -> None:
        """Forget everything if any of it stands: what is withheld must not be read."""
        if self.stands:
            self.begin_again()

    def finish(self, mode: Literal["quote", "llm"], notice: str | None = None) -> Answered:
        """Return the answer."""
        return self._answered(mode, None, notice, ())

    def decline(
        self, mode: Literal["quote", "llm"], why: str, notice: str | None = None
    ) -> Answered:
        """Return the answer that there is none, with what comes nearest."""
        return self._answered(mode, why, notice, self._result.passages[:NEAREST_PASSAGES])

    def _answered(
        self,
        mode: Literal["quote", "llm"],
        why: str | None,
        notice: str | None,
        nearest: Sequence[RankedPassage],
    ) -> Answered:
        return Answered(
            Answer(
                question=self._asked,
                understood=self._understood,
                sentences=tuple(self.sentences),
                citations=tuple(self._citations.values()),
                abstained=why is not None,
                why=why,
                mode=mode,
                seconds=time.perf_counter() - self._started,
                notice=notice,
                nearest=tuple(nearest),
                sufficiency=self._sufficiency,
            )
        )


def _placed(citation: Citation, answer: tuple[int, int]) -> tuple[int, int]:
    """Return where a part of a quotation stands once its white space is one space each."""
    before = citation.quote[: answer[0] - citation.start]
    start = len(" ".join(f"{before}|".split())) - 1
    inside = citation.quote[answer[0] - citation.start : answer[1] - citation.start]
    return start, start + len(" ".join(inside.split()))
