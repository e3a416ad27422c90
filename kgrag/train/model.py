"""The network: static vectors and spelling -> gated convolutions -> spans -> pairs.

One module with two forward passes, because the choice of mentions lies between them. Shapes: B
windows of at most L tokens, U distinct words, W the longest span, M mentions, P pairs, R relations.
The recipe is that of shared/reference/extraction.md, measured before this was written.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kgrag.extract.pairs import PLACE_SIZES
from kgrag.extract.spans import MAX_SPAN_TOKENS
from kgrag.extract.words import FEATURE_SIZES

FEATURE_DIMENSIONS = (24, 12, 16, 16, 16)
DILATIONS = (1, 2, 4, 8, 2, 1)

FORGOTTEN_WORDS = 0.3
"""Share of the words that a training batch may not recognise by their hash: half of the names that
will be met are new, and must be told by their vectors, endings and surroundings."""

RARE_LOGIT = -4.0
"""Where training starts from: one span or pair in fifty says something."""


@dataclass(frozen=True)
class Shape:
    """Sizes that weights depend on; ``vectors`` are the dimensions of a word's static vector."""

    vectors: int
    types: int
    relations: int
    hidden: int = 192
    bilinear: int = 64


class LockedDropout(nn.Module):
    """Drops features of a whole window or span table at once: one mask for all of its positions.

    Regularises like variational dropout, and costs nothing; an independent mask took a fifth of the
    training time on a CPU.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, values: Tensor) -> Tensor:
        """Return ``values``, float (windows, ..., features), with some features zeroed."""
        if not self.training:
            return values
        shape = (values.shape[0], *([1] * (values.dim() - 2)), values.shape[-1])
        keep = (torch.rand(shape) >= self.rate).to(values.dtype) / (1.0 - self.rate)
        return values * keep


class GatedConvolution(nn.Module):
    """One residual layer: three taps ``dilation`` apart, a gate, layer norm."""

    def __init__(self, hidden: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.dilation = dilation
        self.mix = nn.Linear(3 * hidden, 2 * hidden)
        self.norm = nn.LayerNorm(hidden)
        self.dropout = LockedDropout(dropout)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Return float (B, L, hidden); ``mask`` is (B, L, 1), zero on padding."""
        step = self.dilation
        padded = F.pad(states, (0, 0, step, step))
        taps = torch.cat([padded[:, : -2 * step], states, padded[:, 2 * step :]], dim=-1)
        value, gate = self.mix(taps).chunk(2, dim=-1)
        result: Tensor = self.norm(states + self.dropout(value * torch.sigmoid(gate))) * mask
        return result


