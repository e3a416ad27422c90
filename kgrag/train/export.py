"""Writes a trained model as the two ONNX files and the configuration that the runtime reads.

``encode.onnx`` turns words into states and probabilities of spans; ``relate.onnx`` turns states,
mentions and pairs into probabilities of relations. The matrices of MiniLM's layers are stored and
computed with as integers (half of the time and a quarter of the size), and its piece vectors stored
so; all other weights are stored as float16 and computed with as float32, which changes no second
decimal of any score.
"""

import hashlib
import json
import tempfile
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
from kgrag.extract.words import FEATURE_SIZES, PIECE_COLUMNS
from kgrag.train.checkpoints import load_labels, load_model
from kgrag.train.minilm import CONTEXT_SIZE
from kgrag.train.model import ExtractionModel

OPSET = 17
SMALLEST_HALVED = 256
"""Tensors with fewer numbers stay float32."""

MINILM_SIZES = {CONTEXT_SIZE, 4 * CONTEXT_SIZE}
"""Rows and columns of the matrices that are computed with as integers; no others have these."""

_SCALES = "scale"
"""Part of the names of what integer weights are multiplied by, which stays float32."""


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
    model = load_model(run, language)
    labels = load_labels(run)
    del report["labels"]
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
        _some_features(words, language),
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


def _some_features(words: int, language: Language) -> Tensor:
    columns = [torch.randint(0, size, (words,)) for size in FEATURE_SIZES]
    pieces = [torch.arange(words) + 1000] * PIECE_COLUMNS[language]
    return torch.stack([*columns, *pieces], dim=1)


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
    _quantize(path)
    graph = onnx.load(str(path))
    _halve(graph.graph)
    onnx.checker.check_model(graph, full_check=True)
    onnx.save(graph, str(path))


def _quantize(path: Path) -> None:
    """Round the matrices of a transformer's layers to 7 bits (as int8), a scale for each column.

    What is multiplied by them is rounded to 8 bits at run time.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    graph = onnx.load(str(path)).graph
    sizes = {weights.name: tuple(weights.dims) for weights in graph.initializer}
    layers = [
        node.name
        for node in graph.node
        if node.op_type == "MatMul" and set(sizes.get(node.input[1], (0,))) <= MINILM_SIZES
    ]
    if not layers:
        return
    with tempfile.TemporaryDirectory() as folder:
        done = Path(folder) / path.name
        quantize_dynamic(
            str(path),
            str(done),
            op_types_to_quantize=["MatMul"],
            nodes_to_quantize=layers,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,  # 7 bits: without VNNI, sums of full 8 bit products would overflow.
        )
        path.write_bytes(done.read_bytes())


def _halve(graph: onnx.GraphProto) -> None:
    """Store large weights as float16 with a cast back, which ONNX Runtime folds when it loads."""
    casts = []
    for weights in list(graph.initializer):
        if weights.data_type != TensorProto.FLOAT or _SCALES in weights.name:
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
