"""What goes into the verifier and what comes out of it."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["supported", "partly", "unsupported", "contradicted"]


@dataclass(frozen=True, slots=True)
class Ground:
    """One cited sentence.

    Parameters
    ----------
    text:
        The sentence, as it stands in the document.
    context:
        Its whole passage: what its pronouns mean stands there.
    title:
        Name of the document and heading; may be empty.
    names:
        For each entity that the passage mentions, all its known names: aliases, other languages.
    """

    text: str
    context: str
    title: str
    names: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the verifier makes of a claim.

    ``score`` is the probability, 0..1, that it is supported; ``reason`` one short sentence for
    users, in the language of the claim, that names what fails, or None where nothing does.
    """

    status: Status
    score: float
    reason: str | None
