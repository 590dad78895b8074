"""Building blocks for images; the rules of `ops_common` hold here too."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Normalise(nn.Module):
    """Brings each channel to mean 0 and deviation 1, as measured on the training images."""

    mean: Tensor
    std: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.register_buffer("mean", torch.zeros(channels, 1, 1))
        self.register_buffer("std", torch.ones(channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.std


class Views(nn.Module):
    """The mean of what `body` says of an image and of its mirror images.

    Args:
        flips: The axes that images are flipped along, each for a mirror image.
    """

    def __init__(self, body: nn.Module, flips: tuple[int, ...]) -> None:
        super().__init__()
        self.body = body
        self.flips = flips

    def forward(self, x: Tensor) -> Tensor:
        views = [self.body(x), *[self.body(x.flip(axis)) for axis in self.flips]]
        return torch.stack(views).mean(0)
