"""Building blocks of macro spaces for images; the rules of `ops_common` hold here too."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Gate(nn.Module):
    """Multiplies what goes in by what `body` makes of it: squeeze-and-excite (arXiv:1709.01507)."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = x * self.body(x)
        return y


class Joined(nn.Module):
    """Gives what goes in and what `body` makes of it, side by side (arXiv:1608.06993)."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.body(x)], 1)
