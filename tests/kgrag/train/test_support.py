"""The support model's training: data without leaks, the graph that says what was fitted."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

pytest.importorskip("sklearn", reason="training needs the extra models")
pytest.importorskip("onnx", reason="training needs the extra models")

from kgrag.train.support import balanced_accuracy, cross_validated
from kgrag.train.support_data import cite, read, reworded, wice_tokens
from kgrag.train.support_model import fit_model, save_model
from kgrag.train.support_questions import Answered, answer_features, match_lengths


def drawn(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    values = draw.normal(size=(n, 5)).astype(np.float32).astype(np.float64)
    return values, (values[:, 0] + 0.3 * draw.normal(size=n) > 0.7).astype(float)


def test_the_graph_says_what_the_fitted_model_says(tmp_path: Path) -> None:
    values, labels = drawn(400, 1)
    model = fit_model(values, labels, np.ones(400), seed=1)
    save_model(model, tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"))
    fresh, _ = drawn(200, 2)
    found = session.run(None, {"features": fresh.astype(np.float32)})[0][:, 0]
    assert np.abs(found - model.probabilities(fresh)).max() < 1e-5


def test_both_classes_count_the_same_whatever_their_shares() -> None:
    values, labels = drawn(600, 3)
    assert labels.mean() < 0.35
    scores = cross_validated(values, labels, [str(i // 2) for i in range(600)], 1)
    right = labels > 0.5
    assert abs((scores[right] > 0.5).mean() - (scores[~right] <= 0.5).mean()) < 0.1
    assert balanced_accuracy(labels, scores) > 0.85


def test_labels_that_mean_nothing_are_not_learned_across_folds() -> None:
    values, _ = drawn(300, 4)
    labels = np.random.default_rng(5).integers(0, 2, 100).repeat(3).astype(float)
    values[:, 1] = np.arange(100).repeat(3)  # tells the group, and so the label, inside a fold
    scores = cross_validated(values, labels, [str(i // 3) for i in range(300)], 1)
    assert balanced_accuracy(labels, scores) < 0.65


def test_the_sentences_that_cover_a_claim_are_cited() -> None:
    page = ["Home", "The dam was built in 1961.", "It rains.", "It cost 23 million pounds."]
    cited = cite("The dam was built in 1961 and cost 23 million pounds.", page)
    assert {ground.text for ground in cited} == {page[1], page[3]}
    assert cite("Anything.", []) == ()


def test_equal_lengths_leave_nothing_to_length() -> None:
    lengths = [1, 1, 1, 5, 5, 9]
    right = [True, True, False, False, True, False]
    kept = match_lengths(lengths, lengths, right, 1)
    assert sorted(lengths[i] for i in kept) == [1, 1, 5, 5]
    assert sum(right[i] for i in kept) == 2


def test_an_answer_that_stands_by_its_question_is_told_from_one_that_does_not() -> None:
    source = "Ashworth found the comet in 1889. The fire of 1902 destroyed two telescopes."
    right, wrong = (
        answer_features(Answered("When did Ashworth find the comet?", year, source, True, ""))
        for year in ("1889", "1902")
    )
    assert np.abs(right - wrong).max() > 0.2


def test_training_claims_of_wice_cite_no_page_of_the_measured_ones(data: Path) -> None:
    measured = {item["evidence"][0] for item in read(data, "faith/wice/claim-dev")}
    pages = {ground.text for pair in wice_tokens(data)[:200] for ground in pair.grounds}
    titles = {page for page in measured if page.startswith("(meta data) TITLE")}
    assert pages
    assert not pages & titles


def test_reworded_claims_come_in_both_kinds_and_never_cite_themselves(data: Path) -> None:
    pairs = reworded(data, "ru", 40, 1)
    assert sum(pair.supported for pair in pairs) == len(pairs) / 2
    assert reworded(data, "ru", 40, 1) == pairs
