"""From what a model finds likely to what is taken for true: thresholds, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kgrag.extract.candidates import Floats, Integers
from kgrag.extract.labels import Labels
from kgrag.extract.spans import TypedSpan


@dataclass(frozen=True)
class ReadPart:
    """What the model found in one part.

    ``spans`` are in text order; ``antecedents`` gives the index of the name that a reference means,
    and None for a name. ``pairs`` are int64 (n, 2), subject and object as indices of ``spans``;
    ``probabilities`` are float32 (n, relations), zero where signatures forbid.
    """

    spans: list[TypedSpan]
    antecedents: list[int | None]
    pairs: Integers
    probabilities: Floats


@dataclass(frozen=True, slots=True)
class TypedPair:
    """A relation (index into the labels) between two spans (indices); score 0..1."""

    subject: int
    relation: int
    object: int
    score: float


def select_relations(read: ReadPart, labels: Labels, symmetric: Sequence[bool]) -> list[TypedPair]:
    """Return the relations that reach their thresholds, by subject and object.

    A symmetric relation is kept once, from the mention that comes first, with the better score.
    """
    limits = np.array([labels.relation_thresholds[name] for name in labels.relations], np.float32)
    best: dict[tuple[int, int, int], float] = {}
    rows, columns = np.nonzero(read.probabilities >= np.maximum(limits, 1e-6))
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        subject, object_ = read.pairs[row].tolist()
        if symmetric[column] and subject > object_:
            subject, object_ = object_, subject
        key = (subject, object_, column)
        best[key] = max(best.get(key, 0.0), float(read.probabilities[row, column]))
    return [
        TypedPair(subject, relation, object_, min(score, 1.0))
        for (subject, object_, relation), score in sorted(best.items())
    ]


@dataclass(frozen=True)
class Settled:
    """What is taken for true: mentions, what references among them mean, relations of both."""

    spans: list[TypedSpan]
    antecedents: list[int | None]
    pairs: list[TypedPair]


def settle(read: ReadPart, labels: Labels, symmetric: Sequence[bool]) -> Settled:
    """Keep the mentions that are sure by themselves or by a relation, and the relations."""
    pairs = select_relations(read, labels, symmetric)
    related = {index for pair in pairs for index in (pair.subject, pair.object)}
    related |= {named for i in related if (named := read.antecedents[i]) is not None}
    kept = [
        index
        for index, span in enumerate(read.spans)
        if index in related
        or (span.score >= labels.span_threshold and read.antecedents[index] is None)
    ]
    place = {index: number for number, index in enumerate(kept)}
    return Settled(
        [read.spans[index] for index in kept],
        [None if (old := read.antecedents[index]) is None else place[old] for index in kept],
        [
            TypedPair(place[pair.subject], pair.relation, place[pair.object], pair.score)
            for pair in pairs
        ],
    )