class ExtractionModel(nn.Module):
    """Scores every span of a window and every pair of mentions."""

    def __init__(self, shape: Shape, dropout: float = 0.25) -> None:
        super().__init__()
        self.shape = shape
        hidden = shape.hidden
        self.word_dropout = nn.Dropout(0.25)
        self.features = nn.ModuleList(
            nn.Embedding(size, width)
            for size, width in zip(FEATURE_SIZES, FEATURE_DIMENSIONS, strict=True)
        )
        self.from_vector = nn.Linear(shape.vectors, hidden)
        self.from_features = nn.Linear(sum(FEATURE_DIMENSIONS), hidden)
        self.sentence_start = nn.Embedding(2, hidden)
        self.input_norm = nn.LayerNorm(hidden)
        self.layers = nn.ModuleList(
            GatedConvolution(hidden, dilation, dropout) for dilation in DILATIONS
        )
        self.span_parts = nn.Linear(hidden, 3 * hidden)
        self.span_width = nn.Embedding(MAX_SPAN_TOKENS, hidden)
        self.span_factors = nn.Linear(hidden, 2 * shape.bilinear)
        self.span_out = nn.Linear(hidden + shape.bilinear, 1 + shape.types)
        self.type_vector = nn.Embedding(shape.types, 32)
        self.mention = nn.Linear(3 * hidden + 32, hidden)
        self.pair_parts = nn.Linear(hidden, 4 * hidden)
        self.between = nn.Linear(hidden, hidden)
        self.weight = nn.Linear(hidden, 1)
        self.places = nn.ModuleList(nn.Embedding(size, hidden) for size in PLACE_SIZES)
        self.pair_hidden = nn.Linear(2 * hidden, hidden)
        self.pair_out = nn.Linear(hidden, shape.relations)
        self.dropout = LockedDropout(dropout)
        for table in self.features:
            nn.init.normal_(table.weight, std=0.1)  # type: ignore[arg-type]
        nn.init.constant_(self.pair_out.bias, RARE_LOGIT)
        with torch.no_grad():
            self.span_out.bias[0] = -RARE_LOGIT

    def encode(
        self, vectors: Tensor, features: Tensor, words: Tensor, starts: Tensor, lengths: Tensor
    ) -> Tensor:
        """Return the state of each token, float (B, L, hidden), zero on padding.

        Parameters
        ----------
        vectors, features:
            Of the distinct words: float (U, vectors) and long (U, 5).
        words:
            long (B, L): row of each token's word.
        starts:
            long (B, L): 1 where a sentence begins.
        lengths:
            long (B,): tokens of each window.
        """
        tables = [table(features[:, column]) for column, table in enumerate(self.features)]
        if self.training:
            tables[0] = tables[0] * (torch.rand(len(features), 1) >= FORGOTTEN_WORDS)
        spelled = torch.cat(tables, dim=-1)
        word = self.from_vector(self.word_dropout(vectors))
        word = word + self.from_features(self.word_dropout(spelled))
        positions = torch.arange(words.shape[1], device=words.device)
        mask = (positions[None, :] < lengths[:, None]).to(word.dtype)[:, :, None]
        states = self.input_norm(word[words] + self.sentence_start(starts)) * mask
        states = self.dropout(states)
        for layer in self.layers:
            states = layer(states, mask)
        result: Tensor = states
        return result

    def score_spans(self, states: Tensor) -> Tensor:
        """Return logits, float (B, L, W, 1 + types), for the W spans that start at each token."""
        length = states.shape[1]
        positions = torch.arange(length, device=states.device)
        widths = torch.arange(MAX_SPAN_TOKENS, device=states.device)
        ends = positions[:, None] + widths
        padded = F.pad(states, (0, 0, 0, MAX_SPAN_TOKENS))
        start, end, mean = self.span_parts(padded).chunk(3, dim=-1)
        sums = F.pad(torch.cumsum(mean, dim=1), (0, 0, 1, 0))
        inside = (sums[:, ends + 1] - sums[:, positions][:, :, None]) / (widths + 1)[:, None]
        hidden = start[:, positions][:, :, None] + end[:, ends] + inside
        hidden = self.dropout(torch.relu(hidden + self.span_width(widths)))
        left, right = self.span_factors(padded).chunk(2, dim=-1)
        product = left[:, positions][:, :, None] * right[:, ends]
        # One matrix for both, applied in two steps: joining them would copy the largest tensor.
        weight = self.span_out.weight
        size = self.shape.hidden
        from_product = F.linear(product, weight[:, size:], self.span_out.bias)
        return F.linear(hidden, weight[:, :size]) + from_product

    def score_pairs(
        self, states: Tensor, mentions: Tensor, types: Tensor, pairs: Tensor, places: Tensor
    ) -> Tensor:
        """Return logits, float (P, relations).

        Parameters
        ----------
        states:
            float (T, hidden): the tokens of the windows of one or more texts, end to end.
        mentions:
            long (M, 2): first and last token.
        types:
            long (M,).
        pairs:
            long (P, 2): subject and object.
        places:
            long (P, 4): see ``kgrag.extract.pairs.pair_places``.
        """
        first, last = mentions[:, 0], mentions[:, 1]
        sums = F.pad(torch.cumsum(states, dim=0), (0, 0, 1, 0))
        mean = (sums[last + 1] - sums[first]) / (last + 1 - first)[:, None]
        known = torch.cat([states[first], states[last], mean, self.type_vector(types)], dim=-1)
        known = self.dropout(torch.relu(self.mention(known)))
        subject, object_, left, right = self.pair_parts(known).chunk(4, dim=-1)
        one, two = pairs[:, 0], pairs[:, 1]
        hidden = subject[one] + object_[two] + self._between(states, first, last, one, two)
        for column, table in enumerate(self.places):
            hidden = hidden + table(places[:, column])
        both = torch.cat([torch.relu(hidden), left[one] * right[two]], dim=-1)
        logits: Tensor = self.pair_out(torch.relu(self.pair_hidden(both)))
        return logits

    def _between(
        self, states: Tensor, first: Tensor, last: Tensor, one: Tensor, two: Tensor
    ) -> Tensor:
        """Return the weighted mean of what lies between the two mentions, float (P, hidden)."""
        weight = torch.exp(2.0 * torch.tanh(self.weight(states)))
        sums = F.pad(torch.cumsum(self.between(states) * weight, dim=0), (0, 0, 1, 0))
        total = F.pad(torch.cumsum(weight, dim=0), (0, 0, 1, 0))
        begin = torch.minimum(last[one], last[two]) + 1
        stop = torch.maximum(torch.maximum(first[one], first[two]), begin)
        return (sums[stop] - sums[begin]) / (total[stop] - total[begin] + 1.0)
