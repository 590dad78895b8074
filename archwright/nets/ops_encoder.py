"""Pretrained encoders of texts; the rules of `ops_common` hold here too."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from archwright.nets.ops_text import Grams, attended


class Encoder(nn.Module):
    """Makes one vector of each text by a pretrained BERT (arXiv:1810.04805); nothing is trained.

    Blocks of self-attention and dense layers, normalised after they are added. Where we differ:
    the vectors of places hold that of the first segment too.

    Args:
        first, last: The rows of an example that are read: the others are for other networks. If
            there are more, they hold the vector, which was worked out before.
        tokens: How many numbers of these rows are read; 0 is past the end.
        parts: How many numbers there are.
        width: Of a vector.
        inner: Of the dense layers within a block.
        eps: Of normalisation.
        pooling: `mean` of the text, or the vector of its `first` token.
    """

    def __init__(
        self,
        first: int,
        last: int,
        tokens: int,
        parts: int,
        width: int,
        inner: int,
        heads: int,
        layers: int,
        eps: float,
        pooling: str,
    ) -> None:
        super().__init__()
        self.first = first
        self.last = last
        self.tokens = tokens
        self.parts = parts
        self.width = width
        self.inner = inner
        self.heads = heads
        self.layers = layers
        self.eps = eps
        self.pooling = pooling
        self.embedding = nn.Embedding(parts, width, _weight=torch.empty(parts, width))
        self.places = nn.Parameter(torch.zeros(tokens, width))
        self.asking = nn.ModuleList([nn.Linear(width, 3 * width) for _ in range(layers)])
        self.telling = nn.ModuleList([nn.Linear(width, width) for _ in range(layers)])
        self.wide = nn.ModuleList([nn.Linear(width, inner) for _ in range(layers)])
        self.narrow = nn.ModuleList([nn.Linear(inner, width) for _ in range(layers)])
        self.norms = nn.ModuleList([nn.LayerNorm(width, eps) for _ in range(1 + 2 * layers)])
        self.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[1] > self.last:
            return x[:, self.last :].flatten(1)[:, : self.width]
        numbers = x[:, self.first : self.last].flatten(1)[:, : self.tokens]
        return self.pooled(numbers.clamp(0, self.parts - 1).long())

    def pooled(self, numbers: Tensor) -> Tensor:
        """Return vectors (texts, width) of numbers (texts, at most `tokens`)."""
        known = (numbers > 0).to(self.places.dtype)
        beyond = (1 - known) * -1e9
        y = self.norms[0](self.embedding(numbers) + self.places[: numbers.shape[1]])
        for i in range(self.layers):
            looked = self.telling[i](attended(self.asking[i](y), beyond, self.heads))
            y = self.norms[2 * i + 1](y + looked)
            inner = functional.gelu(self.wide[i](y))
            y = self.norms[2 * i + 2](y + self.narrow[i](inner))
        share = known.unsqueeze(2)
        mean: Tensor = (y * share).sum(1) / share.sum(1).clamp_min(1)
        return y[:, 0] if self.pooling == "first" else mean


class Informed(Grams):
    """A linear model of runs, as `Grams`, and of the vector that a pretrained encoder makes.

    Vectors are counted from their mean in training, and have the same length each.

    Args:
        share: The length of a vector; that of all runs of a text is 1.
    """

    middle: Tensor

    def __init__(
        self,
        words: int,
        characters: int,
        buckets: int,
        outputs: int,
        strength: float,
        share: float,
        encoder: Encoder,
    ) -> None:
        super().__init__(words, characters, buckets, outputs, strength)
        self.share = share
        self.encoder = encoder
        self.register_buffer("middle", torch.zeros(encoder.width))
        self.slope = nn.Parameter(torch.zeros(encoder.width, outputs), requires_grad=False)

    def scaled(self, vectors: Tensor) -> Tensor:
        """Return vectors of texts as the linear model takes them, (texts, width)."""
        return self.share * functional.normalize(vectors - self.middle)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) + self.scaled(self.encoder(x)) @ self.slope
