"""The learned weights that turn what was seen into a ranking: two small models in one JSON file.

The first look is weighed by logistic regression. The second is weighed by a few networks of one
hidden layer each, whose scores are averaged; beside the features of a passage they see the largest
value of each first-look feature in the pool, which tells a question that one passage answers from
one that needs several. Both are fitted by ``python -m kgrag.train.ranking``.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexes.errors import ModelError
from kgrag.retrieve.first_look import FEATURES as FIRST
from kgrag.retrieve.second_look import FEATURES as SECOND

MODEL_PATH = Path(__file__).parents[1] / "models" / "ranking.json"

CLIP = 5.0
"""Standard deviations beyond which a feature says nothing more: unseen libraries hold surprises."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Scale:
    """Mean and standard deviation of each feature in training, float32 (features,)."""

    mean: Floats
    spread: Floats

    def apply(self, features: Floats) -> Floats:
        """Return the features standardised and clipped."""
        scaled: Floats = np.clip((features - self.mean) / self.spread, -CLIP, CLIP)
        return scaled


@dataclass(frozen=True)
class Network:
    """One hidden layer of rectified units: float32 (inputs, units), (units,), (units,)."""

    hidden: Floats
    bias: Floats
    out: Floats

    def scores(self, inputs: Floats) -> Floats:
        """Return float32 (n,) for float32 (n, inputs)."""
        result: Floats = np.maximum(inputs @ self.hidden + self.bias, 0.0) @ self.out
        return result


@dataclass(frozen=True)
class Ranker:
    """The weights of both looks."""

    first_scale: Scale
    first_weights: Floats
    first_bias: float
    second_scale: Scale
    networks: tuple[Network, ...]

    def first(self, features: Floats) -> Floats:
        """Return the probability of each passage to be needed, float32 (n,), after one look."""
        total = self.first_scale.apply(features) @ self.first_weights + self.first_bias
        probabilities: Floats = (1.0 / (1.0 + np.exp(-total))).astype(np.float32)
        return probabilities

    def second(self, features: Floats) -> Floats:
        """Return the share of each passage in the pool's relevance, float32 (n,); they add to 1."""
        inputs = with_pool(self.second_scale.apply(features))
        scores = np.mean([network.scores(inputs) for network in self.networks], axis=0)
        odds = np.exp(scores - scores.max())
        shares: Floats = (odds / odds.sum()).astype(np.float32)
        return shares


def with_pool(scaled: Floats) -> Floats:
    """Append to each row the largest value in the pool of each first-look feature."""
    largest = scaled[:, : len(FIRST)].max(axis=0)
    return np.hstack([scaled, np.tile(largest, (len(scaled), 1))])


@lru_cache(maxsize=1)
def load_ranker() -> Ranker:
    """Read the weights that ship with kgrag (cached).

    Raises
    ------
    ModelError
        The file is missing, or is of other features.
    """
    try:
        data = json.loads(MODEL_PATH.read_text(encoding="utf-8"))
        return ranker_of(data["weights"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{MODEL_PATH} holds no weights for ranking ({error}); "
            "write it anew with: python -m kgrag.train.ranking"
        ) from error


def ranker_of(data: dict[str, Any]) -> Ranker:
    """Return the ranker that a JSON object holds.

    Raises
    ------
    ValueError
        It is of other features than these.
    """
    names = [*FIRST, *SECOND]
    if data["features"] != names:
        raise ValueError("its features are not the ones that retrieval computes")
    count = len(FIRST)
    first, second = data["first"], data["second"]
    return Ranker(
        Scale(_array(first["mean"], count), _array(first["spread"], count)),
        _array(first["weights"], count),
        float(first["bias"]),
        Scale(_array(second["mean"], len(names)), _array(second["spread"], len(names))),
        tuple(
            Network(
                np.array(item["hidden"], np.float32),
                np.array(item["bias"], np.float32),
                np.array(item["out"], np.float32),
            )
            for item in second["networks"]
        ),
    )


def _array(values: list[float], length: int) -> Floats:
    array = np.array(values, np.float32)
    if array.shape != (length,):
        raise ValueError(f"{array.shape} numbers stand where {length} should")
    return array
