"""What the read path gives out: search results, answers, and the events that stream them.

The command line, the web page, REST and evaluation all consume these and nothing else.
"""

from dataclasses import dataclass
from typing import Literal

from indexes.records import Triplet


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """A passage that retrieval found; ``score``, higher is better, compares within one result."""

    document_id: str
    document_name: str
    page: int | None
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class PathStep:
    """A step from one thing to the next: by a relation, or as both stand in one document.

    ``relation`` is the label of the relation, or None where ``document`` names them both;
    ``is_forward`` is False where the relation is read from object to subject.
    """

    start: str
    end: str
    relation: str | None
    document: str | None
    is_forward: bool = True


@dataclass(frozen=True, slots=True)
class RankedFact:
    """A fact that retrieval found.

    ``score``, higher is better, compares within one result; ``documents`` counts those that state
    the fact independently, in sentences of their own; ``path`` leads to it from what the question
    names, and is empty where nothing does or it is about that itself; ``rivals`` say otherwise:
    the same subject and relation, of which there can be only one object, and another object.
    """

    fact: Triplet
    score: float
    documents: int
    path: tuple[PathStep, ...]
    rivals: tuple[Triplet, ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a question retrieves, best first."""

    question: str
    passages: tuple[RankedPassage, ...]
    ranked_facts: tuple[RankedFact, ...]
    seconds: float

    @property
    def facts(self) -> tuple[Triplet, ...]:
        """The facts alone, best first."""
        return tuple(item.fact for item in self.ranked_facts)


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quotation: ``n`` counts from 1 within its answer; ``facts`` are what it states."""

    n: int
    document_id: str
    document_name: str
    page: int | None
    start: int
    end: int
    quote: str
    facts: tuple[Triplet, ...] = ()


Status = Literal["supported", "partly", "unsupported", "contradicted"]
"""What the sources that a sentence cites make of it: see ``kgrag.verify``."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer and the numbers of the citations that are to back it.

    ``reason`` says what fails where ``verdict`` is not "supported"; ``highlight`` is the [start,
    end) of the answer itself within ``text``, where a single name, date or number was asked for.
    """

    text: str
    citations: tuple[int, ...]
    verdict: Status = "supported"
    reason: str | None = None
    highlight: tuple[int, int] | None = None

    @property
    def supported(self) -> bool:
        """Whether what it cites supports all of it."""
        return self.verdict == "supported"

    @property
    def stands(self) -> bool:
        """Whether it is a part of the answer; what its sources do not support is struck."""
        return self.verdict in ("supported", "partly")

    @property
    def cited(self) -> str:
        """The sentence with its citation numbers: ``Euler came in 1727. [1]``."""
        return " ".join([self.text, *(f"[{n}]" for n in self.citations)])


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. When ``abstained``, ``why`` says what the documents lack.

    Parameters
    ----------
    question, understood:
        What was asked, and what that means by itself: the same, but for a question that follows up
        on others.
    sentences, citations:
        What is answered, struck sentences among it, and everything that it cites.
    mode:
        "quote": the documents' own sentences; "llm": written by a language model.
    notice:
        What the user should know of how it came about: the model could not be reached.
    nearest:
        When it abstained, what comes nearest to an answer.
    sufficiency:
        The probability, 0..1, that what was retrieved answers the question: see
        ``kgrag.quote.sufficiency``. None where nobody kept it.
    """

    question: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    abstained: bool
    why: str | None
    mode: Literal["quote", "llm"]
    seconds: float
    understood: str = ""
    notice: str | None = None
    nearest: tuple[RankedPassage, ...] = ()
    sufficiency: float | None = None

    def __post_init__(self) -> None:
        if not self.understood:
            object.__setattr__(self, "understood", self.question)

    @property
    def text(self) -> str:
        """The sentences that stand, with their numbers: ``Euler came in 1727. [1]``."""
        return " ".join(sentence.cited for sentence in self.sentences if sentence.stands)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The evidence is known; the answer is being written."""

    result: SearchResult


@dataclass(frozen=True, slots=True)
class Token:
    """The next piece of the answer's text: a sentence, checked against what it cites.

    ``is_anew``: what was written before is dropped, and the answer begins with this sentence.
    """

    text: str
    sentence: Sentence
    is_anew: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """The whole answer: always the last event."""

    answer: Answer


Event = Retrieved | Token | Answered
