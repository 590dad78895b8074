"""Building blocks for texts; the rules of `ops_common` hold here too.

A text comes as the numbers of its parts, (9 or more, length), see `preprocess_text`; 0 is past
its end.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

PRIME = 1_000_003
"""By which runs of parts are hashed."""


class Text(nn.Module):
    """Embeds the parts of texts, and pools what `body` makes of them over each text.

    With `grams` above 1 the hashed runs of two, three ... parts are embedded too, and added where
    they start (fastText, arXiv:1607.01759).

    Args:
        first, last: The rows of an example that are read: words, pieces or characters.
        parts: How many numbers there are.
        width: Of an embedding.
        buckets: How many embeddings runs of parts share.
        forget: The share of parts that are taken as unseen in training, drawn each time.
        dropout: Of the numbers in embeddings.
        pooling: `mean`, `max` or `both` over the text.
    """

    def __init__(
        self,
        first: int,
        last: int,
        parts: int,
        width: int,
        grams: int,
        buckets: int,
        forget: float,
        dropout: float,
        body: nn.Module,
        pooling: str,
    ) -> None:
        super().__init__()
        self.first = first
        self.last = last
        self.parts = parts
        self.width = width
        self.grams = grams
        self.buckets = buckets
        self.forget = forget
        self.dropout = dropout
        self.pooling = pooling
        self.embedding = nn.Embedding(parts, width)
        self.runs = nn.Embedding(buckets if grams > 1 else 1, width)
        nn.init.normal_(self.embedding.weight, std=0.1)
        nn.init.normal_(self.runs.weight, std=0.1)
        self.body = body

    def embedded(self, numbers: Tensor) -> Tensor:
        """Return (rows, length, width) of numbers (rows, length), 0 past the end."""
        y = self.embedding(numbers)
        run, length = numbers, numbers.shape[1]
        for step in range(1, self.grams):
            after = functional.pad(numbers, (0, step))[:, step : step + length]
            run = (run * PRIME + after) % self.buckets
            y = y + self.runs(run) * (after > 0).to(y.dtype).unsqueeze(2)
        return functional.dropout(y, self.dropout, self.training)

    def forward(self, x: Tensor) -> Tensor:
        numbers = x[:, self.first : self.last].flatten(1).clamp(0, self.parts - 1).long()
        known = (numbers > 0).unsqueeze(1)
        if self.training and self.forget:
            gone = torch.rand(numbers.shape, device=x.device) < self.forget
            numbers = torch.where(gone & (numbers > 0), torch.ones_like(numbers), numbers)
        y = self.body(self.embedded(numbers).transpose(1, 2) * known.to(x.dtype))
        share = known.to(y.dtype)
        pooled = []
        if self.pooling != "max":
            pooled.append((y * share).sum(2) / share.sum(2).clamp_min(1))
        if self.pooling != "mean":
            highest = torch.where(known, y, torch.full_like(y, -1e4)).amax(2)
            pooled.append(highest * share.amax(2))
        return torch.cat(pooled, 1)


class Attention(nn.Module):
    """Blocks of self-attention and dense layers (arXiv:1706.03762), normalised first.

    Where we differ: positions are learnt. What is 0 in all channels is past the end, and is not
    looked at.
    """

    def __init__(self, width: int, length: int, heads: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.width = width
        self.length = length
        self.heads = heads
        self.layers = layers
        self.dropout = dropout
        self.places = nn.Parameter(torch.randn(length, width) * 0.1)
        self.asking = nn.ModuleList([nn.Linear(width, 3 * width) for _ in range(layers)])
        self.telling = nn.ModuleList([nn.Linear(width, width) for _ in range(layers)])
        self.wide = nn.ModuleList([nn.Linear(width, 2 * width) for _ in range(layers)])
        self.narrow = nn.ModuleList([nn.Linear(2 * width, width) for _ in range(layers)])
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in range(2 * layers)])

    def forward(self, x: Tensor) -> Tensor:
        beyond = (x == 0).all(1).to(x.dtype) * -1e9
        y = x.transpose(1, 2) + self.places
        for i in range(self.layers):
            looked = attended(self.asking[i](self.norms[2 * i](y)), beyond, self.heads)
            y = y + functional.dropout(self.telling[i](looked), self.dropout, self.training)
            inner = functional.gelu(self.wide[i](self.norms[2 * i + 1](y)))
            y = y + functional.dropout(self.narrow[i](inner), self.dropout, self.training)
        return y.transpose(1, 2)


def attended(asked: Tensor, beyond: Tensor, heads: int) -> Tensor:
    """Return what each place takes from the others, (rows, length, width).

    Args:
        asked: Queries, keys and values beside each other, (rows, length, 3 times width).
        beyond: (rows, length), far below zero where a place is not to be looked at.
    """
    rows, length, width = asked.shape[0], asked.shape[1], asked.shape[2] // 3
    size = (rows, length, heads, width // heads)
    query, key, value = [part.reshape(size).transpose(1, 2) for part in asked.chunk(3, 2)]
    match = torch.matmul(query, key.transpose(2, 3)) * (width / heads) ** -0.5
    share = (match + beyond[:, None, None, :]).softmax(3)
    return torch.matmul(share, value).transpose(1, 2).flatten(2)


class Grams(nn.Module):
    """A linear model of the runs of words and of characters of a text, fitted and not trained.

    A run counts as often as it is found, weighed by how rare it is in training (TF-IDF); runs of
    words weigh as much together as runs of characters do. Runs are hashed (Weinberger et al. 2009,
    arXiv:0902.2206), so those of training need not be stored.

    Args:
        words, characters: How long runs may be; 0 leaves them out. One character is no run.
        buckets: How many weights the runs of each kind share, for each output.
        outputs: Classes, or 1 for a value.
        strength: Of the fit: what an error costs, against large weights.
    """

    rarity: Tensor

    def __init__(
        self, words: int, characters: int, buckets: int, outputs: int, strength: float
    ) -> None:
        super().__init__()
        self.words = words
        self.characters = characters
        self.buckets = buckets
        self.outputs = outputs
        self.strength = strength
        self.register_buffer("rarity", torch.ones(2 * buckets))
        self.weight = nn.Parameter(torch.zeros(2 * buckets, outputs), requires_grad=False)
        self.bias = nn.Parameter(torch.zeros(outputs), requires_grad=False)

    def count(self, length: int) -> int:
        """Return how many runs a text of so many words has at most."""
        return length * (self.words + 6 * max(0, self.characters - 1))

    def runs(self, numbers: Tensor, shortest: int, longest: int) -> list[tuple[Tensor, Tensor]]:
        """Return the bucket of the run that starts at each place, and whether there is one."""
        length, run, found = numbers.shape[1], torch.zeros_like(numbers), []
        for step in range(longest):
            after = functional.pad(numbers, (0, step))[:, step : step + length]
            run = (run * PRIME + after) % self.buckets
            if step + 1 >= shortest:
                found.append((run, after > 0))
        return found

    def places(self, x: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Return numbers of weights, each with how much it counts, (rows, places) both."""
        numbers = x.long()
        words = self.runs(numbers[:, 0], 1, self.words)
        signs = self.runs(numbers[:, 3:9].flatten(1), 2, self.characters)
        signs = [(run + self.buckets, there) for run, there in signs]
        found = list[tuple[Tensor, Tensor]]()
        for kind in filter(None, (words, signs)):
            shares = [self.rarity[run] * there.to(self.rarity.dtype) for run, there in kind]
            whole = torch.cat(shares, 1).norm(dim=1, keepdim=True).clamp_min(1e-6)
            for (run, _), share in zip(kind, shares, strict=True):
                found.append((run, share / whole))
        return found

    def forward(self, x: Tensor) -> Tensor:
        found = [torch.matmul(s.unsqueeze(1), self.weight[run]) for run, s in self.places(x)]
        return torch.cat(found, 1).sum(1) + self.bias
