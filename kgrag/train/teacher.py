"""A finished run that others learn from: what it reads in their texts is computed once."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from kgrag.extract.words import WordTable
from kgrag.train.batches import EncoderInput, Item, batches, encoder_input
from kgrag.train.minilm import rounded
from kgrag.train.model import ExtractionModel

BATCH_TOKENS = 8000

CONVENTIONS = 2
"""Ways of reading that are kept of each text: the general one, and that of its corpus."""


class Teacher:
    """A model, and its states of every token of a corpus, as float16.

    A student reads its texts anew in each epoch; its teachers, which nothing changes, need not:
    this takes twice ``2 * hidden`` bytes a token and saves most of what teachers cost.

    Parameters
    ----------
    model:
        As of ``kgrag.train.checkpoints.load_model``.
    items:
        All that will be read.
    table:
        Of the items' words.
    """

    def __init__(self, model: ExtractionModel, items: Sequence[Item], table: WordTable) -> None:
        self.model = model
        sizes = [len(item.part.tokens) for item in items]
        begins = np.cumsum([0, *sizes])
        self._begins = {
            id(item): int(begin) for item, begin in zip(items, begins[:-1], strict=True)
        }
        device = next(model.parameters()).device
        shape = (CONVENTIONS, int(begins[-1]), model.shape.hidden)
        self._states = torch.zeros(shape, dtype=torch.float16, device=device)
        generator = np.random.default_rng(0)
        with torch.no_grad(), rounded(model):
            for batch in batches(items, BATCH_TOKENS, generator):
                inputs = encoder_input(batch, table, generator)
                windows = [len(item.part.windows) for item in batch]
                own = torch.tensor([item.convention for item in batch]).repeat_interleave(
                    torch.tensor(windows)
                )
                for kind, conventions in enumerate((torch.zeros_like(own), own)):
                    asked = replace(inputs, conventions=conventions).to(device)
                    states = model.encode(*asked.arguments)[asked.filled]
                    self._states[kind, self._tokens(batch).to(device)] = states.half()

    def read(self, batch: Sequence[Item], inputs: EncoderInput) -> Tensor:
        """Return the states of the tokens of a batch, float (B, L, hidden), zero on padding."""
        filled = inputs.filled
        kinds = (inputs.conventions > 0).long().repeat_interleave(inputs.lengths)
        states = torch.zeros((*filled.shape, self._states.shape[2]), device=filled.device)
        tokens = self._tokens(batch).to(filled.device)
        states[filled] = self._states[kinds, tokens].float()
        return states

    def _tokens(self, batch: Sequence[Item]) -> Tensor:
        """Return the row of each token of a batch, end to end."""
        rows = [
            np.arange(begin, begin + len(item.part.tokens))
            for item in batch
            for begin in [self._begins[id(item)]]
        ]
        return torch.from_numpy(np.concatenate(rows))
