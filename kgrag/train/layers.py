"""Layers of the network: gated convolutions over tokens, attention among mentions."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kgrag.extract.pairs import NEAR_MENTIONS

HEADS = 4
"""Of the attention among mentions."""


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
        if not self.training or not self.rate:
            return values
        shape = (values.shape[0], *([1] * (values.dim() - 2)), values.shape[-1])
        keep = (torch.rand(shape, device=values.device) >= self.rate).to(values.dtype)
        return values * keep / (1.0 - self.rate)


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
        value, gate = self.mix(taps(states, self.dilation)).chunk(2, dim=-1)
        result: Tensor = self.norm(states + self.dropout(value * torch.sigmoid(gate))) * mask
        return result


def taps(states: Tensor, step: int) -> Tensor:
    """Return each state beside those ``step`` before and after it, float (B, L, 3 * features)."""
    padded = F.pad(states, (0, 0, step, step))
    return torch.cat([padded[:, : -2 * step], states, padded[:, 2 * step :]], dim=-1)


class MentionAttention(nn.Module):
    """Lets each mention of a part see the others: what a text says of a name, it says elsewhere.

    One layer of self-attention (Vaswani et al. 2017) over the NEAR_MENTIONS before and after, which
    keeps it linear, with learned biases for their order and for names that read alike.
    """

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.heads = HEADS
        self.project = nn.Linear(hidden, 3 * hidden)
        self.join = nn.Linear(hidden, hidden)
        self.apart = nn.Embedding(2 * NEAR_MENTIONS + 1, HEADS)
        self.alike = nn.Embedding(2, HEADS)
        self.norm = nn.LayerNorm(hidden)
        self.forward_layers = nn.Sequential(
            nn.Linear(hidden, 2 * hidden), nn.ReLU(), nn.Linear(2 * hidden, hidden)
        )
        self.last_norm = nn.LayerNorm(hidden)

    def forward(self, mentions: Tensor, names: Tensor, parts: Tensor) -> Tensor:
        """Return float (M, hidden).

        Parameters
        ----------
        mentions:
            float (M, hidden), in text order.
        names:
            long (M,): equal where two mentions read alike.
        parts:
            long (M,): the part that each mention lies in.
        """
        count = mentions.shape[0]
        query, key, value = self.project(mentions).view(count, 3, self.heads, -1).unbind(1)
        offsets = torch.arange(-NEAR_MENTIONS, NEAR_MENTIONS + 1, device=mentions.device)
        wanted = torch.arange(count, device=mentions.device)[:, None] + offsets
        near = wanted.clamp(min=0).clamp(max=count - 1)
        seen = (near == wanted) & (parts[near] == parts[:, None])
        scores = torch.einsum("ihd,ijhd->ijh", query, key[near]) / query.shape[-1] ** 0.5
        scores = scores + self.apart.weight + self.alike((names[near] == names[:, None]).long())
        weights = torch.softmax(scores.masked_fill(~seen[:, :, None], -1e4), dim=1)
        heard = torch.einsum("ijh,ijhd->ihd", weights, value[near])
        states = self.norm(mentions + self.join(heard.reshape(count, -1)))
        result: Tensor = self.last_norm(states + self.forward_layers(states))
        return result
