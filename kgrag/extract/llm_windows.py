"""Cuts a text into what a language model reads at once: whole sentences of one language."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from indexes.text import Language
from kgrag.extract.tokens import Span, split

MAX_HEADING_CHARS = 120

_END_MARKS = ".!?…:;"
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")


@dataclass(frozen=True, slots=True)
class Window:
    """Sentences that follow one another, in offsets of the whole text."""

    language: Language
    sentences: tuple[Span, ...]

    @property
    def start(self) -> int:
        """Where the first sentence begins."""
        return self.sentences[0][0]

    @property
    def end(self) -> int:
        """Where the last sentence ends."""
        return self.sentences[-1][1]

    def halves(self) -> list["Window"]:
        """Return it in two, cut between sentences near its middle; one sentence stays whole."""
        middle = (self.start + self.end) / 2
        cut = sum(start < middle for start, _ in self.sentences)
        cut = min(max(cut, 1), len(self.sentences) - 1)
        parts = (self.sentences[:cut], self.sentences[cut:]) if cut else (self.sentences,)
        return [Window(self.language, part) for part in parts]


def cut_windows(text: str, most_chars: int) -> list[Window]:
    """Return the windows of a text, in order; what has no letter in it is in none.

    A window is longer than ``most_chars`` only where a single sentence is. One that is half full
    ends before a heading, which thus stays with the text below it.
    """
    windows = [
        Window(part.language, tuple(run))
        for part in split(text)
        for run in _packed(text, part.sentences, most_chars)
    ]
    return [
        window
        for window in windows
        if any(char.isalpha() for char in text[window.start : window.end])
    ]


def _packed(text: str, spans: Sequence[Span], most_chars: int) -> list[list[Span]]:
    runs: list[list[Span]] = []
    for number, (start, end) in enumerate(spans):
        begun = start - runs[-1][0][0] if runs else 0
        is_full = bool(runs) and end - runs[-1][0][0] > most_chars
        if not runs or is_full or (2 * begun >= most_chars and _is_heading(text, spans, number)):
            runs.append([])
        runs[-1].append((start, end))
    return runs


def _is_heading(text: str, spans: Sequence[Span], number: int) -> bool:
    """Return whether a sentence is short, has no end mark, and stands above a blank line."""
    start, end = spans[number]
    return (
        number + 1 < len(spans)
        and end - start <= MAX_HEADING_CHARS
        and text[end - 1] not in _END_MARKS
        and _BLANK_LINE.search(text, end, spans[number + 1][0]) is not None
    )
