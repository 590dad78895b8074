"""Updates of weights: the same as torch's where it has them, orthogonal where it has not."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn

from archwright.train.optimise import AdamW, Muon, optimisers, orthogonal
from archwright.train.recipe import Recipe


def net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(2, 8, 3, bias=False),
        nn.BatchNorm2d(8),
        nn.Conv2d(8, 8, 3, groups=8, bias=False),
        nn.Flatten(),
        nn.Linear(8 * 4, 3),
    )


def step_back(net: nn.Module) -> None:
    x = torch.rand(5, 2, 6, 6, generator=torch.Generator().manual_seed(1))
    net.zero_grad()
    net(x).square().mean().backward()


def test_adamw_is_that_of_torch() -> None:
    ours, theirs = net(), net()
    own = AdamW(list(ours.parameters()), 0.01, 0.1)
    torchs = torch.optim.AdamW(theirs.parameters(), 0.01, weight_decay=0.1)
    for share in (1.0, 0.5, 0.25):
        step_back(ours)
        step_back(theirs)
        own.step(share)
        torchs.param_groups[0]["lr"] = 0.01 * share
        torchs.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("shape", [(8, 8), (4, 30), (30, 4)])
def test_all_directions_are_moved_alike(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0)) @ torch.diag(
        torch.linspace(0.2, 2, shape[1])
    )
    values = torch.linalg.svdvals(orthogonal(matrix))
    assert values.min() > 0.4
    assert values.max() < 1.4
    before = torch.linalg.svdvals(matrix)
    assert before.max() / before.min() > values.max() / values.min()


def test_muon_keeps_the_norm_of_filters() -> None:
    ours = net()
    filters = next(ours.parameters())
    muon = Muon([filters], 0.1)
    for _ in range(3):
        step_back(ours)
        muon.step(1.0)
    before = filters.detach().clone()
    step_back(ours)
    muon.step(0.0)
    assert float(filters.detach().norm()) == pytest.approx(8**0.5)
    torch.testing.assert_close(filters / filters.norm(), before / before.norm())


def test_muon_takes_filters_and_leaves_the_rest() -> None:
    recipe = Recipe(1, 1, lr=0.01, weight_decay=0.1, muon=0.2)
    made = optimisers(net(), recipe)
    muon = [each for each in made if isinstance(each, Muon)]
    assert [tuple(p.shape) for each in muon for p in each.params] == [(8, 2, 3, 3)]
    assert sum(len(each.params) for each in made) == len(list(net().parameters()))  # type: ignore[attr-defined]
    decays = {
        p.ndim > 1: each.decay for each in made if isinstance(each, AdamW) for p in each.params
    }
    assert decays == {True: 0.1, False: 0.0}


def test_without_muon_all_is_left_to_adamw() -> None:
    made = optimisers(net(), Recipe(1, 1, lr=0.01, weight_decay=0.1))
    assert {type(each) for each in made} == {AdamW}


@pytest.mark.slow  # loads torch
def test_training_does_not_load_the_compiler() -> None:
    script = (
        "import sys, torch; from archwright.train.optimise import AdamW;"
        "p = torch.ones(2, requires_grad=True); p.sum().backward(); AdamW([p], 0.1, 0.0).step(1.0);"
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
