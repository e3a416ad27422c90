"""Ways in which a text becomes mentions and relations, behind one protocol."""

from collections.abc import Sequence
from typing import Protocol

from indexes.records import Extraction

__all__ = ["Extractor"]


class Extractor(Protocol):
    """Finds mentions and the relations between them. Offsets are code points of each text."""

    name: str
    """Short name, kept with each piece of evidence."""

    fingerprint: str
    """Changes whenever the output could: pinned in the library's manifest."""

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        """Return one extraction for each text, in order; never raises for a text's content.

        Raises
        ------
        UnreadTextsError
            A served model could not read some of the texts: see ``kgrag.extract.llm_errors``.
        """
        ...
