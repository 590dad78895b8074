"""The scores as a whole: on every kind of network, without a trace, and equal when repeated."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from archwright.core.architecture import decode, sample
from archwright.errors import SpaceError
from archwright.measure.cost import size
from archwright.measure.zerocost import COUNTS, WORST, ZERO_COST, scores
from archwright.nets.build import build
from archwright.nets.prepare import prepare
from archwright.nets.site import Signature
from archwright.spaces import cell201, chain, mlp
from archwright.testing import TOY

CASES: dict[str, tuple[Callable[[Any], Any], Signature]] = {
    "mlp": (mlp.mlp, Signature((6,), 3, "classification", (4, 2))),
    "mlp for a value": (mlp.mlp, Signature((5,), 1, "regression")),
    "chain": (chain.chain, Signature((2, 8, 8), 3)),
    "chain for a value": (chain.chain, Signature((1, 7, 9), 1, "regression")),
    "cell201": (cell201.cell201, Signature((3, 8, 8), 4)),
    "toy": (lambda shape: TOY, Signature((2, 6, 6), 3)),
}
ROWS = 12


def batch(signature: Signature, rows: int = ROWS) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    x = 50 + 20 * torch.randn(rows, *signature.shape, generator=generator)
    for i, levels in enumerate(signature.categories):
        column = signature.shape[0] - len(signature.categories) + i
        x[:, column] = torch.randint(levels, (rows,), generator=generator).float()
    y = torch.arange(rows)
    return x, 100.0 + y if signature.regression else y % signature.outputs


def fresh(case: str, seed: int) -> tuple[nn.Module, Tensor, Tensor]:
    make, signature = CASES[case]
    space = make(signature.shape)
    x, y = batch(signature)
    torch.manual_seed(seed)
    rng = Random(seed)
    while True:
        try:
            net = build(decode(space, sample(space, rng)), signature)
        except SpaceError:  # a cell whose output is not reached
            continue
        prepare(net, x, y, torch.arange(len(x)))
        return net, x, y


@pytest.mark.parametrize("case", CASES)
def test_every_network_that_is_built_can_be_scored(case: str) -> None:
    for seed in range(2):
        net, x, y = fresh(case, seed)
        found = scores(net, x, y)
        assert list(found) == list(ZERO_COST)
        for name, value in found.items():
            assert isinstance(value, float), name
            assert math.isfinite(value) or value == WORST, f"{name} is {value}"
        undefined = {name for name, value in found.items() if value == WORST}
        # Linear activations have no units, a network of one block no second one to compare with.
        assert undefined <= {"nwot", "swap", "progressivity", "trainability"}, undefined


@pytest.mark.parametrize("case", ["mlp", "chain", "cell201"])
def test_scoring_leaves_no_trace(case: str) -> None:
    net, x, y = fresh(case, 0)
    net.eval()
    for parameter in net.parameters():
        parameter.grad = torch.ones_like(parameter)
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    given, drawn = x.clone(), torch.get_rng_state()
    scores(net, x, y)
    assert all(torch.equal(before[name], tensor) for name, tensor in net.state_dict().items())
    assert all(bool((p.grad == 1).all()) for p in net.parameters() if p.grad is not None)
    assert all(p.grad is not None and p.requires_grad for p in net.parameters())
    assert not any(module.training for module in net.modules())
    assert not any(m._forward_hooks or "forward" in vars(m) for m in net.modules())
    assert torch.equal(x, given)
    assert not x.requires_grad
    assert torch.equal(torch.get_rng_state(), drawn), "draws from the global generator"


@pytest.mark.parametrize("case", ["mlp", "chain"])
def test_equal_arguments_give_equal_scores_alone_or_together(case: str) -> None:
    net, x, y = fresh(case, 1)
    together = scores(net, x, y)
    assert scores(net, x, y) == together
    for name in ZERO_COST:
        assert scores(net, x, y, [name])[name] == pytest.approx(together[name], rel=1e-5), name


def test_dropout_does_not_make_scores_random() -> None:
    net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 3))
    x, y = batch(Signature((5,), 3))
    names = ["grad_norm", "nwot", "jacob_cov"]
    assert scores(net, x, y, names) == scores(net, x, y, names)


def test_another_seed_gives_other_draws_where_a_score_draws() -> None:
    net, x, y = fresh("chain", 0)
    one, other = scores(net, x, y), scores(net, x, y, seed=1)
    drawing = {name for name in ZERO_COST if one[name] != other[name]}
    assert drawing <= {"zen", "expressivity", "progressivity", "trainability"}
    assert {"zen", "expressivity"} <= drawing


def test_an_output_that_never_changes_is_worst_in_all_that_looks_at_data() -> None:
    class Zero(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return 0 * x

    net = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), Zero(), nn.Linear(8, 3))
    found = scores(net, *batch(Signature((5,), 3)))
    assert {name for name, value in found.items() if value == WORST} == set(ZERO_COST) - set(COUNTS)


def test_counts_are_those_of_the_cost_and_complexity_is_another_word_for_macs() -> None:
    net, x, y = fresh("chain", 0)
    found = scores(net, x, y, ["params", "macs", "complexity"])
    expected = size(net, tuple(x.shape[1:]))
    assert found == {**expected, "complexity": expected["macs"]}


def test_pixels_in_bytes_are_scored_as_they_would_be_as_numbers() -> None:
    net, x, y = fresh("chain", 0)
    pixels = x.clamp(0, 255).to(torch.uint8)
    assert scores(net, pixels, y) == scores(net, pixels.float(), y)


def test_an_unknown_score_is_refused_with_the_nearest_name() -> None:
    net, x, y = fresh("mlp", 0)
    with pytest.raises(SpaceError, match=r"no such zero-cost score: 'sinflow'.*'synflow'"):
        scores(net, x, y, ["params", "sinflow"])


def test_several_targets_of_different_kinds_can_be_scored() -> None:
    signature = Signature((6,), 4, "multitask", widths=(3, 1))
    torch.manual_seed(0)
    x, y = torch.randn(64, 6), torch.stack([torch.arange(64.0) % 3, 500 + torch.randn(64)], 1)
    net = build(decode(mlp.mlp((6,)), mlp.portfolio((6,))[0]), signature)
    prepare(net, x, y, torch.arange(64), signature.widths)
    found = scores(net, x, y, ("grad_norm", "snip", "zico"), widths=signature.widths)
    assert all(math.isfinite(value) and value != WORST for value in found.values())
