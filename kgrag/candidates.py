"""What passes between the steps of the read path: named entities and candidate passages."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from indexes.documents import StoredPassage
from indexes.facts import PlacedMention
from indexes.records import Mention
from indexes.sentences import SentenceTable
from indexes.text import Language, language_of


@dataclass(slots=True)
class Candidate:
    """A passage on its way through ranking.

    ``stems`` are its stems in text order, ``sentence_of`` the sentence of each; ``vector`` is its
    unit vector. ``score`` compares within one question; ``mentions`` are filled in for the passages
    that are read for quotation.
    """

    passage: StoredPassage
    stems: list[str]
    sentence_of: list[int]
    sentences: SentenceTable
    vector: NDArray[np.float32]
    placed: list[PlacedMention]
    score: float = 0.0
    mentions: list[tuple[Mention, str]] = field(default_factory=list)

    @property
    def row(self) -> int:
        """Return the row by which the indexes know the passage."""
        return self.passage.row

    @property
    def language(self) -> Language:
        """Return the language of the passage."""
        return language_of(self.passage.text)


@dataclass(frozen=True, slots=True)
class NamedEntity:
    """An entity that a question names; ``weight`` within 0..1 is how surely the name means it."""

    name: str
    entity: str
    weight: float
