"""Fit the model of references (``kgrag.extract.coreference``) on GUM's training split.

    python -m kgrag.train.coreference --data DIR [--out FILE]

Only documents whose texts may be used commercially. The model walks each text twice: first
guided by the annotation, then by what the first model decides, so that it learns to live with its
own mistakes. Thresholds are the lowest that reach the wanted precision on held-out texts: five-fold
cross-validation over the training documents, and the development split.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgrag.extract.antecedents import Thing
from kgrag.extract.coreference import MODEL_PATH, CoreferenceModel
from kgrag.extract.discourse import Choice, Discourse
from kgrag.extract.spans import TypedSpan
from kgrag.extract.tokens import Part
from kgrag.train.gum import Gold, read_gum

KINDS = ("person", "it", "they", "nominal")
FOLDS = 5
L2 = 2.0
STEPS = 150
LEARNING_RATE = 0.1
PRECISION = 0.92
"""Wanted of the references of each kind; a wrong one makes a false fact with a citation."""

MIN_KEPT = 10
"""A threshold must be seen to work on so many references."""

NEVER = 1.01

RUSSIAN_THRESHOLDS = {"ru person": 0.7, "ru it": NEVER, "ru they": NEVER, "ru nominal": NEVER}
"""By hand: the weights are the English ones; see ``tests/kgrag/data/nerel_pronouns.json``."""

Array = NDArray[np.float64]
Decide = Callable[[Choice, set[int]], tuple[int, float]]
"""(choice, right answers) -> the index of what is taken to be meant, and how surely."""


@dataclass(frozen=True)
class Asked:
    """One choice: the features of each answer, which are right, which are names, what was taken."""

    kind: str
    features: list[list[str]]
    right: frozenset[int]
    named: frozenset[int]
    taken: int
    score: float


def main() -> None:
    """Fit, choose thresholds, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds ie/")
    parser.add_argument("--out", type=Path, default=MODEL_PATH)
    arguments = parser.parse_args()
    train = read_gum(arguments.data / "ie/gum/train.jsonl.gz", commercial=True)
    dev = read_gum(arguments.data / "ie/gum/dev.jsonl.gz", commercial=True)
    held_out = _cross_validated(train)
    model = fit_twice(train)
    held_out += [pair for document in dev for pair in _judged(document, model)]
    thresholds, measured = choose_thresholds(held_out)
    record = {
        "weights": model.weights,
        "thresholds": thresholds | RUSSIAN_THRESHOLDS,
        "held_out": measured,
        "command": "python -m kgrag.train.coreference --data DIR",
    }
    arguments.out.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(json.dumps(measured, indent=1))


def ask(document: Gold, decide: Decide) -> list[Asked]:
    """Walk a document; return its choices with the right answers."""
    return [
        item
        for parts in zip(
            document.parts, document.spans, document.types, document.clusters, strict=True
        )
        for item in _ask_part(document, *parts, decide)
    ]


def _ask_part(
    document: Gold,
    part: Part,
    spans: Sequence[TypedSpan],
    types: Sequence[str],
    clusters: Sequence[str],
    decide: Decide,
) -> list[Asked]:
    asked: list[Asked] = []
    discourse = Discourse(document.text, part, spans, types)
    known: dict[int, str | None] = {}

    def cluster_at(first: int, last: int) -> str | None:
        return document.cluster_of(part.tokens[first][0], part.tokens[last][0])

    def cluster(thing: Thing) -> str | None:
        if thing.span is not None:
            return clusters[thing.span]
        if thing.said == "phrase" or id(thing) not in known:
            known[id(thing)] = cluster_at(thing.place.first, thing.place.last)
        return known[id(thing)]

    for choice in discourse.choices():
        anaphor = choice.anaphor
        gold = cluster_at(anaphor.first, anaphor.last)
        owners = [cluster(thing) for thing in choice.things]
        right = {i for i, owner in enumerate(owners) if gold is not None and owner == gold}
        right = right or {len(choice.things)}
        named = frozenset(i for i, thing in enumerate(choice.things) if thing.span is not None)
        taken, score = decide(choice, right)
        asked.append(Asked(anaphor.kind, choice.features, frozenset(right), named, taken, score))
        if taken < len(choice.things):
            discourse.accept(choice, choice.things[taken], score)
    return asked


