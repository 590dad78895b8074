"""Which images may be flipped: pictures of things that have no left and right, but no digits."""

from __future__ import annotations

import math

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

from archwright.train.fit import Batches, Plan
from archwright.train.recipe import Recipe
from archwright.train.symmetry import mirrored

RECIPE = Recipe(epochs=5, batch=32, lr=0.01, weight_decay=0.01)


def net(outputs: int) -> nn.Module:
    torch.manual_seed(0)
    layers = (nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(16 * 64, outputs))
    return nn.Sequential(*layers)


def asked(images: Tensor, y: Tensor, widths: tuple[int, ...] = ()) -> tuple[int, ...]:
    outputs = sum(widths) or (1 if y.is_floating_point() else 10)
    rows = torch.arange(len(images))
    data = Batches(images, y, rows[: len(rows) * 2 // 3], widths=widths)
    valid = rows[len(rows) * 2 // 3 :]
    return mirrored(net(outputs), data, valid, RECIPE, Plan(), math.inf)


def digits() -> tuple[Tensor, Tensor]:
    found = load_digits()
    return torch.from_numpy(found.images).float().unsqueeze(1), torch.from_numpy(found.target)


def test_digits_may_not_be_flipped() -> None:
    assert asked(*digits()) == ()


def test_what_reads_the_same_from_both_sides_may_be_flipped() -> None:
    images, y = digits()
    sideways = (images + images.flip(-1)) / 2  # each image equals its own mirror image
    assert asked(sideways, y) == (-1,)
    assert asked((sideways + sideways.flip(-2)) / 2, y) == (-1, -2)


def test_a_sample_that_was_flipped_at_random_may_be_flipped() -> None:
    images, y = digits()
    turned = torch.rand(len(images), generator=torch.Generator().manual_seed(0)) < 0.5
    images[turned] = images[turned].flip(-1)
    assert asked(images, y) == (-1,)


def test_nothing_learnt_is_no_reason_to_flip() -> None:
    generator = torch.Generator().manual_seed(0)
    noise = torch.rand(300, 1, 8, 8, generator=generator)
    assert asked(noise, torch.randint(0, 10, (300,), generator=generator)) == ()


def test_values_are_asked_for_as_classes_are() -> None:
    images, _ = digits()
    left = images[:, 0, :, :4].mean((1, 2)) - images[:, 0, :, 4:].mean((1, 2))
    assert asked(images, left) == (-2,)  # only left and right make a difference


def test_what_one_of_several_targets_can_be_told_by_counts() -> None:
    images, y = digits()
    left = images[:, 0, :, :4].mean((1, 2)) - images[:, 0, :, 4:].mean((1, 2))
    assert asked(images, torch.stack([1000 * left, y.float()], 1), (1, 10)) == ()
    assert asked(images, torch.stack([(left > 0).float(), 1000 * left], 1), (2, 1)) == (-2,)


def test_tables_have_no_sides() -> None:
    rows = torch.arange(20)
    data = Batches(torch.rand(20, 3), torch.zeros(20, dtype=torch.int64), rows[:10])
    assert mirrored(nn.Linear(3, 2), data, rows[10:], RECIPE, Plan(), math.inf) == ()
