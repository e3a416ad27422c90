"""What resolving a document and linking it speak of: everything that it calls one thing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Cluster:
    """The names that one document gives to one thing.

    ``surfaces``: as they stand in the text, the most informative first, at least one. ``type`` and
    ``group``: of the ontology. ``context``: the text around the first mentions.
    """

    surfaces: tuple[str, ...]
    type: str
    group: str
    context: str = ""


class Linker(Protocol):
    """Links what a document names to a catalogue of entities."""

    fingerprint: str
    """Changes whenever a link could: pinned in the library's manifest."""

    def link(self, clusters: Sequence[Cluster]) -> list[str | None]:
        """Return the QID that each cluster of one document means, or None; a function of these."""
        ...
