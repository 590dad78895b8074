"""The planner: measures, and leaves the network as it was."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import nn

from archwright.train.fit import Batches, Plan
from archwright.train.plan import choose, device
from archwright.train.recipe import Recipe

RECIPE = Recipe(epochs=1, batch=8, lr=0.01, weight_decay=0.0)


def test_measuring_restores_the_weights_and_statistics() -> None:
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.BatchNorm2d(4),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4, 2),
    )
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    data = Batches(torch.rand(64, 1, 6, 6), torch.arange(64) % 2, torch.arange(64))
    measured = choose(net, data, RECIPE, (1,))
    assert measured.seconds > 0
    for name, tensor in net.state_dict().items():
        assert torch.equal(tensor, before[name]), name


def test_tables_have_one_layout_and_images_three() -> None:
    net = nn.Linear(3, 2)
    data = Batches(torch.rand(64, 3), torch.arange(64) % 2, torch.arange(64))
    plan = choose(net, data, RECIPE, (1,)).plan
    assert replace(plan, keep_freed=False) == Plan(threads=1)


def test_there_is_a_device() -> None:
    assert torch.zeros(1, device=device()).sum() == 0
