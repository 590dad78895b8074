"""The planner: measures, and leaves the network as it was."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace

import pytest
import torch
from torch import nn

from archwright.train import plan
from archwright.train.fit import Batches, Plan
from archwright.train.plan import Measured, alike, choose, device, worth_trying
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
    found = choose(net, data, RECIPE, (1,)).plan
    assert replace(found, keep_freed=False) == Plan(threads=1)


def test_channels_last_but_not_half_precision_is_tried_where_images_are_among_the_inputs() -> None:
    data = Batches(torch.rand(64, 3), torch.arange(64) % 2, torch.arange(64))
    mixed = replace(data, inputs=((1,), (1, 1, 2)))
    tried = [choose(nn.Linear(3, 2), each, RECIPE, (1,)).tried for each in (data, mixed)]
    assert [any(one.plan.channels_last for one in every) for every in tried] == [False, True]
    assert not any(one.plan.bfloat16 for one in tried[1])


def test_there_is_a_device() -> None:
    assert torch.zeros(1, device=device()).sum() == 0


def three(make: Callable[[], nn.Module]) -> list[nn.Module]:
    return [make() for _ in range(3)]


def normed() -> nn.Module:
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))


TABLE = Batches(torch.rand(64, 3), torch.arange(64) % 2, torch.arange(64))
IMAGES = Batches(torch.rand(64, 1, 4, 4), torch.arange(64) % 2, torch.arange(64))


@pytest.mark.parametrize(("times", "won"), [((2.0, 1.0), True), ((1.1, 1.0), False)])
def test_networks_are_trained_at_once_where_that_is_clearly_faster(
    monkeypatch: pytest.MonkeyPatch, times: tuple[float, float], won: bool
) -> None:
    nets = three(normed)
    before = [tensor.clone() for net in nets for tensor in net.state_dict().values()]
    measured = plan._timed
    taken: list[float] = []

    def timed(trainings: list[Generator[object]]) -> float:
        taken.append(measured(trainings))
        return times[0] if len(trainings) == 3 else times[1]

    monkeypatch.setattr(plan, "_timed", timed)
    alone = Measured(Plan(), 0.5)
    found = alike(nets, [TABLE] * 3, RECIPE, alone)
    assert len(taken) == 2 * plan.ROUNDS
    assert min(taken) > 0
    way = Measured(Plan(fused=34), 0.5 * times[1] / times[0])
    assert found.tried == (alone, way)
    assert found.plan == (way if won else alone).plan
    after = [tensor for net in nets for tensor in net.state_dict().values()]
    assert all(map(torch.equal, before, after))


def test_it_is_not_tried_for_one_network_nor_on_a_cpu_for_images(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nets = three(normed)
    assert worth_trying(nets, [TABLE] * 3)
    assert not worth_trying(nets[:1], [TABLE])
    pictures = three(lambda: nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(8, 2)))
    monkeypatch.setattr(plan, "device", lambda: torch.device("cpu"))
    assert not worth_trying(pictures, [IMAGES] * 3)
    monkeypatch.setattr(plan, "device", lambda: torch.device("cuda"))
    assert worth_trying(pictures, [IMAGES] * 3)
