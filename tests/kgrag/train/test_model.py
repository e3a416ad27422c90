from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("transformers")

from indexes.text import Language  # noqa: E402
from kgrag.extract.bundled import GRAPHS, ModelConfig, OnnxScorer  # noqa: E402
from kgrag.extract.labels import Labels  # noqa: E402
from kgrag.extract.pairs import PLACE_SIZES  # noqa: E402
from kgrag.extract.reader import Reader  # noqa: E402
from kgrag.extract.tokens import split  # noqa: E402
from kgrag.extract.words import WordTable  # noqa: E402
from kgrag.train.checkpoints import new_reader  # noqa: E402
from kgrag.train.export import write_model  # noqa: E402
from kgrag.train.losses import span_loss  # noqa: E402
from kgrag.train.minilm import rounded  # noqa: E402
from kgrag.train.model import ExtractionModel  # noqa: E402
from kgrag.train.torch_scorer import TorchScorer  # noqa: E402

LABELS = Labels(
    ("city", "person"), ("P19", "P26"), 0.5, {"P19": 0.5, "P26": 0.5}, conventions=("conll04",)
)


@pytest.fixture(scope="module", params=["en", "ru"])
def model(request: pytest.FixtureRequest) -> ExtractionModel:
    """Both designs, with random heads over what is pretrained."""
    torch.manual_seed(1)
    reader, shape = new_reader(request.param, pretrained=True)
    model = ExtractionModel(replace(shape, types=2, relations=2, conventions=2), reader).eval()
    torch.nn.init.normal_(model.convention.weight)
    return model


WORDS: dict[Language, str] = {
    "en": "Leonhard Euler , born in Basel in 1707 , taught at the University of St. Petersburg .",
    "ru": "Леонард Эйлер , родившийся в Базеле в 1707 году , преподавал в Петербурге .",
}


def language_of(model: ExtractionModel) -> Language:
    return "ru" if model.shape.vectors else "en"


def reader_of(
    model: ExtractionModel, labels: Labels = LABELS, convention: str | None = None
) -> Reader:
    return Reader(labels, WordTable(language_of(model)), TorchScorer(model), convention)


@pytest.fixture(scope="module")
def folder(model: ExtractionModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    write_model(model, LABELS, folder, language_of(model))
    return folder


def test_onnx_runtime_computes_what_torch_computes(model: ExtractionModel, folder: Path) -> None:
    random = np.random.default_rng(2)
    windows, length = 3, 50
    table = WordTable(language_of(model))
    words = sorted(set(WORDS[table.language].split()))
    encode = (
        *table.take(table.rows(words)),
        random.integers(0, len(words), (windows, length)),
        random.integers(0, 2, (windows, length)),
        np.array([length, 17, 1]),
        np.array([0, 1, 0]),
    )
    torch_scorer, onnx_scorer = TorchScorer(model), OnnxScorer(folder)
    with rounded(model):
        expected, found = torch_scorer.encode(*encode), onnx_scorer.encode(*encode)
    assert found[0].shape == (windows, length, model.shape.hidden)
    # What goes into MiniLM's matrices is rounded too.
    tolerance = 5e-3 if model.shape.vectors else 0.03
    assert np.mean(np.abs(expected[0] - found[0])) < tolerance
    np.testing.assert_allclose(expected[1], found[1], atol=tolerance)
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
    reader = reader_of(model, replace(LABELS, span_threshold=0.01))
    parts = [split(text)[0] for text in texts]
    together = reader.read(texts, parts)[0]
    alone = reader.read(texts[:1], parts[:1])[0]
    assert [(s.first, s.last, s.type) for s in together.spans] == [
        (s.first, s.last, s.type) for s in alone.spans
    ]
    assert together.spans
    np.testing.assert_allclose(together.probabilities, alone.probabilities, atol=1e-4)


def test_signatures_are_honoured(model: ExtractionModel) -> None:
    reader = reader_of(model)
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
    reader = reader_of(model)
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
        reader_of(model, labels, convention).read([text], split(text))[0]
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


def test_teachers_have_half_of_the_loss_of_a_span() -> None:
    logits = torch.log(torch.tensor([[[[0.5, 0.3, 0.2]]]]))
    admitted = torch.tensor([[[[False, True, False]]]])
    counted = torch.tensor([[[True]]])
    taught = torch.tensor([[[[0.0, 0.0, 1.0]]]])
    loss = span_loss(logits, admitted, counted, taught).item()
    assert loss == pytest.approx(-0.5 * np.log(0.3) - 0.5 * np.log(0.2))
