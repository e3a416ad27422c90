"""Finds what a language model quotes in the text that it was shown.

Models mend what they copy: line breaks, curly quotation marks, dashes, ligatures, stress marks. A
quotation is looked for as it is, then without white space, then with all of these levelled. What is
found is always the text's own characters, and never begins or ends within a word.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache

from kgrag.extract.tokens import Span

MAX_PLACES = 50
"""Of one quotation; more are no names."""

_LEVEL = {
    **dict.fromkeys("\"'`´<>‹›«»“”„‟‘’‚‛″′", '"'),
    **dict.fromkeys("-‐‑‒–—―−", "-"),
    **dict.fromkeys("([{", "("),
    **dict.fromkeys(")]}", ")"),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u0300\u0301", ""),
    "ё": "е",
}
_COMBINING = re.compile(r"[\u0300-\u036f]*")
_MARK = re.compile(r"[\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff]")


class Places:
    """A text in which quotations are looked for."""

    def __init__(self, text: str) -> None:
        self._text = text

    def find(self, quote: str) -> list[Span]:
        """Return [start, end) of each place that holds a quotation; the strictest way counts."""
        exact = self._whole_words(self._exact(quote.strip()))
        return exact or self._loose(_no_space, quote) or self._loose(_level, quote)

    def _exact(self, quote: str) -> Iterator[Span]:
        start = self._text.find(quote) if quote else -1
        while start >= 0:
            yield start, start + len(quote)
            start = self._text.find(quote, start + 1)

    def _loose(self, level: Callable[[str], str], quote: str) -> list[Span]:
        """Compare with every character put through ``level``, which may make it none or several."""
        wanted = "".join(map(level, quote))
        levelled, origins = self._levelled[level]
        return self._whole_words(self._matches(wanted, level, levelled, origins))

    def _matches(
        self, wanted: str, level: Callable[[str], str], levelled: str, origins: list[int]
    ) -> Iterator[Span]:
        at = levelled.find(wanted) if wanted else -1
        while at >= 0:
            start, end = origins[at], origins[at + len(wanted) - 1] + 1
            # One character may have become two, of which only one was matched.
            if "".join(map(level, self._text[start:end])) == wanted:
                yield start, end
            at = levelled.find(wanted, at + 1)

    @cached_property
    def _levelled(self) -> dict[Callable[[str], str], tuple[str, list[int]]]:
        found: dict[Callable[[str], str], tuple[str, list[int]]] = {}
        for level in (_no_space, _level):
            pieces = [level(char) for char in self._text]
            origins = [at for at, piece in enumerate(pieces) for _ in piece]
            found[level] = ("".join(pieces), origins)
        return found

    def _whole_words(self, spans: Iterator[Span]) -> list[Span]:
        found: list[Span] = []
        for start, end in spans:
            marks = _COMBINING.match(self._text, end)
            end = marks.end() if marks else end
            if not self._is_in_word(start) and not self._is_in_word(end):
                found.append((start, end))
            if len(found) == MAX_PLACES:
                break
        return found

    def _is_in_word(self, at: int) -> bool:
        """Return whether two letters, or two digits, meet there; marks on them do not part them."""
        before, after = at - 1, at
        while before >= 0 and _MARK.match(self._text[before]):
            before -= 1
        while after < len(self._text) and _MARK.match(self._text[after]):
            after += 1
        if before < 0 or after == len(self._text):
            return False
        one, other = self._text[before], self._text[after]
        return (one.isalpha() and other.isalpha()) or (one.isdigit() and other.isdigit())


def _no_space(char: str) -> str:
    return "" if char.isspace() else char


@lru_cache(maxsize=4096)
def _level(char: str) -> str:
    plain = unicodedata.normalize("NFKC", char).casefold()
    return "".join(_LEVEL.get(part, part) for part in plain if not part.isspace())
