"""Building blocks for any kind of data.

Classes here are copied into `model.py` as they stand. So each one imports nothing but torch and
the standard library, and keeps every constructor argument in an attribute of the same name.
"""

from __future__ import annotations

import math

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
        inputs: How many states go in; all are given the same tensor where a single one comes.
        outputs: The states that are given, side by side.
        vertices: What each state after the inputs is put through once it is summed.
    """

    def __init__(
        self,
        edges: nn.ModuleList,
        sources: tuple[int, ...],
        targets: tuple[int, ...],
        inputs: int,
        outputs: tuple[int, ...],
        vertices: nn.ModuleList | None = None,
    ) -> None:
        super().__init__()
        self.edges = edges
        self.sources = sources
        self.targets = targets
        self.inputs = inputs
        self.outputs = outputs
        self.vertices = vertices

    def forward(self, *given: Tensor) -> Tensor:
        states = list(given) if len(given) == self.inputs else [given[0]] * self.inputs
        for state in range(self.inputs, 1 + max(self.targets)):
            ends = zip(self.edges, self.sources, self.targets, strict=True)
            first, *more = [edge(states[source]) for edge, source, end in ends if end == state]
            total = sum(more, first)
            inner = state - self.inputs
            states.append(total if self.vertices is None else self.vertices[inner](total))
        given_out = [states[state] for state in self.outputs]
        return given_out[0] if len(given_out) == 1 else torch.cat(given_out, 1)


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


class Averaged(nn.Module):
    """The mean of what several networks say: of their probabilities, or of their values.

    Probabilities come back as logarithms, which a softmax turns into the same probabilities.

    Args:
        networks: Each takes what goes in.
        shares: How much each of them counts; they add up to 1.
        classes: Whether they give (rows, classes) logits, or (rows, 1) values.
    """

    def __init__(self, networks: nn.ModuleList, shares: tuple[float, ...], classes: bool) -> None:
        super().__init__()
        self.networks = networks
        self.shares = shares
        self.classes = classes

    def forward(self, x: Tensor) -> Tensor:
        said = list(zip([network(x) for network in self.networks], self.shares, strict=True))
        if not self.classes:
            return torch.stack([share * values for values, share in said]).sum(0)
        logs = [logits.log_softmax(1) + math.log(share) for logits, share in said]
        return torch.stack(logs).logsumexp(0)
