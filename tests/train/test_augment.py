"""Moving images."""

from __future__ import annotations

import torch

from archwright.train.augment import shift


def moves(most: int) -> list[tuple[int, int]]:
    """How far the one bright pixel in the middle of each of 200 images went."""
    images = torch.zeros(200, 1, 9, 11)
    images[:, :, 4, 5] = 1.0
    moved = shift(images, most, torch.Generator().manual_seed(0))
    return [(int(row) - 4, int(column) - 5) for _, _, row, column in moved.nonzero()]


def test_images_move_by_at_most_so_many_pixels_in_every_direction() -> None:
    found = moves(2)
    assert len(found) == 200
    assert {row for row, _ in found} == {column for _, column in found} == {-2, -1, 0, 1, 2}


def test_images_move_independently_of_each_other() -> None:
    assert len(set(moves(2))) == 25


def test_edges_repeat_and_no_value_is_made_up() -> None:
    images = torch.arange(48.0).view(1, 2, 4, 6)
    moved = shift(images, 3, torch.Generator().manual_seed(1))
    assert moved.shape == images.shape
    for channel in range(2):
        assert set(moved[0, channel].flatten().tolist()) <= set(
            images[0, channel].flatten().tolist()
        )


def test_equal_seeds_move_alike() -> None:
    images = torch.rand(8, 3, 5, 5)
    one, other = (shift(images, 1, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(one, other)
