"""What passes between the steps of the read path: named entities and candidate passages."""

from dataclasses import dataclass, field

from indexes.documents import StoredPassage
from indexes.records import Mention
from indexes.text import Language, language_of

# Set by hand, not measured on any question set; learned weights are a later issue.
W_LEXICAL, W_DENSE, W_SENTENCE, W_ENTITY, W_HOP, W_TITLE = 1.0, 0.4, 0.8, 0.6, 0.35, 0.3


@dataclass(slots=True)
class Candidate:
    """A passage on its way through ranking; the parts of its score are within 0..1."""

    row: int
    lexical: float = 0.0
    dense: float = 0.0
    entity: float = 0.0
    hop: float = 0.0
    title: float = 0.0
    sentence: float = 0.0
    passage: StoredPassage | None = None
    mentions: list[tuple[Mention, str]] = field(default_factory=list)

    @property
    def language(self) -> Language:
        """Return the language of the passage."""
        return language_of(self.passage.text) if self.passage else "en"

    @property
    def score(self) -> float:
        """Return the weighted sum of the parts."""
        return (
            W_LEXICAL * self.lexical
            + W_DENSE * self.dense
            + W_SENTENCE * self.sentence
            + W_ENTITY * self.entity
            + W_HOP * self.hop
            + W_TITLE * self.title
        )


@dataclass(frozen=True, slots=True)
class NamedEntity:
    """An entity that a question names; ``weight`` within 0..1 is how surely the name means it."""

    name: str
    entity: str
    weight: float
