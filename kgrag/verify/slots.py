"""The place of a word or name in its sentence, told by the words on its left and right."""

from collections.abc import Sequence
from dataclasses import dataclass

from kgrag.verify.words import Word

_SKIPPED = frozenset("the a an".split())
_JOINING = frozenset("and or as и или а также как".split())
_NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Slot:
    """The keys of the nearest words on both sides; none at an end, or where "and" joins."""

    left: frozenset[str]
    right: frozenset[str]

    def likeness(self, other: "Slot") -> int:
        """Return on how many sides two slots have the same neighbour, 0..2."""
        return bool(self.left & other.left) + bool(self.right & other.right)

    def ends_alike(self, other: "Slot") -> int:
        """Return on how many sides neither slot has a neighbour, 0..2."""
        return (not self.left and not other.left) + (not self.right and not other.right)

    def meets(self, other: "Slot") -> bool:
        """Return whether two slots share a neighbour."""
        return self.likeness(other) > 0


def slot_of(words: Sequence[Word], first: int, last: int) -> Slot:
    """Return the slot of a run of words, articles left out."""
    return Slot(_beside(words, first, -1), _beside(words, last, 1))


def _beside(words: Sequence[Word], at: int, step: int) -> frozenset[str]:
    at += step
    while 0 <= at < len(words) and words[at].text.lower() in _SKIPPED:
        at += step
    if not 0 <= at < len(words) or words[at].text.lower() in _JOINING:
        return _NOBODY
    return words[at].keys
