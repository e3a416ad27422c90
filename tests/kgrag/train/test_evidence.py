"""The networks that judge sentences, and whether they suffice."""

import json
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra models")

from kgrag.sentence_model import (
    BEST,
    COVERAGE,
    FEATURES,
    LEAST_COVERED,
    MODEL_PATH,
    QUESTION_FEATURES,
    load_model,
    networks_of,
    question_features,
)
from kgrag.train.evidence import Scored, borders_of, fit
from kgrag.train.evidence_networks import Judged, fit_questions, fit_sentences
from kgrag.train.evidence_questions import Kind
from kgrag.train.evidence_reading import agreement

COSINE = FEATURES.index("cosine")


def drawn(seed: int, kind: Kind = "asked") -> Judged:
    """Return a question of ten sentences, of which the one nearest to it is right."""
    draw = np.random.default_rng(seed)
    features = draw.random((10, len(FEATURES)))
    right = np.zeros(10)
    right[features[:, COSINE].argmax()] = float(kind == "asked")
    features[:, COSINE] *= 1.0 if kind == "asked" else 0.3
    return Judged("en -> en", seed % 5, kind, features, right, np.repeat([0, 1], 5))


def test_networks_learn_which_sentence_of_a_question_is_right() -> None:
    networks = networks_of(fit_sentences([drawn(seed) for seed in range(300)]), FEATURES)
    unseen = [drawn(seed) for seed in range(1000, 1100)]
    hits = [item.right[networks.scores(item.features).argmax()] for item in unseen]
    assert np.mean(hits) > 0.7  # by chance: 0.1


def test_networks_learn_which_questions_are_answered() -> None:
    kinds: tuple[Kind, ...] = ("asked", "hidden")
    seen = [drawn(seed, kinds[seed % 2]) for seed in range(300)]

    def asked(item: Judged) -> np.ndarray:
        return question_features(item.features[:, COSINE], item.features, item.groups)

    networks = networks_of(fit_questions([asked(item) for item in seen], seen), QUESTION_FEATURES)
    answered, hidden = (networks.scores(asked(drawn(9999, kind))[None])[0] for kind in kinds)
    assert answered > 0 > hidden


def test_networks_for_other_features_are_refused() -> None:
    data = fit_questions([np.zeros(len(QUESTION_FEATURES))] * 4, [drawn(1)] * 4)
    with pytest.raises(ValueError, match="inputs"):
        networks_of(data, FEATURES)


def test_what_is_known_of_a_question_does_not_depend_on_the_order_of_its_sentences() -> None:
    item = drawn(3)
    scores = item.features[:, COSINE]
    mixed = np.random.default_rng(1).permutation(10)
    straight = question_features(scores, item.features, item.groups)
    shuffled = question_features(scores[mixed], item.features[mixed], item.groups[mixed])
    assert np.allclose(straight, shuffled)
    assert len(straight) == len(QUESTION_FEATURES)


def test_a_sentence_that_covers_next_to_nothing_of_the_question_never_suffices() -> None:
    model = load_model()
    features = np.full((2, len(FEATURES)), 0.9)
    groups, pairs = np.array([0, 0]), ["en -> en"] * 2
    assert model.judge(features, groups, pairs)[1] > 0.1
    features[:, FEATURES.index("around")] = LEAST_COVERED - 0.01
    assert model.judge(features, groups, pairs)[1] < 0.05


def test_a_question_with_one_sentence_is_known_by_it_alone() -> None:
    features = np.full((1, len(FEATURES)), 0.5)
    found = question_features(np.array([2.0]), features, np.array([0]))
    assert found[1:BEST].tolist() == [0.0] * (BEST - 1)
    assert found[-len(COVERAGE) :].tolist() == [0.5] * len(COVERAGE)


def test_within_a_language_one_answerable_question_in_ten_lies_under_the_border() -> None:
    asked = [Scored(drawn(seed), np.ones(10) / 10, seed / 100) for seed in range(100)]
    hidden = [Scored(drawn(seed, "hidden"), np.ones(10) / 10, -9.0) for seed in range(100)]
    border = borders_of([*asked, *hidden])["en -> en"]
    assert sum(item.odds < border for item in asked) in (9, 10)


def test_across_languages_more_answerable_questions_may_be_declined() -> None:
    crossed = [replace(drawn(seed), pair="en -> ru") for seed in range(100)]
    scored = [Scored(item, np.ones(10) / 10, at / 10) for at, item in enumerate(crossed)]
    border = borders_of(scored)["en -> ru"]
    assert sum(item.odds < border for item in scored) in (34, 35)


def test_the_logistic_weights_behind_the_data_are_found_again() -> None:
    draw = np.random.default_rng(1)
    weights = np.linspace(-3, 3, 14)
    features = draw.random((40_000, 14))
    p = 1 / (1 + np.exp(-(features @ weights - 1.0)))
    found, bias = fit(features, (draw.random(len(p)) < p).astype(float), 1e-3)
    assert np.abs(found - weights).max() < 0.5
    assert abs(bias + 1.0) < 0.5


@pytest.mark.parametrize(
    ("one", "other", "exact", "f1"),
    [
        ("The Hartley Bridge.", "hartley bridge", 1.0, 1.0),
        ("in 1902", "1902", 0.0, 2 / 3),
        ("Lyon", "Paris", 0.0, 0.0),
    ],
)
def test_answers_agree_as_squad_counts_it(one: str, other: str, exact: float, f1: float) -> None:
    found = agreement(one, other)
    assert found[0] == exact and found[1] == pytest.approx(f1)


def test_the_shipped_weights_fit_the_features_and_say_where_they_come_from() -> None:
    record = json.loads(MODEL_PATH.read_text(encoding="utf-8"))
    networks_of(record["sentences"], FEATURES)
    networks_of(record["questions"], QUESTION_FEATURES)
    assert record["measured"]["en -> en"]["n"] > 500
    assert record["command"].startswith("python -m kgrag.train.evidence")
