"""Where the mentions of a text stand: in which order, in which sentence, beside which people."""

from bisect import bisect_right
from collections.abc import Sequence

from kgrag.train import weak_phrases as phrases

Span = tuple[int, int, str]
"""(start, end, ontology type) of a mention."""


class Places:
    """The mentions of one text, each known by its index."""

    def __init__(self, text: str, mentions: Sequence[Span]) -> None:
        self.text = text
        self.mentions = mentions
        self.order = sorted(range(len(mentions)), key=lambda index: mentions[index][:2])
        self.people = [index for index in self.order if mentions[index][2] == "person"]
        self.starts = [mentions[index][0] for index in self.people]
        self.breaks = [match.end() for match in phrases.END.finditer(text)]

    def sentence(self, offset: int) -> int:
        """Return the number of the sentence that an offset lies in."""
        return bisect_right(self.breaks, offset)

    def gap(self, left: int, right: int) -> str | None:
        """Return the text between two mentions of one sentence, the left one first."""
        start, end = self.mentions[left][1], self.mentions[right][0]
        if end < start or end - start > 240 or self.sentence(start) != self.sentence(end):
            return None
        return self.text[start:end]

    def person_before(self, offset: int) -> int | None:
        """Return the last person before an offset, skipping those in brackets."""
        place = bisect_right(self.starts, offset) - 1
        while place >= 0:
            index = self.people[place]
            start, end, _ = self.mentions[index]
            between = self.text[end:offset]
            if end <= offset and between.count(")") <= between.count("("):
                return index
            place -= 1
        return None

    def person_after(self, index: int) -> int | None:
        """Return the first person after a mention."""
        end = self.mentions[index][1]
        place = bisect_right(self.starts, end - 1)
        return self.people[place] if place < len(self.people) else None

    def text_of(self, index: int) -> str:
        """Return the words of a mention."""
        start, end, _ = self.mentions[index]
        return self.text[start:end]
