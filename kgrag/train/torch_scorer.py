"""The torch model behind the interface of the runtime, for what is measured while it trains."""

import torch
from torch import Tensor

from kgrag.extract.candidates import Floats, Integers
from kgrag.train.model import ExtractionModel


class TorchScorer:
    """The torch model behind the interface of the runtime."""

    def __init__(self, model: ExtractionModel) -> None:
        self.model = model.eval()

    @torch.no_grad()
    def encode(
        self,
        vectors: Floats,
        features: Integers,
        words: Integers,
        starts: Integers,
        lengths: Integers,
        conventions: Integers,
    ) -> tuple[Floats, Floats]:
        """Return states and span probabilities."""
        arrays = (vectors, features, words, starts, lengths, conventions)
        states = self.model.encode(*self._tensors(arrays))
        probabilities = torch.softmax(self.model.score_spans(states), dim=-1)
        return states.cpu().numpy(), probabilities.cpu().numpy()

    @torch.no_grad()
    def relate(
        self,
        states: Floats,
        mentions: Integers,
        types: Integers,
        names: Integers,
        parts: Integers,
        pairs: Integers,
        places: Integers,
    ) -> Floats:
        """Return relation probabilities."""
        arrays = (states, mentions, types, names, parts, pairs, places)
        logits = self.model.score_pairs(*self._tensors(arrays))
        scores: Floats = torch.sigmoid(logits).cpu().numpy()
        return scores

    def _tensors(self, arrays: tuple[Floats | Integers, ...]) -> list[Tensor]:
        device = next(self.model.parameters()).device
        return [torch.from_numpy(array).to(device) for array in arrays]
