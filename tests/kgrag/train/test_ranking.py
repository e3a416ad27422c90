"""Fitting the weights of ranking: what one feature tells is learned, and kept in JSON."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra models")

from kgrag.retrieve.first_look import FEATURES as FIRST
from kgrag.retrieve.ranker import Network, Ranker, ranker_of
from kgrag.retrieve.second_look import FEATURES as SECOND
from kgrag.train import ranking
from kgrag.train.ranking import Asking, fit_first, fit_second, record

TOLD = FIRST.index("covered")


def askings(count: int, seed: int, columns: int) -> list[Asking]:
    """Draw pools in which the needed passage has most of one feature."""
    draw = np.random.default_rng(seed)
    made = []
    for number in range(count):
        features = draw.normal(size=(12, columns)).astype(np.float32)
        needed = np.zeros(12, np.float32)
        needed[number % 12] = 1.0
        features[number % 12, TOLD] += 4.0
        made.append(Asking(number % 5, features, needed))
    return made


def hits(ranked: list[np.ndarray], asked: list[Asking]) -> float:
    found = [item.needed[scores.argmax()] for scores, item in zip(ranked, asked, strict=True)]
    return float(np.mean(found))


def test_both_looks_learn_what_tells_the_needed_passage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "NETWORKS", 1)
    monkeypatch.setattr(ranking, "EPOCHS", 15)
    both = len(FIRST) + len(SECOND)
    train, test = askings(600, 1, both), askings(60, 2, both)
    cut = [replace(item, features=item.features[:, : len(FIRST)]) for item in train]
    first = fit_first(cut)
    scale, networks = fit_second(train)
    kept = ranker_of(record(first, scale, networks))
    assert hits([kept.first(item.features[:, : len(FIRST)]) for item in test], test) > 0.9
    assert hits([kept.second(item.features) for item in test], test) > 0.9
    exact = Ranker(
        *first,
        scale,
        tuple(
            Network(*(np.array(item[part], np.float32) for part in ("hidden", "bias", "out")))
            for item in networks
        ),
    )
    for item in test:  # four digits are enough
        assert np.allclose(exact.second(item.features), kept.second(item.features), atol=0.02)


def test_a_feature_that_never_varies_counts_nothing() -> None:
    features = np.column_stack([np.arange(9.0), np.full(9, 7.0)])
    scale = ranking.scale_of(features)
    assert (scale.apply(features.astype(np.float32))[:, 1] == 0).all()