def fit_twice(documents: Sequence[Gold]) -> CoreferenceModel:
    """Fit on the annotated walk, then on the model's own."""
    guided = [item for document in documents for item in ask(document, _by_annotation)]
    first = fit(guided)
    own = [item for document in documents for item in ask(document, _by(first))]
    return fit([*guided, *own])


def _by_annotation(choice: Choice, right: set[int]) -> tuple[int, float]:
    del choice
    return min(right), 1.0


def _by(model: CoreferenceModel) -> Decide:
    def decide(choice: Choice, right: set[int]) -> tuple[int, float]:
        del right
        return model.decide(choice)

    return decide


def fit(asked: Sequence[Asked]) -> CoreferenceModel:
    """Maximise the likelihood of the right answers, each kind's weights near those of all kinds.

    A weight is the sum of one that all kinds share and one of its kind, both under an L2 penalty
    (Daumé, 2007, "Frustratingly easy domain adaptation"); Adam on all choices at once.
    """
    names: dict[tuple[str, str], int] = {}
    rows: list[list[int]] = []
    owner: list[int] = []
    right: list[float] = []
    for number, item in enumerate(asked):
        for index, features in enumerate(item.features):
            rows.append(
                [
                    names.setdefault((kind, name), len(names))
                    for name in features
                    for kind in ("", item.kind)
                ]
            )
            owner.append(number)
            right.append(float(index in item.right))
    solution = _ascend(rows, np.array(owner), np.array(right), len(names))
    weights = {
        kind: {
            name: round(float(solution[place] + solution[names["", name]]), 3)
            for (own, name), place in names.items()
            if own == kind
        }
        for kind in KINDS
    }
    return CoreferenceModel(weights, {})


def _ascend(rows: list[list[int]], owner: NDArray[np.int64], right: Array, size: int) -> Array:
    lengths = np.array([len(row) for row in rows])
    flat = np.concatenate([np.array(row) for row in rows])
    row_of = np.repeat(np.arange(len(rows)), lengths)
    count = int(owner.max()) + 1
    weights, mean, spread = np.zeros(size), np.zeros(size), np.zeros(size)
    for step in range(1, STEPS + 1):
        scores = np.bincount(row_of, weights[flat], len(rows))
        model = _normalised(np.exp(np.clip(scores, -30, 30)), owner, count)
        wanted = _normalised(model * right, owner, count)
        gradient = np.bincount(flat, (model - wanted)[row_of], size) + L2 * weights
        mean = 0.9 * mean + 0.1 * gradient
        spread = 0.999 * spread + 0.001 * gradient**2
        change = mean / (1 - 0.9**step) / (np.sqrt(spread / (1 - 0.999**step)) + 1e-8)
        weights -= LEARNING_RATE * (1 - step / (STEPS + 1)) * change
    return weights


def _normalised(values: Array, owner: NDArray[np.int64], count: int) -> Array:
    return values / np.bincount(owner, values, count)[owner]


def _judged(document: Gold, model: CoreferenceModel) -> list[tuple[str, float, bool]]:
    """Return (kind, score, whether right) of each choice in which the model prefers a name."""
    return [
        (item.kind, item.score, item.taken in item.right)
        for item in ask(document, _by(model))
        if item.taken in item.named
    ]


def _cross_validated(train: Sequence[Gold]) -> list[tuple[str, float, bool]]:
    judged: list[tuple[str, float, bool]] = []
    for fold in range(FOLDS):
        model = fit_twice([d for i, d in enumerate(train) if i % FOLDS != fold])
        for document in train[fold::FOLDS]:
            judged += _judged(document, model)
    return judged


def choose_thresholds(
    judged: Sequence[tuple[str, float, bool]],
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Return for each kind the lowest threshold that gives the precision, and what it keeps."""
    thresholds: dict[str, float] = {}
    measured: dict[str, dict[str, float]] = {}
    for kind in KINDS:
        own = sorted(
            ((score, right) for name, score, right in judged if name == kind), reverse=True
        )
        best, kept, hits = NEVER, 0, 0
        for number, (score, right) in enumerate(own, start=1):
            hits += right
            if number >= MIN_KEPT and hits >= PRECISION * number:
                best, kept = score, number
        rights = sum(right for score, right in own if score >= best)
        thresholds[f"en {kind}"] = round(best, 3)
        measured[kind] = {
            "preferred": len(own),
            "kept": kept,
            "precision": round(rights / max(kept, 1), 4),
        }
    return thresholds, measured


if __name__ == "__main__":
    main()
