"""The small networks that judge sentences and whether they suffice; ``models/evidence.json``.

The sentences of a question are weighed beside each other: the share of each is a softmax over the
mean score of a few networks. Whether the best of them answer at all is judged by other networks,
from how the scores lie and what the best sentences show. Both are fitted by
``python -m kgrag.train.evidence``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexes.errors import ModelError
from kgrag.clues import BESIDE, CLUES

MODEL_PATH = Path(__file__).parent / "models" / "evidence.json"

COVERAGE = (
    "names",  # how far the passage covers the question's names
    "own_names",  # how far the sentence itself does
    "rest",  # how far the passage covers its other words
    "own_rest",
    "both",  # the lesser of names and rest: neither can stand in for the other
    "own_both",
    "rarest",  # how far the passage covers the rarest of the other words
    "own_exact",  # by the words themselves, not near ones
    "stem_pairs",  # neighbours in the question that are close in the sentence
    "cosine",  # of question and sentence
    "expected",  # the sentence holds a thing of the kind asked for
    "fact",  # it states a fact about what the question names, of a relation that it asks for
    "rank",  # of the passage, among those of its language
    "crossed",  # question and passage are in two languages
)
"""What a sentence covers, each within 0..1: see ``kgrag.quote``."""

FEATURES = (*COVERAGE, *CLUES, *BESIDE)
"""All that a sentence is judged by."""

BEST = 4
"""Sentences whose scores say whether they suffice."""

QUESTION_FEATURES = (
    "score",  # of the best sentence
    "lead_1",  # over the second, the third, the fourth
    "lead_2",
    "lead_3",
    "all",  # logarithm of the sum of the exponentials of all scores
    "in_best_passage",
    *(f"top_{name}" for name in FEATURES),  # of the best sentence
    *(f"best_{name}" for name in COVERAGE),  # the most among the best four
)
"""What tells whether the sentences suffice. Passages' scores would add half a point, but they are
shares of the pool, and the pool of a small library is small."""

THRESHOLD = 0.5
"""The sufficiency under which kgrag declines; ``EvidenceModel.borders`` say what that means."""

LEAST_COVERED, UNCOVERED = 0.28, -5.0
"""Part of the question that the best sentence and the one before must cover, and the log odds of
sufficiency where they do not, whatever the networks say. Of XQuAD's answers that takes 0.2 % of
the right and 2 % of the wrong ones in English, 1 and 5 in Russian, 5 and 10 across (these weights,
which saw the questions). It is for libraries unlike those of training."""

CLIP = 5.0
"""Standard deviations beyond which a feature says nothing more: unseen libraries hold surprises."""

_AROUND = FEATURES.index("around")

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Networks:
    """Networks of one hidden layer (tanh) over standardised features, whose outputs are averaged.

    ``mean``, ``spread`` are (inputs,); ``hidden`` is (networks, inputs, units), ``bias`` and
    ``out`` (networks, units), ``shift`` (networks,).
    """

    mean: Array
    spread: Array
    hidden: Array
    bias: Array
    out: Array
    shift: Array

    def scores(self, features: Array) -> Array:
        """Return float (n,) for float (n, inputs)."""
        inputs = np.clip((features - self.mean) / self.spread, -CLIP, CLIP)
        units = np.tanh(np.einsum("ni,kiu->knu", inputs, self.hidden) + self.bias[:, None, :])
        outputs: Array = np.einsum("knu,ku->kn", units, self.out) + self.shift[:, None]
        mean: Array = outputs.mean(axis=0)
        return mean


@dataclass(frozen=True)
class EvidenceModel:
    """Networks for sentences and for questions.

    ``borders`` are the log odds at which sufficiency is ``threshold``, for each pair of the
    question's and the best sentence's language ("ru -> en"): words meet less across languages.
    """

    sentences: Networks
    questions: Networks
    borders: Mapping[str, float]
    threshold: float = THRESHOLD

    def judge(
        self, features: Array, groups: NDArray[np.int64], pairs: Sequence[str]
    ) -> tuple[Array, float]:
        """Return the share of each sentence, adding to 1, and whether they suffice, 0..1.

        Parameters
        ----------
        features:
            Float (sentences, FEATURES), at least one.
        groups, pairs:
            The number of each sentence's passage, 0 for the best, and its pair of languages.
        """
        scores = self.sentences.scores(features)
        odds = np.exp(scores - scores.max())
        asked = question_features(scores, features, groups)
        total = float(self.questions.scores(asked[None, :])[0])
        if features[scores.argmax(), _AROUND] < LEAST_COVERED:
            total = min(total, UNCOVERED)
        total -= self.borders.get(pairs[int(scores.argmax())], 0.0)
        return odds / odds.sum(), float(1.0 / (1.0 + np.exp(-total)))


def question_features(scores: Array, features: Array, groups: NDArray[np.int64]) -> Array:
    """Return float (QUESTION_FEATURES,); parameters as of ``EvidenceModel.judge``."""
    best = np.argsort(-scores, kind="stable")[:BEST]
    four = np.pad(scores[best], (0, BEST - len(best)), mode="edge")
    largest = four[0] + np.log(np.exp(scores - four[0]).sum())
    found: Array = np.concatenate(
        [
            [four[0], *(four[0] - four[1:]), largest, float(groups[best[0]] == 0)],
            features[best[0]],
            features[best, : len(COVERAGE)].max(axis=0),
        ]
    )
    return found


def networks_of(data: Mapping[str, Any], inputs: tuple[str, ...]) -> Networks:
    """Return the networks that a JSON object holds; ValueError where their inputs are others."""
    if tuple(data["inputs"]) != inputs:
        raise ValueError("its inputs are not the ones that are computed")
    parts = ("mean", "spread", "hidden", "bias", "out", "shift")
    return Networks(*(np.array(data[name], np.float64) for name in parts))


@lru_cache(maxsize=1)
def load_model() -> EvidenceModel:
    """Read the weights that ship with kgrag (cached); ModelError where there are none."""
    try:
        data = json.loads(MODEL_PATH.read_text(encoding="utf-8"))
        return EvidenceModel(
            networks_of(data["sentences"], FEATURES),
            networks_of(data["questions"], QUESTION_FEATURES),
            dict(data["borders"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{MODEL_PATH} holds no weights for judging sentences ({error}); "
            "write it anew with: python -m kgrag.train.evidence"
        ) from error
