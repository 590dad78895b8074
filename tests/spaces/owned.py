"""A network of a user's own: parts marked, weights outside of layers, helpers beside the class."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from archwright.spaces.marked import either

FACTOR = 2.0


def doubled(x: Tensor) -> Tensor:
    """What a model.py has to bring along."""
    return FACTOR * x


class Block(nn.Module):
    """Convolution and a learnt shift."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.shift = nn.Parameter(torch.empty(width, 1, 1))
        self.register_buffer("count", torch.zeros(2, dtype=torch.int64))
        self.down = None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.normal_(self.shift)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.conv(x)) + self.shift


class Owned(nn.Module):
    """Chooses its stem, its activation, and whether its body is deep."""

    def __init__(self, outputs: int = 3) -> None:
        super().__init__()
        self.width = 8
        self.stem = either(small=nn.Conv2d(1, 8, 3, padding=1), large=nn.Conv2d(1, 8, 5, padding=2))
        self.act = either(nn.ReLU(), nn.GELU())
        self.body = either(
            plain=Block(8), deep=nn.Sequential(Block(8), either(Block(8), nn.Identity()))
        )
        self.head = nn.Linear(8, outputs)

    def forward(self, x: Tensor) -> Tensor:
        x = self.body(self.act(self.stem(x)))
        y: Tensor = self.head(doubled(x).mean((2, 3)))
        return y
