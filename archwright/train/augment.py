"""Changes to a batch of training images that leave their meaning alone."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def shift(images: Tensor, most: int, generator: torch.Generator) -> Tensor:
    """Return the images, each moved by up to `most` pixels along both axes; edges repeat.

    Args:
        images: (rows, channels, height, width).
    """
    rows, _, height, width = images.shape
    padded = functional.pad(images, (most,) * 4, mode="replicate")
    moves = torch.randint(0, 2 * most + 1, (2, rows, 1), generator=generator)
    down = (moves[0] + torch.arange(height)).view(rows, 1, height, 1)
    right = (moves[1] + torch.arange(width)).view(rows, 1, 1, width)
    each = torch.arange(rows).view(rows, 1, 1, 1)
    channel = torch.arange(images.shape[1]).view(1, -1, 1, 1)
    return padded[each, channel, down, right]
