"""What slovnet's small Russian models know, as input of ours: their frozen convolutions.

slovnet's taggers (github.com/natasha/slovnet, MIT, inside the natasha package) were distilled from
BERT on a million sentences of news: named entities, syntax and morphology. Each is three
convolutions over navec vectors and the outline of a word. Their last states, 64 numbers a token
each, tell our model what 750 annotated texts cannot. The weights travel in our ONNX file.
"""

import gzip
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kgrag.extract.words import OUTLINE_COLUMN
from kgrag.static_vectors import cyrillic, package_folder
from kgrag.train.layers import taps

TAGGERS = ("ner", "syntax", "morph")

CONTEXT_SIZE = 64 * len(TAGGERS)

_WORD_SIZE = 300
_LAYER_SIZES = (256, 128, 64)


class SlovnetContext(nn.Module):
    """The convolutions of some taggers side by side; weights are zero until loaded."""

    def __init__(self) -> None:
        super().__init__()
        count = len(TAGGERS)
        self.outlines = nn.Embedding(66, 30 * count)
        self.unknown = nn.Parameter(torch.zeros(_WORD_SIZE))
        sizes = [_WORD_SIZE + 30, *_LAYER_SIZES]
        self.layers = nn.ModuleList(
            nn.ModuleList(
                nn.Linear(3 * before, after)
                for before, after in zip(sizes[:-1], sizes[1:], strict=True)
            )
            for _ in TAGGERS
        )
        self.scales = nn.ParameterList(torch.ones(count, size) for size in _LAYER_SIZES)
        self.shifts = nn.ParameterList(torch.zeros(count, size) for size in _LAYER_SIZES)
        self.requires_grad_(requires_grad=False)

    def forward(self, vectors: Tensor, features: Tensor, words: Tensor, lengths: Tensor) -> Tensor:
        """Return float (B, L, CONTEXT_SIZE); parameters as of ``ExtractionModel.encode``."""
        known = (vectors != 0).any(dim=1, keepdim=True)
        vectors = torch.where(known, vectors, self.unknown)
        outlines = self.outlines(features[:, OUTLINE_COLUMN]).chunk(len(TAGGERS), dim=-1)
        positions = torch.arange(words.shape[1], device=words.device)
        mask = (positions[None, :] < lengths[:, None]).to(vectors.dtype)[:, :, None]
        results = []
        taggers: Any = self.layers
        for tagger, layers in enumerate(taggers):
            states = torch.cat([vectors, outlines[tagger]], dim=-1)[words] * mask
            for depth, layer in enumerate(layers):
                states = torch.relu(layer(taps(states, 1)))
                states = (states * self.scales[depth][tagger] + self.shifts[depth][tagger]) * mask
            results.append(states)
        return torch.cat(results, dim=-1)


def load_slovnet() -> SlovnetContext:
    """Return the convolutions with the weights of the installed natasha package."""
    context = SlovnetContext()
    vectors = cyrillic()
    unknown = vectors.rows(np.array([vectors.index["<unk>"]]))
    context.unknown.data = torch.from_numpy(unknown[0].copy())
    outlines = []
    for number, tagger in enumerate(TAGGERS):
        arrays = _Archive(package_folder("natasha") / f"data/model/slovnet_{tagger}_news_v1.tar")
        outlines.append(arrays.read(arrays.scheme["emb"]["shape"]["weight"]))
        for depth, part in enumerate(arrays.scheme["encoder"]["layers"]):
            kernel = arrays.read(part["conv"]["weight"])  # (after, before, 3)
            layer: Any = context.layers[number][depth]  # type: ignore[index]
            layer.weight.data = torch.from_numpy(
                np.concatenate([kernel[:, :, tap] for tap in range(3)], axis=1)
            )
            layer.bias.data = torch.from_numpy(arrays.read(part["conv"]["bias"]))
            norm = {name: arrays.read(part["norm"][name]) for name in part["norm"]}
            scale = norm["weight"] / norm["std"]
            context.scales[depth].data[number] = torch.from_numpy(scale)
            context.shifts[depth].data[number] = torch.from_numpy(
                norm["bias"] - norm["mean"] * scale
            )
    context.outlines.weight.data = torch.from_numpy(np.concatenate(outlines, axis=1))
    return context.requires_grad_(requires_grad=False)


class _Archive:
    """A tar of slovnet's: a description of the network in JSON, and its arrays."""

    def __init__(self, path: Path) -> None:
        with tarfile.open(path) as tar:
            self._files = {
                member.name: file.read()
                for member in tar.getmembers()
                if (file := tar.extractfile(member)) is not None
            }
        self.scheme: dict[str, Any] = json.loads(self._files["model.json"])

    def read(self, weight: dict[str, Any]) -> NDArray[np.float32]:
        content = self._files[f"arrays/{weight['array']}.bin"]
        return np.frombuffer(content, weight["dtype"]).reshape(weight["shape"]).copy()

    def vocabulary(self, name: str) -> list[str]:
        return gzip.decompress(self._files[f"vocabs/{name}.gz"]).decode("utf-8").splitlines()
