"""Writes a trained model as the two ONNX files and the configuration that the runtime reads.

``encode.onnx`` turns words into states and probabilities of spans; ``relate.onnx`` turns states,
mentions and pairs into probabilities of relations. Weights are stored as float16 and computed with
as float32: half the size, and no change in the second decimal of any score.
"""

import hashlib
import json
import warnings
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from indexes.text import Language
from kgrag.extract.labels import Labels
from kgrag.extract.pairs import PLACE_SIZES
from kgrag.extract.words import FEATURE_SIZES
from kgrag.train.model import ExtractionModel, Shape
from kgrag.train.slovnet import SlovnetContext

OPSET = 17
SMALLEST_HALVED = 256
"""Tensors with fewer numbers stay float32."""


class _Encode(nn.Module):
    def __init__(self, model: ExtractionModel) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        vectors: Tensor,
        features: Tensor,
        words: Tensor,
        starts: Tensor,
        lengths: Tensor,
        conventions: Tensor,
    ) -> tuple[Tensor, Tensor]:
        states = self.model.encode(vectors, features, words, starts, lengths, conventions)
        return states, torch.softmax(self.model.score_spans(states), dim=-1)


class _Relate(nn.Module):
    def __init__(self, model: ExtractionModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, states: Tensor, *rest: Tensor) -> Tensor:
        return torch.sigmoid(self.model.score_pairs(states, *rest))


def export(run: Path, folder: Path, language: Language) -> None:
    """Export the best weights of a training run.

    Parameters
    ----------
    run:
        Folder that ``fit`` filled: ``best.pt`` and ``fit.json``.
    folder:
        Gets ``encode.onnx``, ``relate.onnx`` and ``config.json``.
    language:
        Of the texts that the model reads.
    """
    report = json.loads((run / "fit.json").read_text("utf-8"))
    model = ExtractionModel(
        Shape(**report["shape"]), SlovnetContext() if language == "ru" else None
    )
    model.load_state_dict(torch.load(run / "best.pt", weights_only=True))
    written = report.pop("labels")
    labels = Labels(
        tuple(written["types"]),
        tuple(written["relations"]),
        written["span_threshold"],
        written["relation_thresholds"],
        written["candidate_threshold"],
        tuple(written["conventions"]),
        tuple(written["mention_scale"]),
        tuple(written["relation_scale"]),
    )
    write_model(model, labels, folder, language)
    (folder / "fit.json").write_text(json.dumps(report, indent=1, ensure_ascii=False), "utf-8")


def write_model(model: ExtractionModel, labels: Labels, folder: Path, language: Language) -> None:
    """Write the graphs of a model and its configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    model = model.eval()
    length, words, types = 30, 20, model.shape.types
    numbers = torch.randint(0, words, (2, length))
    encode_input = (
        torch.randn(words, model.shape.vectors),
        torch.stack([torch.randint(0, size, (words,)) for size in FEATURE_SIZES], dim=1),
        numbers,
        numbers % 2,
        torch.tensor([length, length - 3]),
        torch.tensor([0, model.shape.conventions - 1]),
    )
    relate_input = (
        torch.randn(length, model.shape.hidden),
        torch.tensor([[0, 1], [4, 4], [6, 9]]),
        torch.tensor([0, types - 1, 0]),
        torch.tensor([0, 1, 0]),
        torch.tensor([0, 0, 1]),
        torch.tensor([[0, 1], [2, 0]]),
        torch.stack([torch.randint(0, size, (2,)) for size in PLACE_SIZES], dim=1),
    )
    windows = {0: "windows", 1: "tokens"}
    _write_graph(
        _Encode(model),
        encode_input,
        folder / "encode.onnx",
        ["vectors", "features", "words", "starts", "lengths", "conventions"],
        ["states", "probabilities"],
        {
            "vectors": {0: "distinct"},
            "features": {0: "distinct"},
            "words": windows,
            "starts": windows,
            "lengths": {0: "windows"},
            "conventions": {0: "windows"},
            "states": windows,
            "probabilities": windows,
        },
    )
    _write_graph(
        _Relate(model),
        relate_input,
        folder / "relate.onnx",
        ["states", "mentions", "types", "names", "parts", "pairs", "places"],
        ["probabilities"],
        {
            "states": {0: "tokens"},
            "mentions": {0: "mentions"},
            "types": {0: "mentions"},
            "names": {0: "mentions"},
            "parts": {0: "mentions"},
            "pairs": {0: "pairs"},
            "places": {0: "pairs"},
            "probabilities": {0: "pairs"},
        },
    )
    config = {
        "language": language,
        **asdict(labels),
        "sha256": {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
            for name in ("encode.onnx", "relate.onnx")
        },
    }
    (folder / "config.json").write_text(
        json.dumps(config, indent=1, ensure_ascii=False) + "\n", "utf-8"
    )


def _write_graph(
    module: nn.Module,
    arguments: tuple[Tensor, ...],
    path: Path,
    inputs: list[str],
    outputs: list[str],
    axes: dict[str, dict[int, str]],
) -> None:
    with warnings.catch_warnings():
        # The exporter that replaces this one needs onnxscript, which nothing else here does.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.filterwarnings("ignore", "Constant folding", UserWarning)
        torch.onnx.export(
            module,
            arguments,
            str(path),
            input_names=inputs,
            output_names=outputs,
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
    graph = onnx.load(str(path))
    _halve(graph.graph)
    onnx.checker.check_model(graph, full_check=True)
    onnx.save(graph, str(path))


def _halve(graph: onnx.GraphProto) -> None:
    """Store large weights as float16 with a cast back, which ONNX Runtime folds when it loads."""
    casts = []
    for weights in list(graph.initializer):
        if weights.data_type != TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(weights)
        if values.size < SMALLEST_HALVED:
            continue
        half = numpy_helper.from_array(values.astype(np.float16), f"{weights.name}.half")
        casts.append(helper.make_node("Cast", [half.name], [weights.name], to=TensorProto.FLOAT))
        graph.initializer.remove(weights)
        graph.initializer.append(half)
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend([*casts, *nodes])
