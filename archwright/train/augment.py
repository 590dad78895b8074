"""Changes to the images in a batch of training examples that leave their meaning alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from archwright.train.recipe import Recipe


class Augment:
    """What a recipe does to training images; to other examples it does nothing.

    Flips alternate, as in airbench (arXiv:2404.00498): which images are flipped is drawn once, and
    from one epoch to the next it is the other ones, so that two epochs show both sides of each.

    Args:
        examples: All examples: images, (examples, channels, height, width), or rows of numbers.
        inputs: The shapes of several inputs, which lie in such a row one after the other: those
            that are images are moved, but not flipped.
    """

    def __init__(
        self,
        recipe: Recipe,
        examples: Tensor,
        generator: torch.Generator,
        inputs: Sequence[tuple[int, ...]] = (),
    ) -> None:
        self._generator = generator
        self._most, self._sides = 0, dict[int, Tensor]()
        self._share, self._inside = recipe.shift, list(_images(inputs))
        if examples.ndim == 4:
            self._most = round(recipe.shift * examples.shape[-1])
            for axis in recipe.flips:
                self._sides[axis] = torch.rand(len(examples), generator=generator) < 0.5

    def __call__(self, batch: Tensor, rows: Tensor, epoch: int) -> Tensor:
        """Return the batch, which holds the examples `rows`, as it is to be seen in this epoch."""
        for axis, side in self._sides.items():
            turned = (side[rows] ^ bool(epoch % 2)).view(-1, 1, 1, 1).to(batch.device)
            batch = torch.where(turned, batch.flip(axis), batch)
        for first, shape in self._inside:
            own = slice(first, first + math.prod(shape))
            images, most = batch[:, own].unflatten(1, shape), round(self._share * shape[-1])
            batch[:, own] = shift(images, most, self._generator).flatten(1)
        return shift(batch, self._most, self._generator) if self._most else batch


def _images(inputs: Sequence[tuple[int, ...]]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield where each image begins in a row, and its shape."""
    first = 0
    for shape in inputs:
        if len(shape) == 3:
            yield first, shape
        first += math.prod(shape)


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
