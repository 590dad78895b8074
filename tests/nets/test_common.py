"""Building blocks for any kind of data."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archwright.measure.cost import size
from archwright.nets.ops_common import Averaged
from archwright.nets.weigh import counted

SHARES = (0.5, 0.3, 0.2)


def networks(outputs: int) -> nn.ModuleList:
    torch.manual_seed(0)
    return nn.ModuleList([nn.Sequential(nn.Linear(4, outputs)) for _ in SHARES])


@pytest.fixture
def x() -> torch.Tensor:
    return torch.randn(7, 4, generator=torch.Generator().manual_seed(1))


def test_a_softmax_gives_the_mean_of_the_probabilities(x: torch.Tensor) -> None:
    parts = networks(3)
    found = Averaged(parts, SHARES, kind="classification")(x).softmax(1)
    expected = sum(s * part(x).softmax(1) for s, part in zip(SHARES, parts, strict=True))
    torch.testing.assert_close(found, expected)


def test_probabilities_too_small_for_a_float_stay_finite(x: torch.Tensor) -> None:
    parts = networks(3)
    for part in parts:
        nn.init.constant_(part[0].bias, 0.0)  # type: ignore[index]
        part[0].bias.data[0] = 500.0  # type: ignore[index]
    assert torch.isfinite(Averaged(parts, SHARES, kind="classification")(x)).all()


def test_values_are_averaged_as_they_are(x: torch.Tensor) -> None:
    parts = networks(1)
    expected = sum(s * part(x) for s, part in zip(SHARES, parts, strict=True))
    torch.testing.assert_close(Averaged(parts, SHARES, kind="regression")(x), expected)


def test_it_costs_what_its_networks_cost_together() -> None:
    net = Averaged(networks(3), SHARES, kind="classification")
    assert counted(net, (4,)) == size(net, (4,)) == {"params": 45.0, "macs": 36.0}
