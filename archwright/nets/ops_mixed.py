"""Building blocks for several inputs at once; the rules of `ops_common` hold here too.

An example comes as one row of numbers, in which its inputs lie one after the other.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class Encoders(nn.Module):
    """Gives each input to its encoder: (rows, numbers) -> (rows, width, inputs).

    What encoders make is normalised, each by itself, so that none outweighs the others.

    Args:
        shapes: Of the inputs, in the order in which they lie in an example.
        width: How many numbers an encoder gives.
        forget: The share of inputs that are left out in training, whole (ModDrop,
            arXiv:1501.00102): they are 0 then, but never all of an example.
        encoders: One an input.
    """

    def __init__(
        self,
        shapes: tuple[tuple[int, ...], ...],
        width: int,
        forget: float,
        encoders: nn.ModuleList,
    ) -> None:
        super().__init__()
        self.shapes = shapes
        self.width = width
        self.forget = forget
        self.encoders = encoders
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in shapes])

    def parts(self, x: Tensor) -> list[Tensor]:
        """Return the inputs of some examples, (rows, *shape) each."""
        sizes = [math.prod(shape) for shape in self.shapes]
        cut = x.split(sizes, 1)
        return [each.reshape(-1, *shape) for each, shape in zip(cut, self.shapes, strict=True)]

    def forward(self, x: Tensor) -> Tensor:
        each = zip(self.norms, self.encoders, self.parts(x), strict=True)
        y = torch.stack([norm(encoder(part)) for norm, encoder, part in each], 2)
        if self.training and self.forget:
            kept = torch.rand(len(y), 1, len(self.shapes), device=y.device) >= self.forget
            y = y * (kept | ~kept.any(2, keepdim=True)).to(y.dtype)
        return y


class Gated(nn.Module):
    """A sum of the inputs in which gates, that see all of them, say how much each counts.

    The gated multimodal unit (GMU, arXiv:1702.01992, section 3.1): (rows, width, inputs) to (rows,
    width).

    Args:
        inputs: How many there are.
    """

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.inputs = inputs
        self.width = width
        self.told = nn.ModuleList([nn.Linear(width, width) for _ in range(inputs)])
        self.gates = nn.Linear(inputs * width, inputs * width)

    def forward(self, x: Tensor) -> Tensor:
        told = torch.stack([layer(x[:, :, i]) for i, layer in enumerate(self.told)], 2).tanh()
        gates = self.gates(x.flatten(1)).sigmoid().reshape(-1, self.width, self.inputs)
        y: Tensor = (gates * told).sum(2)
        return y
