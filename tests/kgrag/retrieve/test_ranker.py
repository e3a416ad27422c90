"""The learned weights: what ships is whole, and anything else is refused in words."""

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexes.errors import ModelError
from kgrag.retrieve import ranker
from kgrag.retrieve.first_look import FEATURES as FIRST
from kgrag.retrieve.ranker import MODEL_PATH, load_ranker, ranker_of
from kgrag.retrieve.second_look import FEATURES as SECOND

WEIGHTS: dict[str, Any] = json.loads(MODEL_PATH.read_text("utf-8"))["weights"]
COUNT = len(FIRST) + len(SECOND)


def test_scores_are_shares_of_the_pool_and_depend_on_the_features() -> None:
    draw = np.random.default_rng(1)
    features = draw.normal(size=(7, COUNT)).astype(np.float32)
    shares = load_ranker().second(features)
    assert shares.shape == (7,) and abs(shares.sum() - 1) < 1e-5 and (shares > 0).all()
    assert len(set(shares.tolist())) == 7
    order = [3, 1, 0, 2, 6, 5, 4]
    assert np.allclose(load_ranker().second(features[order]), shares[order], atol=1e-6)


def test_what_lies_far_outside_of_training_counts_like_what_lies_at_its_edge() -> None:
    far = np.full((2, COUNT), 1e6, np.float32)
    assert np.isfinite(load_ranker().second(far)).all()
    assert np.allclose(load_ranker().second(far), load_ranker().second(far * 1e6))


def test_the_first_look_prefers_the_passage_that_covers_the_question() -> None:
    rows = np.zeros((2, len(FIRST)), np.float32)
    for name in ("bm25", "covered", "sentence_covered", "near", "sentence_near", "names_covered"):
        rows[0, FIRST.index(name)] = 1.0
    good, bad = load_ranker().first(rows)
    assert good > bad


@pytest.mark.parametrize("part", ["features", "first", "second"])
def test_weights_of_other_features_are_refused(part: str) -> None:
    data = copy.deepcopy(WEIGHTS)
    if part == "features":
        data["features"].pop()
    else:
        data[part]["mean"].pop()
    with pytest.raises(ValueError):
        ranker_of(data)


def test_a_missing_file_says_how_to_write_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranker, "MODEL_PATH", tmp_path / "none.json")
    load_ranker.cache_clear()
    try:
        with pytest.raises(ModelError, match=r"none\.json.*kgrag\.train\.ranking"):
            load_ranker()
    finally:
        load_ranker.cache_clear()
