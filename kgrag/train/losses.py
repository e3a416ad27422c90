"""What the network is trained for, where much of the truth is only partly known."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from kgrag.extract.candidates import Candidates, collect
from kgrag.extract.labels import Labels
from kgrag.extract.spans import TypedSpan, decode_spans
from kgrag.train.batches import Item
from kgrag.train.model import ExtractionModel

PREDICTED_TYPE_RATE = 0.25
"""How often a gold mention enters a pair with the type that the model gives it."""

NEGATIVE_RATE = 0.5
"""Share of the pairs without any relation that is trained on, weighted up accordingly."""


TAUGHT = 0.5
"""Weight of what teachers say beside what is annotated (Hinton et al. 2015)."""


def span_loss(
    logits: Tensor, admitted: Tensor, counts: Tensor, taught: Tensor | None = None
) -> Tensor:
    """Return the summed negative log probability of the admitted types.

    Parameters
    ----------
    logits:
        float (B, L, W, 1 + types).
    admitted, counts:
        bool (B, L, W, 1 + types) and (B, L, W): see ``kgrag.train.batches.span_targets``.
    taught:
        Probabilities by teachers, float like ``logits``: then half of the loss is the cross entropy
        with them.
    """
    chosen = logits[counts]
    allowed = chosen.masked_fill(~admitted[counts], -1e9)
    loss = (torch.logsumexp(chosen, dim=-1) - torch.logsumexp(allowed, dim=-1)).sum()
    if taught is None:
        return loss
    own = -(taught[counts] * torch.log_softmax(chosen, dim=-1)).sum()
    return (1.0 - TAUGHT) * loss + TAUGHT * own


def pair_loss(
    model: ExtractionModel,
    states: Tensor,
    logits: Tensor,
    batch: Sequence[Item],
    labels: Labels,
    signatures: NDArray[np.bool_],
    *,
    use_predicted: bool,
    generator: np.random.Generator,
    teachers: Sequence[tuple[ExtractionModel, Tensor]] = (),
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
    teachers:
        Models, and what they read in these tokens: half of each target is their mean.
    """
    spans: list[list[TypedSpan]] = []
    gold: list[list[int]] = []
    offset = 0
    for item in batch:
        own = slice(offset, offset + len(item.part.tokens))
        offset = own.stop
        probabilities = torch.softmax(logits[own], dim=-1).cpu().numpy()
        found, numbers = _mentions(
            item, probabilities, labels, use_predicted=use_predicted, generator=generator
        )
        spans.append(found)
        gold.append(numbers)
    allowed: NDArray[np.bool_] = np.any(signatures, axis=2)
    candidates = collect(
        [item.text for item in batch], [item.part for item in batch], spans, allowed
    )
    pairs = candidates.pairs
    if not len(pairs):
        return torch.zeros(())
    targets, weights = _pair_targets(batch, candidates, gold, signatures)
    none = targets.sum(axis=1) == 0
    keep = ~none | (generator.uniform(size=len(pairs)) < NEGATIVE_RATE)
    keep &= weights.sum(axis=1) > 0
    weights[none] /= NEGATIVE_RATE
    if not keep.any():
        return torch.zeros(())
    arrays = (
        candidates.mentions,
        candidates.types,
        candidates.names,
        candidates.parts,
        pairs[keep],
        candidates.places[keep],
        targets[keep],
        weights[keep],
    )
    *given, wanted, weight = (torch.from_numpy(array).to(states.device) for array in arrays)
    scores = model.score_pairs(states, *given)
    if teachers:
        with torch.no_grad():
            taught = [torch.sigmoid(one.score_pairs(read, *given)) for one, read in teachers]
        wanted = (1.0 - TAUGHT) * wanted + TAUGHT * torch.stack(taught).mean(dim=0)
    return F.binary_cross_entropy_with_logits(scores, wanted, weight=weight, reduction="sum")


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
    batch: Sequence[Item],
    candidates: Candidates,
    gold: Sequence[Sequence[int]],
    signatures: NDArray[Any],
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return which relations each pair states, and which are known at all, float32 (P, R)."""
    pairs, types = candidates.pairs, candidates.types
    of_items = np.stack([item.weights for item in batch])[candidates.parts[pairs[:, 0]]]
    weights = signatures[types[pairs[:, 0]], types[pairs[:, 1]]] * of_items
    targets = np.zeros(weights.shape, np.float32)
    numbers = np.array([number for own in gold for number in own])
    ends = zip(candidates.parts[pairs[:, 0]].tolist(), numbers[pairs].tolist(), strict=True)
    for row, (part, (one, two)) in enumerate(ends):
        item = batch[part]
        pair = one, two
        if pair in item.unknown:
            weights[row] = 0.0
        if pair in item.blurred:
            weights[row, item.blurred[pair]] = 0.0
        if pair in item.positive:
            targets[row, item.positive[pair]] = 1.0
            weights[row, item.positive[pair]] = 1.0
    return targets, weights
