"""What is put into a library: sources, and all that is known about each document."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from indexes.records import Document, Passage, Resolution

StoredOutcome = Literal["indexed", "indexed_partial", "empty"]


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that is known about one document.

    ``vectors`` is float32 (passages, dimension), ``sentence_vectors`` float32 (sentences of all
    passages in order, dimension).
    """

    document: Document
    language: str
    title: str | None
    original: bytes
    passages: tuple[Passage, ...]
    vectors: NDArray[np.float32]
    sentence_vectors: NDArray[np.float32]
    resolution: Resolution
    extractor: str
    outcome: StoredOutcome
    reason: str | None


@dataclass(frozen=True, slots=True)
class Addition:
    """A source and its document: analysed, or by id where the library holds it already.

    ``modified`` is when the file was last changed, UTC in ISO 8601, or None where nobody knows.
    """

    source: str
    name: str
    content: Analysis | str
    modified: str | None = None
