"""What a finished run left: its model, built around a reader of words, and its labels."""

import json
from pathlib import Path

import torch
from torch import nn

from indexes.text import Language
from kgrag.extract.labels import Labels
from kgrag.extract.words import VECTOR_SIZES
from kgrag.train import minilm, slovnet
from kgrag.train.minilm import load_minilm
from kgrag.train.model import ExtractionModel, Shape
from kgrag.train.slovnet import load_slovnet


def new_reader(language: Language, *, pretrained: bool) -> tuple[nn.Module, Shape]:
    """Return the module that reads words in context, and the sizes of a model around it.

    Parameters
    ----------
    language:
        English is read by MiniLM, Russian by slovnet's convolutions.
    pretrained:
        Load its weights from the installed package; else a checkpoint must follow.
    """
    vectors = VECTOR_SIZES[language]
    if language == "en":
        reader: nn.Module = load_minilm() if pretrained else minilm.MiniLMContext()
        shape = Shape(
            vectors, 0, 0, minilm.CONTEXT_SIZE, hidden=256, span_hidden=128, dilations=(1, 2)
        )
        return reader, shape
    reader = load_slovnet() if pretrained else slovnet.SlovnetContext()
    return reader, Shape(vectors, 0, 0, slovnet.CONTEXT_SIZE)


def load_model(run: Path, language: Language) -> ExtractionModel:
    """Return the best model of a finished run, to be used as it is."""
    shape = json.loads((run / "fit.json").read_text("utf-8"))["shape"]
    shape = Shape(**{**shape, "dilations": tuple(shape["dilations"])})
    reader, _ = new_reader(language, pretrained=False)
    model = ExtractionModel(shape, reader)
    model.load_state_dict(torch.load(run / "best.pt", weights_only=True, map_location="cpu"))
    return model.eval().requires_grad_(requires_grad=False)


def load_labels(run: Path) -> Labels:
    """Return what a finished run can say, with its thresholds and scales."""
    written = json.loads((run / "fit.json").read_text("utf-8"))["labels"]
    return Labels(
        tuple(written["types"]),
        tuple(written["relations"]),
        written["span_threshold"],
        written["relation_thresholds"],
        written["candidate_threshold"],
        tuple(written["conventions"]),
        tuple(written["mention_scale"]),
        tuple(written["relation_scale"]),
    )
