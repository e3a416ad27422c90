"""What the network is trained for, where much of the truth is only partly known."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from kgrag.extract.pairs import candidate_pairs, pair_places
from kgrag.extract.reader import Labels
from kgrag.extract.spans import TypedSpan, decode_spans
from kgrag.train.batches import Item
from kgrag.train.model import ExtractionModel

PREDICTED_TYPE_RATE = 0.25
"""How often a gold mention enters a pair with the type that the model gives it."""

UNCOVERED_WEIGHT = 0.25
"""How much a pair speaks against a relation that its corpus does not annotate. With none, relations
that a single corpus knows were found everywhere: half of all persons were chief executives."""

NEGATIVE_RATE = 0.5
"""Share of the pairs without any relation that is trained on, weighted up accordingly."""


def span_loss(logits: Tensor, admitted: Tensor, counts: Tensor) -> Tensor:
    """Return the summed negative log probability of the admitted types.

    Parameters
    ----------
    logits:
        float (B, L, W, 1 + types).
    admitted, counts:
        bool (B, L, W, 1 + types) and (B, L, W): see ``kgrag.train.batches.span_targets``.
    """
    chosen = logits[counts]
    allowed = chosen.masked_fill(~admitted[counts], -1e9)
    return (torch.logsumexp(chosen, dim=-1) - torch.logsumexp(allowed, dim=-1)).sum()


def pair_loss(
    model: ExtractionModel,
    states: Tensor,
    logits: Tensor,
    batch: Sequence[Item],
    labels: Labels,
    signatures: Tensor,
    *,
    use_predicted: bool,
    generator: np.random.Generator,
) -> Tensor:
    """Return the summed binary cross entropy of the relations of candidate pairs.

    Parameters
    ----------
    model:
        Scores the pairs.
    states, logits:
        Of the tokens of the batch, end to end: float (T, hidden), (T, W, 1 + types).
    batch:
        The items that these tokens are of.
    labels, signatures:
        Of the model; ``signatures`` is bool (types, types, relations).
    use_predicted:
        Also train on mentions that the model finds and the corpus does not have.
    generator:
        Decides types and negatives.
    """
    losses = [torch.zeros(())]
    offset = 0
    for item in batch:
        size = len(item.part.tokens)
        own = slice(offset, offset + size)
        offset += size
        probabilities = torch.softmax(logits[own], dim=-1).numpy()
        spans, gold = _mentions(
            item, probabilities, labels, use_predicted=use_predicted, generator=generator
        )
        pairs = candidate_pairs(spans, item.part.sentence_of, signatures.any(dim=2).numpy())
        if not len(pairs):
            continue
        targets, weights = _pair_targets(item, spans, gold, pairs, signatures.numpy())
        keep = (targets.sum(axis=1) > 0) | (generator.uniform(size=len(pairs)) < NEGATIVE_RATE)
        keep &= weights.sum(axis=1) > 0
        weights[targets.sum(axis=1) == 0] /= NEGATIVE_RATE
        if not keep.any():
            continue
        tokens = item.part.tokens
        surfaces = [item.text[tokens[s.first][0] : tokens[s.last][1]] for s in spans]
        places = pair_places(pairs[keep], spans, item.part.sentence_of, surfaces)
        scores = model.score_pairs(
            states[own],
            torch.tensor([(span.first, span.last) for span in spans]),
            torch.tensor([span.type for span in spans]),
            torch.from_numpy(pairs[keep]),
            torch.from_numpy(places),
        )
        losses.append(
            F.binary_cross_entropy_with_logits(
                scores,
                torch.from_numpy(targets[keep]),
                weight=torch.from_numpy(weights[keep]),
                reduction="sum",
            )
        )
    return torch.stack(losses).sum()


def _mentions(
    item: Item,
    probabilities: NDArray[Any],
    labels: Labels,
    *,
    use_predicted: bool,
    generator: np.random.Generator,
) -> tuple[list[TypedSpan], list[int]]:
    """Return gold and predicted mentions in text order, and which gold mention each is (or -1)."""
    spans: dict[tuple[int, int], tuple[TypedSpan, int]] = {}
    for number, gold in enumerate(item.gold):
        if not gold.types:
            continue
        width = gold.last - gold.first
        known = probabilities[gold.first, width, 1:] if width < probabilities.shape[1] else None
        type_ = gold.types[0]
        if known is not None:
            free = len(gold.types) == 1 and generator.uniform() < PREDICTED_TYPE_RATE
            choices = range(len(labels.types)) if free and use_predicted else gold.types
            type_ = max(choices, key=known.__getitem__)
        spans[gold.first, gold.last] = TypedSpan(gold.first, gold.last, type_, 1.0), number
    if use_predicted and item.complete:
        groups = labels.groups()
        for begin, end in item.part.windows:
            for span in decode_spans(probabilities[begin:end], groups, 0.4):
                moved = TypedSpan(span.first + begin, span.last + begin, span.type, span.score)
                spans.setdefault((moved.first, moved.last), (moved, -1))
    ordered = sorted(spans.values(), key=lambda pair: (pair[0].first, -pair[0].last))
    return [span for span, _ in ordered], [number for _, number in ordered]


def _pair_targets(
    item: Item,
    spans: list[TypedSpan],
    gold: list[int],
    pairs: NDArray[Any],
    signatures: NDArray[Any],
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return which relations each pair states, and which are known at all, float32 (P, R)."""
    types = np.array([span.type for span in spans])
    share = np.where(item.covered, 1.0, UNCOVERED_WEIGHT)
    weights = (signatures[types[pairs[:, 0]], types[pairs[:, 1]]] * share).astype(np.float32)
    targets = np.zeros(weights.shape, np.float32)
    for row, (one, two) in enumerate(pairs.tolist()):
        pair = gold[one], gold[two]
        if pair in item.unknown:
            weights[row] = 0.0
        if pair in item.blurred:
            weights[row, item.blurred[pair]] = 0.0
        if pair in item.positive:
            targets[row, item.positive[pair]] = 1.0
            weights[row, item.positive[pair]] = 1.0
    return targets, weights
