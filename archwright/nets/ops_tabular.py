"""Building blocks for tables; the rules of `ops_common` hold here too."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Columns(nn.Module):
    """Takes the columns of a table apart: (rows, numeric + categorical) -> (rows, features).

    Numeric columns come first and are standardised; categorical ones hold whole numbers. Extreme
    numbers are bent smoothly into -3 ... 3 (arXiv:2407.04491) and, with `bins`, also written as
    piecewise linear codes between quantiles of the training rows (arXiv:2203.05556, equation 1,
    here clipped at both ends). Categories are embedded, all in one table.

    Args:
        numeric: How many numeric columns there are.
        categories: How many values each categorical column has.
        bins: Pieces per numeric column; 0 for none.
        embedding: Numbers per embedded category.
    """

    edges: Tensor
    offsets: Tensor

    def __init__(
        self, numeric: int, categories: tuple[int, ...], bins: int, embedding: int
    ) -> None:
        super().__init__()
        self.numeric = numeric
        self.categories = categories
        self.bins = bins
        self.embedding = embedding
        self.register_buffer("edges", torch.linspace(-2, 2, bins + 1).repeat(numeric, 1))
        starts = [sum(categories[:i]) for i in range(len(categories))]
        self.register_buffer("offsets", torch.tensor(starts, dtype=torch.int64))
        self.table = nn.Embedding(max(1, sum(categories)), embedding)

    def forward(self, x: Tensor) -> Tensor:
        numbers, codes = x[:, : self.numeric], x[:, self.numeric :]
        parts = [numbers / torch.sqrt(1 + (numbers / 3) ** 2)]
        if self.bins and self.numeric:
            low, high = self.edges[:, :-1], self.edges[:, 1:]
            pieces = (numbers.unsqueeze(2) - low) / (high - low).clamp_min(1e-6)
            parts.append(pieces.clamp(0, 1).flatten(1))
        if self.categories:
            parts.append(self.table(codes.long() + self.offsets).flatten(1))
        return torch.cat(parts, 1)
