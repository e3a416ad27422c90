"""Relations between two spans, found against gold ones.

The names of the two ways to count are those of Taillé et al. 2020 ("Let's Stop Incorrect
Comparisons in End-to-end Relation Extraction!"), who found published results to mix them.
"""

from collections.abc import Collection, Iterable

from eval.metrics.spans import Counts, Span, strict_counts

Relation = tuple[Span, str, Span]
"""Head, relation, tail."""


def relation_counts(
    gold: Iterable[Relation], found: Iterable[Relation], symmetric: Collection[str] = ()
) -> Counts:
    """Count relations whose name and both ends, borders and types, are right ("strict").

    Relations in ``symmetric`` hold both ways: either order is right, and both together count once.
    """
    return strict_counts(*(_either_way(side, symmetric) for side in (gold, found)))


def relation_border_counts(
    gold: Iterable[Relation], found: Iterable[Relation], symmetric: Collection[str] = ()
) -> Counts:
    """Count as ``relation_counts``, but with the borders of the ends alone ("boundaries").

    Relations that differ only in the types of their ends are one.
    """
    return strict_counts(*(_either_way(_untyped(side), symmetric) for side in (gold, found)))


def _untyped(relations: Iterable[Relation]) -> list[Relation]:
    return [((*head[:2], ""), relation, (*tail[:2], "")) for head, relation, tail in relations]


def _either_way(relations: Iterable[Relation], symmetric: Collection[str]) -> list[Relation]:
    return [
        (max(head, tail), relation, min(head, tail))
        if relation in symmetric
        else (head, relation, tail)
        for head, relation, tail in relations
    ]
