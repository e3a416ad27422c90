"""Reads what a model writes: sentences, each ended by the numbers that it cites.

    Euler was born in Basel. [3] He went to Russia in 1727. [3] [5]

Where the server took a grammar (``kgrag.grammar``) nothing else can come. Where it took none, the
same contract is enforced here: a number that was not offered is dropped and remembered, and what
cites nothing is known to cite nothing.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from indexes.text import sentences

_GROUP = r"\[\s*\d{1,4}(?:\s*[,;]\s*\d{1,4})*\s*\]"
_MARKS = re.compile(rf"\s*{_GROUP}(?:\s*[,;]?\s*{_GROUP})*")
_UNFINISHED = re.compile(r"\s*[,;]?\s*(?:\[[\s\d,;]*)?\Z")
"""What may go on as a further number once more has been written."""

_END = re.compile(r"[.!?…]+")
_BULLET = re.compile(r"^(?:[-*•–—]|\d{1,2}[.)])\s+")
_THOUGHT = re.compile(r"\A\s*<think>.*?(?:</think>|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence that a model wrote; ``unknown`` are numbers it cites that it was not offered."""

    text: str
    numbers: tuple[int, ...]
    unknown: tuple[int, ...] = ()


class CitedText:
    """What a model has written so far; give it the pieces as they come.

    Parameters
    ----------
    offered:
        The numbers that may be cited.
    nothing:
        The sentence that stands for "not in the documents".
    """

    def __init__(self, offered: Collection[int], nothing: str) -> None:
        self._offered = frozenset(offered)
        self._nothing = _plain(nothing)
        self._rest = ""
        self.says_nothing = False
        """Whether it wrote that the documents do not say."""

    def feed(self, piece: str) -> list[Written]:
        """Return the sentences that this piece completes."""
        self._rest += piece
        if self._rest.lstrip()[:7] == "<think>"[: len(self._rest.lstrip())]:
            if "</think>" not in self._rest:
                return []
            self._rest = _THOUGHT.sub("", self._rest)
        return list(self._take(is_whole=False))

    def finish(self, *, is_cut: bool = False) -> list[Written]:
        """Return the last sentences; what cites nothing is left out where the text was cut off."""
        self._rest = _THOUGHT.sub("", self._rest)
        found = list(self._take(is_whole=True))
        if not is_cut:
            found += self._sentences(self._rest, ())
        self._rest = ""
        return found

    def _take(self, *, is_whole: bool) -> Iterator[Written]:
        while (marks := _MARKS.search(self._rest)) is not None:
            after = self._rest[marks.end() :]
            if not is_whole and _UNFINISHED.match(after):
                return
            end = _END.match(after)
            text = self._rest[: marks.start()] + (end.group() if end else "")
            self._rest = after[end.end() :] if end else after
            numbers = tuple(dict.fromkeys(int(n) for n in re.findall(r"\d+", marks.group())))
            yield from self._sentences(text, numbers)

    def _sentences(self, text: str, numbers: tuple[int, ...]) -> Iterator[Written]:
        known = tuple(n for n in numbers if n in self._offered)
        unknown = tuple(n for n in numbers if n not in self._offered)
        for start, end in sentences(text):
            sentence = _BULLET.sub("", " ".join(text[start:end].split()))
            if _plain(sentence) == self._nothing:
                self.says_nothing = True
            elif any(char.isalnum() for char in sentence):
                yield Written(sentence, known, unknown)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
