"""Trains the small networks that judge sentences and questions; see ``kgrag.train.evidence``.

Sentences learn beside each other: those that hold the answer shall get the largest share of their
question's softmax (listwise, Cao et al. 2007). Questions learn by logistic loss.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from kgrag.sentence_model import CLIP, FEATURES, QUESTION_FEATURES
from kgrag.train.evidence_questions import Kind

UNITS, NETWORKS = 16, 4
BATCH = 256
SENTENCE_EPOCHS, SENTENCE_RATE, SENTENCE_DECAY = 25, 0.02, 1e-3
QUESTION_EPOCHS, QUESTION_RATE, QUESTION_DECAY = 25, 0.01, 1e-2
DROPOUT = 0.1
LAST_RATE = 1e-4

Array = NDArray[np.float64]
Loss = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Judged:
    """The sentences read for one question: ``right`` marks those that hold the answer.

    ``features`` is float (n, FEATURES), ``right`` float (n,) of 0 and 1, ``groups`` as of
    ``kgrag.sentence_reading.ReadSentences``. ``stands_out`` is float (n, 2): exact match and F1 of
    the span that stands out in each sentence, not a number where none does; None where the question
    asks for no kind of thing.
    """

    pair: str
    fold: int
    kind: Kind
    features: Array
    right: Array
    groups: NDArray[np.int64]
    stands_out: Array | None = None


class _Ensemble(nn.Module):
    """Networks of one hidden layer, trained side by side on the same inputs."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.hidden = nn.Parameter(torch.randn(NETWORKS, inputs, UNITS) / inputs**0.5)
        self.bias = nn.Parameter(torch.zeros(NETWORKS, 1, UNITS))
        self.out = nn.Parameter(torch.randn(NETWORKS, UNITS, 1) / UNITS**0.5)
        self.shift = nn.Parameter(torch.zeros(NETWORKS, 1))
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, rows: Tensor) -> Tensor:
        """Return float (NETWORKS, rows) for float (rows, inputs)."""
        units = self.dropout(torch.tanh(rows @ self.hidden + self.bias))
        return (units @ self.out)[..., 0] + self.shift


def fit_sentences(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return networks that tell the sentences that answer, as JSON keeps them."""
    features = np.concatenate([item.features for item in judged if len(item.features)])
    some = [item for item in judged if item.right.any()]
    longest = max(len(item.right) for item in some)
    inputs = np.zeros((len(some), longest, len(FEATURES)))
    kinds = np.full((len(some), longest), -1.0)  # 1 right, 0 wrong, -1 no sentence
    for row, item in enumerate(some):
        inputs[row, : len(item.right)] = item.features
        kinds[row, : len(item.right)] = item.right

    def loss(scores: Tensor, target: Tensor) -> Tensor:
        seen = scores.view(NETWORKS, *target.shape).masked_fill(target < 0, -torch.inf)
        right = seen.masked_fill(target < 1, -torch.inf)
        return (torch.logsumexp(seen, -1) - torch.logsumexp(right, -1)).mean()

    settings = (SENTENCE_EPOCHS, SENTENCE_RATE, SENTENCE_DECAY)
    return _fit(features, inputs, kinds, loss, settings) | {"inputs": list(FEATURES)}


def fit_questions(features: Sequence[Array], judged: Sequence[Judged]) -> dict[str, Any]:
    """Return networks that tell the questions that are answered, as JSON keeps them.

    Parameters
    ----------
    features, judged:
        Each question's features, (QUESTION_FEATURES,), and the question.
    """
    inputs = np.stack(features)
    target = np.array([float(item.kind == "asked") for item in judged])

    def loss(scores: Tensor, wanted: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(scores, wanted.expand_as(scores))

    settings = (QUESTION_EPOCHS, QUESTION_RATE, QUESTION_DECAY)
    fitted = _fit(inputs, inputs[:, None, :], target, loss, settings)
    return fitted | {"inputs": list(QUESTION_FEATURES)}


def _fit(
    features: Array, inputs: Array, target: Array, loss: Loss, settings: tuple[int, float, float]
) -> dict[str, Any]:
    """Train on lists of rows, (lists, rows, inputs); ``features`` are what is standardised."""
    epochs, rate, decay = settings
    mean, spread = features.mean(axis=0), features.std(axis=0)
    spread[spread < 1e-6] = 1.0
    scaled = torch.from_numpy(np.clip((inputs - mean) / spread, -CLIP, CLIP).astype(np.float32))
    wanted = torch.from_numpy(target.astype(np.float32))
    torch.manual_seed(1)
    torch.set_num_threads(1)
    net = _Ensemble(scaled.shape[-1])
    optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=decay)
    for epoch in range(epochs):
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - epoch / epochs) + LAST_RATE
        for batch in torch.randperm(len(scaled)).split(BATCH):  # type: ignore[no-untyped-call]
            result = loss(net(scaled[batch].flatten(0, 1)), wanted[batch])
            optimizer.zero_grad()
            result.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return {
        "mean": _digits(mean),
        "spread": _digits(spread),
        "hidden": _digits(net.hidden.detach().numpy()),
        "bias": _digits(net.bias.detach().numpy()[:, 0]),
        "out": _digits(net.out.detach().numpy()[..., 0]),
        "shift": _digits(net.shift.detach().numpy()[:, 0]),
    }


def _digits(values: NDArray[Any]) -> Any:  # noqa: ANN401  nested lists of any depth
    """Return nested lists of numbers with four digits."""
    if values.ndim:
        return [_digits(value) for value in values]
    return float(f"{float(values):.4g}")
