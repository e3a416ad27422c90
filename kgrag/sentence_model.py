"""The logistic model that turns what a sentence shows into the probability that it answers.

Fitted by ``python -m kgrag.train.evidence``.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

MODEL_PATH = Path(__file__).parent / "models" / "evidence.json"

FEATURES = (
    "names",  # how far the passage covers the question's names
    "own_names",  # how far the sentence itself does
    "rest",  # how far the passage covers its other words
    "own_rest",
    "both",  # the lesser of names and rest: neither can stand in for the other
    "own_both",
    "rarest",  # how far the passage covers the rarest of the other words
    "own_exact",  # by the words themselves, not near ones
    "pairs",  # neighbours in the question that are close in the sentence
    "cosine",  # of question and sentence
    "expected",  # the sentence holds a thing of the kind asked for
    "fact",  # it states a fact about what the question names, of a relation that it asks for
    "rank",  # of the passage, among those of its language
    "crossed",  # question and passage are in two languages
)
"""What a sentence is judged by, each within 0..1: see ``kgrag.quote``."""


@dataclass(frozen=True, slots=True)
class EvidenceModel:
    """Logistic weights of ``FEATURES``, and the probability under which nothing is quoted."""

    weights: tuple[float, ...]
    bias: float
    threshold: float

    def probability(self, features: Sequence[float]) -> float:
        """Return the probability that a sentence with these features answers the question."""
        total = self.bias + sum(w * x for w, x in zip(self.weights, features, strict=True))
        return 1.0 / (1.0 + math.exp(-total))


@lru_cache(maxsize=1)
def load_model() -> EvidenceModel:
    """Read the weights that ship with kgrag (cached)."""
    data = json.loads(MODEL_PATH.read_text(encoding="utf-8"))
    weights = tuple(float(data["weights"][name]) for name in FEATURES)
    return EvidenceModel(weights, float(data["bias"]), float(data["threshold"]))
