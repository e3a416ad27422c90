"""Fit the model that says how far sources support a claim: ``python -m kgrag.train.support``.

What it reports in ``models/support.json`` is cross-validated: no claim is scored by weights that
saw it, its page, source or article. The model that ships is fitted to all claims of ``TRAINED_ON``.
"""

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kgrag.train.support_data import Pair, beside, reworded, translated, wice, wice_tokens
from kgrag.train.support_model import Array, SupportModel, fit_model, save_model
from kgrag.train.support_questions import (
    LENGTH_FEATURES,
    Answered,
    answer_features,
    exchanged_answers,
    halueval,
    match_lengths,
)
from kgrag.train.support_words import write_rarity
from kgrag.verify.features import FEATURES, features
from kgrag.verify.rules import findings
from kgrag.verify.sources import read_sources
from kgrag.verify.support import MODEL_PATH

FOLDS = 5
SEED = 1
SEEDS = 3
"""Cuts into folds whose results are averaged."""

MADE = 600
"""Made claims of each kind and language."""

TRAINED_ON = {"wice": 1.0, "tokens": 0.5, "reworded": 0.5, "beside": 0.5, "translated": 0.25}
"""What each set counts beside WiCE (dev); chosen before any was measured."""


def main() -> None:
    """Count words, fit, export, and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of corpora")
    data: Path = parser.parse_args().data
    write_rarity(data)
    sets = {
        "wice": wice(data),
        "tokens": wice_tokens(data),
        "reworded": [p for lang in ("en", "ru") for p in reworded(data, lang, MADE, SEED)],
        "beside": [p for lang in ("en", "ru") for p in beside(data, lang, MADE, SEED)],
        "translated": translated(data, MADE, SEED),
    }
    rows = {name: _rows(pairs) for name, pairs in sets.items()}
    model = _fit(rows)
    save_model(model, MODEL_PATH)
    measured = {"wice": _measure_wice(rows), **_measure_questions(data)}
    write_card(measured, {name: len(labels) for name, (_, labels, _) in rows.items()})


Rows = tuple[Array, Array, list[str]]
"""Features, 1 where supported, and groups."""


def claim_features(pair: Pair) -> Array | None:
    """Return the features of a claim with what it cites; None where it cites nothing to read."""
    sources = read_sources(pair.claim, pair.grounds) if pair.grounds else None
    if sources is None:
        return None
    kinds = [(found.kind, found.status) for found in findings(sources)]
    row: Array = features(sources, kinds).astype(np.float64)
    return row


def _rows(pairs: Sequence[Pair]) -> Rows:
    found = [(row, pair) for pair in pairs if (row := claim_features(pair)) is not None]
    labels = np.array([float(pair.supported) for _, pair in found])
    return np.array([row for row, _ in found]), labels, [pair.group for _, pair in found]


def _fit(rows: dict[str, Rows]) -> SupportModel:
    weights = [
        np.full(len(labels), TRAINED_ON[name] / len(labels))
        for name, (_, labels, _) in rows.items()
    ]
    joined = np.concatenate(weights)
    return fit_model(
        np.concatenate([r[0] for r in rows.values()]),
        np.concatenate([r[1] for r in rows.values()]),
        joined / joined.mean(),
        seed=SEED,
    )


def _measure_wice(rows: dict[str, Rows]) -> dict[str, float]:
    """Measure WiCE (dev) by a model of its own claims: half supported, by the weights of fit."""
    values, labels, groups = rows["wice"]
    scores = [cross_validated(values, labels, groups, seed) for seed in range(1, SEEDS + 1)]
    return _summary(labels, scores)


def cross_validated(values: Array, labels: Array, groups: Sequence[str], seed: int) -> Array:
    """Return the probability of each claim by a model that saw nothing of its group."""
    names = sorted(set(groups))
    order = np.random.default_rng(seed).permutation(len(names))
    fold_of = {names[at]: number % FOLDS for number, at in enumerate(order)}
    folds = np.array([fold_of[group] for group in groups])
    scores = np.zeros(len(labels))
    for fold in range(FOLDS):
        inside = folds == fold
        seen = ~inside
        model = fit_model(values[seen], labels[seen], np.ones(int(seen.sum())), seed=seed)
        scores[inside] = model.probabilities(values[inside])
    return scores


def balanced_accuracy(labels: Array, scores: Array) -> float:
    """Return the mean of both classes' recall, 0..1, at the threshold 0.5."""
    right = labels > 0.5
    return float(((scores[right] > 0.5).mean() + (scores[~right] <= 0.5).mean()) / 2)


def _summary(labels: Array, scores: Sequence[Array]) -> dict[str, float]:
    balanced = [balanced_accuracy(labels, item) for item in scores]
    plain = [float(((item > 0.5) == (labels > 0.5)).mean()) for item in scores]
    return {
        "n": len(labels),
        "supported": int(labels.sum()),
        "balanced_accuracy": round(float(np.mean(balanced)), 4),
        "spread_over_cuts": round(float(np.std(balanced)), 4),
        "accuracy": round(float(np.mean(plain)), 4),
    }


def _measure_questions(data: Path) -> dict[str, dict[str, float]]:
    items = halueval(data)
    values, labels, groups = _question_rows(items)
    lengths = [len(item.answer.split()) for item in items]
    kept = match_lengths(items, lengths, [item.supported for item in items], SEED)
    same = (values[kept][:, LENGTH_FEATURES:], labels[kept], [groups[i] for i in kept])
    return {
        "halueval_qa": _cross(values, labels, groups),
        "halueval_qa_lengths_matched": _cross(*same),
        "halueval_qa_length_alone": _cross(values[:, :1], labels, groups),
        "xquad_ru_exchanged": _cross(*_question_rows(exchanged_answers(data, SEED))),
    }


def _question_rows(items: Sequence[Answered]) -> Rows:
    values = np.array([answer_features(item) for item in items])
    return values, np.array([float(i.supported) for i in items]), [item.group for item in items]


def _cross(values: Array, labels: Array, groups: Sequence[str]) -> dict[str, float]:
    return _summary(labels, [cross_validated(values, labels, groups, SEED)])


def write_card(measured: dict[str, Any], trained_on: dict[str, int]) -> None:
    """Write beside the model what it is, what it was fitted to and what was measured."""
    content = {
        "command": "python -m kgrag.train.support --data DIR",
        "features": FEATURES,
        "sha256": hashlib.sha256(MODEL_PATH.read_bytes()).hexdigest(),
        "trained_on": trained_on,
        "measured": measured,
        "how": f"{FOLDS}-fold, no page, source or article in two folds; wice over {SEEDS} cuts",
    }
    path = MODEL_PATH.with_suffix(".json")
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
