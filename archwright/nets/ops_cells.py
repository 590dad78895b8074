"""Building blocks of cell spaces for images; the rules of `ops_common` hold here too."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class FactorisedReduction(nn.Module):
    """Halves the image: half of the channels see the even pixels, half the odd (arXiv:1707.07012).

    Slices and then convolves, which is a 1 x 1 convolution of stride 2; where a side is odd, its
    last odd pixel is 0.

    Args:
        inside: Channels that go in.
        outside: Channels that come out.
    """

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.inside = inside
        self.outside = outside
        self.even = nn.Conv2d(inside, outside // 2, 1, bias=False)
        self.odd = nn.Conv2d(inside, outside - outside // 2, 1, bias=False)
        self.norm = nn.BatchNorm2d(outside)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(x)
        odd = functional.pad(x, (0, 1, 0, 1))[:, :, 1::2, 1::2]
        y: Tensor = self.norm(torch.cat([self.even(x[:, :, ::2, ::2]), self.odd(odd)], 1))
        return y


class Truncated(nn.Module):
    """Keeps the first `channels` of what goes in."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels

    def forward(self, x: Tensor) -> Tensor:
        return x[:, : self.channels]


class TwoInputs(nn.Module):
    """A cell that is given what the last two cells made, each fitted to it.

    Args:
        before: Fits what the last cell but one made.
        last: Fits what the last cell made.
        cell: Takes both.
    """

    def __init__(self, before: nn.Module, last: nn.Module, cell: nn.Module) -> None:
        super().__init__()
        self.before = before
        self.last = last
        self.cell = cell

    def forward(self, before: Tensor, last: Tensor) -> Tensor:
        y: Tensor = self.cell(self.before(before), self.last(last))
        return y


class CellChain(nn.Module):
    """Cells in a row, each of which sees the last two; the first sees the stem twice."""

    def __init__(self, stem: nn.Module, cells: nn.ModuleList) -> None:
        super().__init__()
        self.stem = stem
        self.cells = cells

    def forward(self, x: Tensor) -> Tensor:
        before: Tensor = self.stem(x)
        last = before
        for cell in self.cells:
            before, last = last, cell(before, last)
        return last
