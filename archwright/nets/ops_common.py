"""Building blocks for any kind of data.

Classes here are copied into `model.py` as they stand. So each one imports nothing but torch, and
keeps every constructor argument in an attribute of the same name.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "linear": nn.Identity,
}


class Residual(nn.Module):
    """Adds what goes in, fitted by `shortcut`, to what `body` makes of it (arXiv:1512.03385)."""

    def __init__(self, body: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.body(x) + self.shortcut(x)
        return y


class Cell(nn.Module):
    """A directed acyclic graph: each state is the sum of its incoming edges.

    Args:
        edges: One module per edge, in the order of `sources` and `targets`.
        sources: The state each edge reads; states 0 to `inputs` - 1 are what goes in.
        targets: The state each edge adds to.
        inputs: How many states go in; all are given the same tensor.
        concat: Give all inner states side by side instead of the last one.
    """

    def __init__(
        self,
        edges: nn.ModuleList,
        sources: tuple[int, ...],
        targets: tuple[int, ...],
        inputs: int,
        concat: bool,
    ) -> None:
        super().__init__()
        self.edges = edges
        self.sources = sources
        self.targets = targets
        self.inputs = inputs
        self.concat = concat

    def forward(self, x: Tensor) -> Tensor:
        states = dict.fromkeys(range(self.inputs), x)
        order = sorted(range(len(self.edges)), key=lambda i: self.targets[i])
        for i in order:
            source, target = self.sources[i], self.targets[i]
            y = self.edges[i](states[source])
            states[target] = states[target] + y if target in states else y
        if self.concat:
            return torch.cat([states[i] for i in sorted(states) if i >= self.inputs], 1)
        return states[max(states)]


class Unscale(nn.Module):
    """Turns the network's standardised answer into the target's own unit."""

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(1))
        self.register_buffer("std", torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.std + self.mean
