"""How far the sources bear a claim out, as a probability: the support model.

Fitted by ``python -m kgrag.train.support``: logistic regression and boosted trees over
``verify.features``, in one ONNX graph.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from kgrag.verify.features import features
from kgrag.verify.rules import Finding
from kgrag.verify.sources import Sources

MODEL_PATH = Path(__file__).parent.parent / "models" / "support.onnx"

SUPPORTED, PARTLY = 0.5, 0.2
"""Least scores of what is supported, and of what is so in part; chosen on the dev split of
``eval.claims.lies``."""

MAX_NAMED_WORDS = 3


def score_of(sources: Sources, found: Sequence[Finding]) -> float:
    """Return the probability that the sources support the claim, 0..1."""
    if not any(word.is_telling for word in sources.words):
        return 0.0
    row = features(sources, [(item.kind, item.status) for item in found])
    return float(_session().run(None, {"features": row[None]})[0][0, 0])


@lru_cache(maxsize=1)
def _session() -> Any:  # noqa: ANN401 (onnxruntime is untyped)
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        str(MODEL_PATH), options, providers=["CPUExecutionProvider"]
    )


def covers_anything(sources: Sources) -> bool:
    """Return whether a cited sentence itself has any telling word of the claim."""
    return any(
        cover > 0
        for word, cover in zip(sources.words, sources.cover, strict=True)
        if word.is_telling
    )


def uncovered_words(sources: Sources) -> list[str]:
    """Return the words of the claim that no source covers, the first few."""
    open_words = [
        word.text
        for word, around in zip(sources.words, sources.around, strict=True)
        if word.is_telling and not around
    ]
    return list(dict.fromkeys(open_words))[:MAX_NAMED_WORDS]
