"""Relations between two spans, found against gold ones.

Strict, as Taillé et al. 2020 call it ("Let's Stop Incorrect Comparisons in End-to-end Relation
Extraction!"). Runs count by ``kgrag.train.scores``, whose gold labels may be sets of types; where
each has one type, both must agree (tests/eval/test_extraction_items.py).
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


def _either_way(relations: Iterable[Relation], symmetric: Collection[str]) -> list[Relation]:
    return [
        (max(head, tail), relation, min(head, tail))
        if relation in symmetric
        else (head, relation, tail)
        for head, relation, tail in relations
    ]
