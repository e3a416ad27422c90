"""The network: pretrained context and spelling -> gated convolutions -> spans -> pairs.

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
from kgrag.train.layers import GatedConvolution, LockedDropout, MentionAttention

FEATURE_DIMENSIONS = (24, 12, 16, 16, 16, 8, 24)
KNOWN_WORDS = (0, 6)
"""The features that recognise a word: its hash, and that of its stem."""

BETWEEN_HEADS = 4

FORGOTTEN_WORDS = 0.3
"""Share of the words that a training batch may not recognise by their hash: half of the names that
will be met are new, and must be told by their vectors, endings and surroundings."""

UNSEEN_WORDS = 0.1
"""Share of the words that a training batch sees without vector and letters, by their outline alone:
what stands around them must do."""

CASING = (4, 5)
"""The features that tell no letters: shape and outline."""

RARE_LOGIT = -4.0
"""Where training starts from: one span or pair in fifty says something."""


@dataclass(frozen=True)
class Shape:
    """Sizes that weights depend on.

    ``vectors`` are the dimensions of a word's static vector, ``context`` those of the states of a
    pretrained reader; either may be 0. ``conventions`` counts the ways of annotating that the model
    can take on: 0, the general one, and one for each training corpus. ``dilations`` has one number
    for each convolution.
    """

    vectors: int
    types: int
    relations: int
    context: int = 0
    conventions: int = 1
    hidden: int = 192
    span_hidden: int = 192
    bilinear: int = 64
    dilations: tuple[int, ...] = (1, 2, 4, 8, 2, 1)


class ExtractionModel(nn.Module):
    """Scores every span of a window and every pair of mentions.

    ``reader`` is a module that turns (vectors, features, words, lengths) into the states of each
    token in its context, float (B, L, shape.context).
    """

    def __init__(
        self,
        shape: Shape,
        reader: nn.Module | None = None,
        dropout: float = 0.0,
        word_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.shape = shape
        hidden = shape.hidden
        self.reader = reader
        self.word_dropout = nn.Dropout(word_dropout)
        self.features = nn.ModuleList(
            nn.Embedding(size, width)
            for size, width in zip(FEATURE_SIZES, FEATURE_DIMENSIONS, strict=True)
        )
        self.from_vector = nn.Linear(shape.vectors, hidden) if shape.vectors else None
        self.from_features = nn.Linear(sum(FEATURE_DIMENSIONS), hidden)
        self.from_context = nn.Linear(shape.context, hidden) if shape.context else None
        self.sentence_start = nn.Embedding(2, hidden)
        self.convention = nn.Embedding(shape.conventions, hidden)
        self.input_norm = nn.LayerNorm(hidden)
        self.layers = nn.ModuleList(
            GatedConvolution(hidden, dilation, dropout) for dilation in shape.dilations
        )
        self.span_parts = nn.Linear(hidden, 3 * shape.span_hidden)
        self.span_width = nn.Embedding(MAX_SPAN_TOKENS, shape.span_hidden)
        self.span_factors = nn.Linear(hidden, 2 * shape.bilinear)
        self.span_out = nn.Linear(shape.span_hidden + shape.bilinear, 1 + shape.types)
        self.type_vector = nn.Embedding(shape.types, 32)
        self.mention = nn.Linear(3 * hidden + 32, hidden)
        self.among = MentionAttention(hidden)
        self.pair_parts = nn.Linear(hidden, 4 * hidden)
        self.between = nn.Linear(hidden, hidden)
        self.weight = nn.Linear(hidden, BETWEEN_HEADS)
        self.places = nn.ModuleList(nn.Embedding(size, hidden) for size in PLACE_SIZES)
        self.pair_hidden = nn.Linear(2 * hidden, hidden)
        self.pair_out = nn.Linear(hidden, shape.relations)
        self.dropout = LockedDropout(dropout)
        for table in self.features:
            nn.init.normal_(table.weight, std=0.1)  # type: ignore[arg-type]
        nn.init.constant_(self.pair_out.bias, RARE_LOGIT)
        nn.init.zeros_(self.convention.weight)
        with torch.no_grad():
            self.span_out.bias[0] = -RARE_LOGIT

    def encode(
        self,
        vectors: Tensor,
        features: Tensor,
        words: Tensor,
        starts: Tensor,
        lengths: Tensor,
        conventions: Tensor,
    ) -> Tensor:
        """Return the state of each token, float (B, L, hidden), zero on padding.

        Parameters
        ----------
        vectors, features:
            Of the distinct words: float (U, vectors) and long (U, 7 or more).
        words:
            long (B, L): row of each token's word.
        starts:
            long (B, L): 1 where a sentence begins.
        lengths, conventions:
            long (B,): tokens of each window, and whose way of annotating to follow, 0 nobody's.
        """
        tables = [table(features[:, column]) for column, table in enumerate(self.features)]
        if self.training:
            kept = torch.rand(len(features), 1, device=features.device) >= FORGOTTEN_WORDS
            for column in KNOWN_WORDS:
                tables[column] = tables[column] * kept
            if self.from_vector is not None:
                seen = torch.rand(len(features), 1, device=features.device) >= UNSEEN_WORDS
                vectors = vectors * seen
                tables = [
                    table if column in CASING else table * seen
                    for column, table in enumerate(tables)
                ]
        spelled = torch.cat(tables, dim=-1)
        word = self.from_features(self.word_dropout(spelled))
        if self.from_vector is not None:
            word = word + self.from_vector(self.word_dropout(vectors))
        positions = torch.arange(words.shape[1], device=words.device)
        mask = (positions[None, :] < lengths[:, None]).to(word.dtype)[:, :, None]
        states = word[words] + self.sentence_start(starts)
        if self.reader is not None and self.from_context is not None:
            context = self.reader(vectors, features, words, lengths)
            states = states + self.from_context(self.word_dropout(context))
        states = states + self.convention(conventions)[:, None]
        states = self.dropout(self.input_norm(states) * mask)
        for layer in self.layers:
            states = layer(states, mask)
        result: Tensor = states.float()
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
        size = self.shape.span_hidden
        from_product = F.linear(product, weight[:, size:], self.span_out.bias)
        return F.linear(hidden, weight[:, :size]) + from_product

    def score_pairs(
        self,
        states: Tensor,
        mentions: Tensor,
        types: Tensor,
        names: Tensor,
        parts: Tensor,
        pairs: Tensor,
        places: Tensor,
    ) -> Tensor:
        """Return logits, float (P, relations).

        Parameters
        ----------
        states:
            float (T, hidden): the tokens of the windows of one or more texts, end to end.
        mentions:
            long (M, 2): first and last token, in text order.
        types, names, parts:
            long (M,): the mention's type, a number that it shares with those that read alike, and
            the number of the text that it lies in.
        pairs:
            long (P, 2): subject and object.
        places:
            long (P, 5): see ``kgrag.extract.pairs.pair_places``.
        """
        first, last = mentions[:, 0], mentions[:, 1]
        sums = F.pad(torch.cumsum(states, dim=0), (0, 0, 1, 0))
        mean = (sums[last + 1] - sums[first]) / (last + 1 - first)[:, None]
        known = torch.cat([states[first], states[last], mean, self.type_vector(types)], dim=-1)
        known = self.dropout(torch.relu(self.mention(known)))
        known = self.among(known, names, parts)
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
        """Return the weighted means of what lies between the two mentions, float (P, hidden)."""
        count = states.shape[0]
        weight = torch.exp(2.0 * torch.tanh(self.weight(states)))
        values = self.between(states).view(count, BETWEEN_HEADS, -1) * weight[:, :, None]
        sums = F.pad(torch.cumsum(values, dim=0), (0, 0, 0, 0, 1, 0))
        total = F.pad(torch.cumsum(weight, dim=0), (0, 0, 1, 0))
        begin = torch.minimum(last[one], last[two]) + 1
        stop = torch.maximum(torch.maximum(first[one], first[two]), begin)
        mean = (sums[stop] - sums[begin]) / (total[stop] - total[begin] + 1.0)[:, :, None]
        return mean.flatten(1)
