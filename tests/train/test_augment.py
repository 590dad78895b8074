"""Moving images."""

from __future__ import annotations

import torch

from archwright.train.augment import Augment, shift
from archwright.train.recipe import Recipe

RECIPE = Recipe(epochs=1, batch=8, lr=1e-3, weight_decay=0.0, shift=0.2)


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


def flipped(epoch: int, flips: tuple[int, ...]) -> list[str]:
    """What became of each of 200 images whose first pixel is bright."""
    recipe = Recipe(1, 1, 0.1, 0.1, flips=flips)
    images = torch.zeros(200, 1, 3, 4)
    images[:, :, 0, 0] = 1.0
    augment = Augment(recipe, images, torch.Generator().manual_seed(0))
    seen = augment(images, torch.arange(200), epoch)
    corners = {(0, 0): "as it is", (0, 3): "mirrored", (2, 0): "upside down", (2, 3): "turned"}
    return [corners[int(row), int(column)] for _, _, row, column in seen.nonzero()]


def test_two_epochs_show_both_sides_of_each_image() -> None:
    first, second = flipped(0, (-1,)), flipped(1, (-1,))
    assert set(first) == {"as it is", "mirrored"}
    assert all(one != other for one, other in zip(first, second, strict=True))
    assert flipped(2, (-1,)) == first


def test_axes_are_flipped_independently() -> None:
    assert set(flipped(0, (-1, -2))) == {"as it is", "mirrored", "upside down", "turned"}


def test_what_the_recipe_does_not_have_is_not_done() -> None:
    assert set(flipped(0, ())) == {"as it is"}
    rows = torch.rand(5, 3)
    augment = Augment(Recipe(1, 1, 0.1, 0.1, shift=0.5, flips=(-1,)), rows, torch.Generator())
    assert augment(rows, torch.arange(5), 1) is rows


def test_images_on_an_accelerator_stay_there() -> None:
    recipe = Recipe(1, 4, 1e-3, 0.0, shift=0.2, flips=(-1,))
    augment = Augment(recipe, torch.zeros(8, 1, 5, 5), torch.Generator().manual_seed(0))
    batch = torch.empty(4, 1, 5, 5, device="meta")  # as strict about devices as any accelerator
    assert augment(batch, torch.arange(4), 0).device == batch.device


def test_images_among_several_inputs_are_moved_and_nothing_else_is() -> None:
    inputs = ((3,), (1, 20, 20), (1, 50), (2, 10, 10))
    x = torch.rand(64, 3 + 400 + 50 + 200)
    augment = Augment(RECIPE, x, torch.Generator().manual_seed(0), inputs)
    seen = augment(x.clone(), torch.arange(64), 0)
    sizes = (3, 400, 50, 200)
    pairs = zip(x.split(sizes, 1), seen.split(sizes, 1), strict=True)
    same = [torch.equal(before, after) for before, after in pairs]
    assert same == [True, False, True, False]
    first = torch.rand(1, 1, 20, 20).expand(64, -1, -1, -1)
    moved = Augment(RECIPE, first.flatten(1), torch.Generator().manual_seed(0), ((1, 20, 20),))(
        first.flatten(1).clone(), torch.arange(64), 0
    )
    alone = shift(first, 4, torch.Generator().manual_seed(0))
    assert torch.equal(moved, alone.flatten(1)), "as an image is moved that is the only input"
