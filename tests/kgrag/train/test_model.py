from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from kgrag.extract.bundled import GRAPHS, ModelConfig, OnnxScorer  # noqa: E402
from kgrag.extract.labels import Labels  # noqa: E402
from kgrag.extract.pairs import PLACE_SIZES  # noqa: E402
from kgrag.extract.reader import Reader  # noqa: E402
from kgrag.extract.tokens import split  # noqa: E402
from kgrag.extract.words import FEATURE_SIZES, WordTable  # noqa: E402
from kgrag.train.corpora import DEV, TRAIN  # noqa: E402
from kgrag.train.export import write_model  # noqa: E402
from kgrag.train.losses import span_loss  # noqa: E402
from kgrag.train.model import ExtractionModel, Shape  # noqa: E402
from kgrag.train.torch_scorer import TorchScorer  # noqa: E402

LABELS = Labels(
    ("city", "person"), ("P19", "P26"), 0.5, {"P19": 0.5, "P26": 0.5}, conventions=("conll04",)
)


@pytest.fixture(scope="module")
def model() -> ExtractionModel:
    torch.manual_seed(1)
    model = ExtractionModel(Shape(vectors=768, types=2, relations=2, conventions=2)).eval()
    torch.nn.init.normal_(model.convention.weight)
    return model


@pytest.fixture(scope="module")
def folder(model: ExtractionModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    write_model(model, LABELS, folder, "en")
    return folder


def test_onnx_runtime_computes_what_torch_computes(model: ExtractionModel, folder: Path) -> None:
    random = np.random.default_rng(2)
    words, windows, length = 40, 3, 50
    encode = (
        random.normal(size=(words, 768)).astype(np.float32),
        np.stack([random.integers(0, size, words) for size in FEATURE_SIZES], axis=1),
        random.integers(0, words, (windows, length)),
        random.integers(0, 2, (windows, length)),
        np.array([length, 17, 1]),
        np.array([0, 1, 0]),
    )
    torch_scorer, onnx_scorer = TorchScorer(model), OnnxScorer(folder)
    expected, found = torch_scorer.encode(*encode), onnx_scorer.encode(*encode)
    assert found[0].shape == (windows, length, 192)
    for one, two in zip(expected, found, strict=True):
        np.testing.assert_allclose(one, two, atol=5e-3)
    relate = (
        expected[0][0],
        np.array([[0, 2], [1, 1], [49, 49]]),
        np.array([0, 1, 1]),
        np.array([0, 0, 1]),
        np.array([0, 0, 0]),
        np.array([[0, 1], [1, 0], [2, 0], [1, 2]]),
        np.stack([random.integers(0, size, 4) for size in PLACE_SIZES], axis=1),
    )
    np.testing.assert_allclose(torch_scorer.relate(*relate), onnx_scorer.relate(*relate), atol=5e-3)


def test_padding_does_not_change_a_window(model: ExtractionModel) -> None:
    texts = ["Leonhard Euler was born in Basel.", "A much longer text about Saint Petersburg " * 5]
    reader = Reader(replace(LABELS, span_threshold=0.01), WordTable("en"), TorchScorer(model))
    parts = [split(text)[0] for text in texts]
    together = reader.read(texts, parts)[0]
    alone = reader.read(texts[:1], parts[:1])[0]
    assert [(s.first, s.last, s.type) for s in together.spans] == [
        (s.first, s.last, s.type) for s in alone.spans
    ]
    assert together.spans
    np.testing.assert_allclose(together.probabilities, alone.probabilities, atol=1e-4)


def test_signatures_are_honoured(model: ExtractionModel) -> None:
    reader = Reader(LABELS, WordTable("en"), TorchScorer(model))
    text = "Leonhard Euler was born in Basel."
    given = [(0, 1, (1,)), (5, 5, (0,))]
    model.pair_out.bias.data += 10.0
    (read,) = reader.read([text], split(text), [given])
    model.pair_out.bias.data -= 10.0
    assert read.pairs.tolist() == [[0, 1]]
    assert read.probabilities[0, 0] > 0.5
    assert read.probabilities[0, 1] == 0.0


def test_the_configuration_notices_other_weights_and_thresholds(folder: Path) -> None:
    config = ModelConfig.load(folder)
    digest = config.digest()
    other = {**config.sha256, GRAPHS[0]: "0" * 64}
    assert replace(config, sha256=other).digest() != digest
    assert replace(config, labels=replace(LABELS, span_threshold=0.4)).digest() != digest
    assert replace(config, labels=replace(LABELS, mention_scale=(2.0, 0.0))).digest() != digest


def test_mentions_of_another_text_do_not_change_the_relations_of_this_one(
    model: ExtractionModel,
) -> None:
    texts = ["Leonhard Euler was born in Basel.", "Blaise Pascal was born in Clermont."]
    given = [[(0, 1, (1,)), (5, 5, (0,))]] * 2
    reader = Reader(LABELS, WordTable("en"), TorchScorer(model))
    parts = [split(text)[0] for text in texts]
    together = reader.read(texts, parts, given)
    for number in range(2):
        (alone,) = reader.read([texts[number]], [parts[number]], [given[number]])
        np.testing.assert_array_equal(together[number].pairs, alone.pairs)
        np.testing.assert_allclose(together[number].probabilities, alone.probabilities, atol=1e-5)


def test_another_convention_reads_otherwise(model: ExtractionModel) -> None:
    text = "Leonhard Euler was born in Basel."
    labels = replace(LABELS, span_threshold=0.001, candidate_threshold=0.001)
    general, own = (
        Reader(labels, WordTable("en"), TorchScorer(model), convention).read([text], split(text))[0]
        for convention in (None, "conll04")
    )
    scores = [[span.score for span in read.spans] for read in (general, own)]
    assert scores[0] and scores[0] != scores[1]


def test_the_loss_of_a_span_asks_only_for_one_of_the_admitted_types() -> None:
    logits = torch.log(torch.tensor([[[[0.5, 0.3, 0.2]]]]))
    admitted = torch.tensor([[[[False, True, True]]]])
    counted = torch.tensor([[[True]]])
    assert span_loss(logits, admitted, counted).item() == pytest.approx(-np.log(0.5))
    assert span_loss(logits, admitted, ~counted).item() == 0.0


def test_a_killed_run_goes_on_as_if_nothing_had_happened(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kgrag.train import fit as module

    few = {"en": [replace(source, keep=slice(0, 12)) for source in TRAIN["en"][2:3]]}
    monkeypatch.setattr(module, "TRAIN", few)
    monkeypatch.setattr(module, "DEV", {"en": [replace(DEV["en"][2], keep=slice(0, 2))]})
    monkeypatch.setattr(module, "MIN_TYPE_EXAMPLES", 1)
    monkeypatch.setattr(module, "MIN_RELATION_EXAMPLES", 1)
    settings = module.FitSettings("en", data, tmp_path, epochs=2, batch_tokens=300)
    whole, first, second = (module.Run(settings) for _ in range(3))
    whole.train_epoch()
    whole.train_epoch()
    first.train_epoch()
    first.save(tmp_path / "last.pt")
    second.load(tmp_path / "last.pt")
    second.train_epoch()
    for one, two in zip(whole.average.parameters(), second.average.parameters(), strict=True):
        assert torch.equal(one, two)
