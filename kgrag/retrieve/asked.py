"""What a question asks, weighed against one library: what every look at a passage compares with."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from indexes.text import stems
from indexes.view import View
from kgrag.candidates import NamedEntity
from kgrag.embed import Embedder
from kgrag.question import Question
from kgrag.word_vectors import word_vectors

Floats = NDArray[np.float32]

_COMPARES = re.compile(
    r"\b(?:both|same|older|younger|earlier|later|first|more|less|fewer|longer|or|either|between|than"
    r"|или|оба|обе|раньше|позже|старше|младше|больше|меньше|одинаков\w*|чем)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Asked:
    """A question with the rarity of its words and the vectors that stand for it.

    ``rarity`` is float32 (words,): ln(1 + passages with no such word / passages with it).
    ``vector`` stands for the whole question, by the library's embedder, ``rest_vector`` for what is
    no name in it, by the bundled one: unit vectors, or zero.
    """

    question: Question
    named: dict[str, float]
    rarity: Floats
    vector: Floats
    rest_vector: Floats

    @cached_property
    def place(self) -> dict[str, int]:
        """The index of the asked word of which each stem is a form; its own stem comes first."""
        words = self.question.words
        forms = {form: index for index, word in enumerate(words) for form in word.forms}
        return forms | {word.stem: index for index, word in enumerate(words)}

    @cached_property
    def names(self) -> int:
        """The words that are names or numbers, as a set of bits."""
        return sum(1 << at for at, word in enumerate(self.question.words) if word.is_name)

    @cached_property
    def others(self) -> int:
        """The other words, as a set of bits."""
        return (1 << len(self.question.words)) - 1 - self.names

    def share(self, words: int) -> float:
        """Return the part of the question that some words are, 0..1, by rarity; a set of bits."""
        known = self._shares.get(words)
        if known is None:
            total = float(self.rarity.sum())
            held = sum(float(value) for at, value in enumerate(self.rarity) if words >> at & 1)
            known = self._shares[words] = held / total if total else 0.0
        return known

    @cached_property
    def _shares(self) -> dict[int, float]:
        return {}

    @cached_property
    def stems(self) -> frozenset[str]:
        """All stems of the question and their forms, function words too."""
        return frozenset(stems(self.question.text)).union(self.place)

    @cached_property
    def compares(self) -> bool:
        """Whether it compares several things that it names."""
        return len(self.named) > 1 and bool(_COMPARES.search(self.question.text))


def weigh(
    view: View, embedder: Embedder, question: Question, named: Sequence[NamedEntity]
) -> Asked:
    """Weigh the words of a question by their rarity in the library, and embed it."""
    total = view.lexical.passage_count()
    rarity = rarities(view, question, total)
    rest = " ".join(word.text for word in question.words if not word.is_name)
    vector = embedder.embed_question(question.text)
    rest_vector = word_vectors().embed([rest or question.text])[0]
    meant: dict[str, float] = {}
    for item in named:
        meant[item.entity] = max(meant.get(item.entity, 0.0), item.weight)
    return Asked(question, meant, np.array(rarity, np.float32), vector, rest_vector)


def rarities(view: View, question: Question, total: int) -> list[float]:
    """Return how rare each asked word is in whatever form among ``total`` passages."""
    counts = view.lexical.frequencies([form for word in question.words for form in word.forms])
    return [
        rarity_of(min(sum(counts[form] for form in word.forms), total), total)
        for word in question.words
    ]


def rarity_of(count: int, total: int) -> float:
    """Return the inverse document frequency of BM25 for a stem in ``count`` of ``total``."""
    return math.log(1.0 + max(total - count + 0.5, 0.5) / (count + 0.5))
