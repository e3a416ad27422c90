"""The logistic regression that judges sentences."""

import json

import numpy as np

from kgrag.sentence_model import FEATURES, MODEL_PATH, EvidenceModel, load_model
from kgrag.train.evidence import Judged, fit_judged


def drawn(n: int, weights: np.ndarray, bias: float, seed: int) -> Judged:
    draw = np.random.default_rng(seed)
    features = draw.random((n, len(weights)))
    p = 1 / (1 + np.exp(-(features @ weights + bias)))
    return Judged("en -> en", "0", "asked", features, (draw.random(n) < p).astype(float))


def test_the_weights_behind_the_data_are_found_again() -> None:
    weights = np.linspace(-3, 3, len(FEATURES))
    found, bias = fit_judged([drawn(20_000, weights, -1.0, seed) for seed in (1, 2)])
    assert np.abs(found - weights).max() < 0.5
    assert abs(bias + 1.0) < 0.5


def test_the_shipped_weights_name_every_feature_and_say_where_they_come_from() -> None:
    record = json.loads(MODEL_PATH.read_text(encoding="utf-8"))
    assert set(record["weights"]) == set(FEATURES)
    assert record["measured"]["en -> en"]["n"] > 500
    assert record["command"].startswith("python -m kgrag.train.evidence")


def test_more_coverage_never_makes_a_sentence_less_probable() -> None:
    model: EvidenceModel = load_model()
    low, high = [0.2] * len(FEATURES), [0.2] * len(FEATURES)
    for name in ("own_names", "own_exact", "cosine", "fact", "rank"):
        high[FEATURES.index(name)] = 0.9
    assert model.probability(high) > model.probability(low)
