"""From the scores of all spans to mentions: which spans name something, and what.

Mentions may nest; they never cross. The probability that a span is nothing is compared with one
threshold; the type is the likeliest within the likeliest group of types, because corpora often know
only the group.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_SPAN_TOKENS = 10
"""99.3 % of NEREL's entities are no longer."""

MAX_TYPED_PER_TOKEN = 3
"""At most this many mentions may start at one token: bounds the work on degenerate input."""


@dataclass(frozen=True, slots=True)
class TypedSpan:
    """Tokens ``first`` to ``last`` (inclusive) with an index into the model's types; score 0..1."""

    first: int
    last: int
    type: int
    score: float


def decode_spans(
    probabilities: NDArray[np.float32],
    groups: Sequence[int],
    threshold: float,
    blocks: Sequence[int] | None = None,
) -> list[TypedSpan]:
    """Return the mentions of one window, in text order, outer before inner.

    Parameters
    ----------
    probabilities:
        float32 (tokens, MAX_SPAN_TOKENS, 1 + types): for the span that starts at a token and is
        1, 2, ... tokens long, the probability of being nothing, then of each type.
    groups:
        The group of each type, as numbers from 0.
    threshold:
        A span is a mention where one minus the probability of nothing reaches this, 0..1.
    blocks:
        The block (paragraph, heading) of each token, ascending: no mention lies in two.
    """
    length = probabilities.shape[0]
    lasts = np.arange(length)[:, None] + np.arange(MAX_SPAN_TOKENS)
    inside = lasts < length
    if blocks is not None:
        block = np.asarray(blocks)
        inside &= block[np.minimum(lasts, length - 1)] == block[:, None]
    named = 1.0 - probabilities[:, :, 0]
    firsts, widths = np.nonzero(inside & (named >= threshold))
    if not len(firsts):
        return []
    chosen = probabilities[firsts, widths, 1:]
    membership = np.zeros((len(groups), max(groups) + 1), np.float32)
    membership[np.arange(len(groups)), list(groups)] = 1.0
    best_group = (chosen @ membership).argmax(axis=1)
    kinds = np.where(membership.T[best_group] > 0, chosen, -1.0).argmax(axis=1)
    scores = np.minimum(named[firsts, widths], 1.0)
    found = [
        TypedSpan(int(first), int(first + width), int(kind), float(score))
        for first, width, kind, score in zip(firsts, widths, kinds, scores, strict=True)
    ]
    return without_crossings(found, length)


def without_crossings(spans: list[TypedSpan], length: int) -> list[TypedSpan]:
    """Keep the best of spans that overlap without nesting; return them in text order."""
    kept: list[TypedSpan] = []
    starting: list[list[TypedSpan]] = [[] for _ in range(length)]
    covering: list[list[TypedSpan]] = [[] for _ in range(length)]
    for span in sorted(spans, key=lambda span: (-span.score, span.first, span.last)):
        near = (other for token in (span.first, span.last) for other in covering[token])
        if len(starting[span.first]) >= MAX_TYPED_PER_TOKEN or any(
            other.first < span.first <= other.last < span.last
            or span.first < other.first <= span.last < other.last
            for other in near
        ):
            continue
        kept.append(span)
        starting[span.first].append(span)
        for token in range(span.first, span.last + 1):
            covering[token].append(span)
    return sorted(kept, key=lambda span: (span.first, -span.last))
