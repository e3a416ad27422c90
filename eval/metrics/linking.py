"""Mentions linked to a catalogue: gold and found as maps from a mention to its entity.

None (NIL) means: the catalogue does not hold this entity. What is missing from the map was not
found as a mention at all. The definitions are those of GERBIL (Röder, Usbeck and Ngonga Ngomo 2018,
"GERBIL – Benchmarking Named Entity Recognition and Linking Consistently"), with strong matching:
the mention, whatever stands for it (a span, an index), is the same in both.
"""

from collections.abc import Hashable, Mapping

from eval.metrics.spans import Counts, strict_counts

Links = Mapping[Hashable, str | None]
"""Mention -> id of its entity, or None for NIL."""


def in_catalogue_counts(gold: Links, found: Links) -> Counts:
    """Count links to the catalogue: right, predicted and wanted (InKB, micro averaged).

    NIL is left out on both sides; an entity where NIL or no mention is gold is a wrong prediction.
    """
    return strict_counts(*(_linked(side) for side in (gold, found)))


def accuracy_counts(gold: Links, found: Links) -> tuple[int, int]:
    """Count gold mentions that have the right entity or rightly NIL, and all gold mentions.

    A mention that was not found is wrong, also where it should have been NIL.
    """
    right = sum(mention in found and found[mention] == entity for mention, entity in gold.items())
    return right, len(gold)


def nil_counts(gold: Links, found: Links) -> tuple[int, int]:
    """Count gold NIL of which NIL was said, and all gold NIL (as TAC KBP 2011, Ji et al.)."""
    nil = [mention for mention, entity in gold.items() if entity is None]
    return sum(mention in found and found[mention] is None for mention in nil), len(nil)


def _linked(links: Links) -> list[tuple[Hashable, str]]:
    return [(mention, entity) for mention, entity in links.items() if entity is not None]
