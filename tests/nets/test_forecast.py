"""Networks for forecasts: each sees what it says it sees, on its own scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from archwright.auto.splits import make
from archwright.core.space import op
from archwright.data import load
from archwright.nets.build import build
from archwright.nets.ops_forecast import Linear, stretched
from archwright.nets.site import Signature
from archwright.spaces.forecast import looks

WINDOW = Signature((1, 24), 6, "regression", season=4)


def outlook(body: Any, norm: str = "none", signature: Signature = WINDOW, **how: Any) -> nn.Module:
    tree = op("outlook", **({"look": 24, "norm": norm, "calendar": False, "body": body} | how))
    torch.manual_seed(0)
    net = build(tree, signature).eval()
    for parameter in net.parameters():
        nn.init.normal_(parameter, std=0.1)
    return net


LINEAR = op("linear_ahead", kernel=1)


def test_the_longest_window_comes_first_and_none_is_there_twice() -> None:
    assert looks(480) == (480, 360, 240, 120, 60, 14, 5)
    assert looks(5) == (5, 4)
    assert looks(1) == (1,)


def test_a_network_sees_no_further_than_it_looks() -> None:
    net, x = outlook(LINEAR, look=6), torch.randn(3, 1, 24)
    other = x.clone()
    other[:, :, :18] += 5
    torch.testing.assert_close(net(x), net(other))
    other[:, :, 18:] += 5
    assert not torch.allclose(net(x), net(other))


@pytest.mark.parametrize("norm", ["last", "mean", "std"])
def test_a_window_that_lies_higher_is_gone_on_with_higher(norm: str) -> None:
    net, x = outlook(LINEAR, norm), torch.randn(3, 1, 24)
    torch.testing.assert_close(net(x + 7), net(x) + 7)


def test_a_window_that_swings_more_widely_is_gone_on_with_more_widely() -> None:
    net, x = outlook(LINEAR, "std"), torch.randn(3, 1, 24)
    torch.testing.assert_close(net(3 * x), 3 * net(x), rtol=1e-3, atol=1e-3)


def test_before_it_is_trained_a_network_says_the_level_of_the_window() -> None:
    x = torch.randn(3, 1, 24)
    for norm, level in (("last", x[:, 0, -1:]), ("mean", x.mean(2)), ("none", 0 * x[:, 0, :1])):
        tree = op("outlook", look=24, norm=norm, calendar=False, body=op("linear_ahead", kernel=5))
        torch.testing.assert_close(build(tree, WINDOW)(x), level.expand(-1, 6))


def test_a_short_history_is_on_the_scale_of_what_it_has() -> None:
    net, x = outlook(LINEAR, "mean"), torch.randn(2, 1, 24)
    x[:, :, :10] = torch.nan
    made = net(x)
    assert torch.isfinite(made).all()
    torch.testing.assert_close(net(x + 7), made + 7)


def test_the_trend_is_the_mean_over_the_kernel_with_the_ends_repeated() -> None:
    layer, x = Linear(9, 3, 9), torch.randn(2, 1, 9)
    nn.init.eye_(layer.trend.weight)  # type: ignore[arg-type]
    padded = torch.cat([x[:, 0, :1], x[:, 0], x[:, 0, -1:]], 1)
    torch.testing.assert_close(layer(x), padded.unfold(1, 3, 1).mean(2))


@pytest.mark.parametrize("look", [24, 21])
def test_all_steps_of_a_window_are_in_some_patch(look: int) -> None:
    how = {"patch": 8, "width": 4, "dropout": 0.0, "linear": False}
    body = op("mixer", layers=1, dropout=0.0)
    net, x = outlook(op("patched", **how, body=body), look=look), torch.randn(1, 1, 24)
    x.requires_grad_()
    net(x).square().sum().backward()
    seen = x.grad
    assert seen is not None
    assert (seen[0, 0, 24 - look :] != 0).all()
    assert (seen[0, 0, : 24 - look] == 0).all()


def test_knots_are_joined_by_lines() -> None:
    values = torch.tensor([[0.0, 1.0, 2.0, 3.0]])
    made = stretched(values, 8)[0]
    assert (made.diff() >= 0).all()
    torch.testing.assert_close(made[1:-1].diff(), torch.full((5,), 0.5))


def test_the_calendar_of_the_steps_ahead_is_asked_where_it_is_wanted() -> None:
    signature = Signature((3, 24), 6, "regression", ahead=2)
    x = torch.randn(2, 3, 24)
    other = x.clone()
    other[:, 1:, -6:] += 1
    without = outlook(LINEAR, signature=signature)
    torch.testing.assert_close(without(x), without(other))
    wanted = outlook(LINEAR, signature=signature, calendar=True)
    assert not torch.allclose(wanted(x), wanted(other))


def test_what_is_known_beside_a_series_is_seen_by_patches() -> None:
    body = op("mixer", layers=1, dropout=0.0)
    how = {"patch": 4, "width": 8, "dropout": 0.0, "linear": True, "body": body}
    net = outlook(op("patched", **how), signature=Signature((2, 24), 6, "regression"))
    x = torch.randn(2, 2, 24)
    other = x.clone()
    other[:, 1] += 1
    assert not torch.allclose(net(x), net(other))


def test_windows_are_looked_at_and_not_copied() -> None:
    task = load(np.sin(np.arange(3000) * 2 * np.pi / 20), horizon=8)
    split, _ = make(task, task.splits.train, task.splits.validation)
    assert split.x.untyped_storage().nbytes() < 4 * 4000
    assert split.x.numel() > 100_000
    row = int(task.splits.train[7])
    np.testing.assert_array_equal(split.x[row].numpy(), task.inputs[:, row : row + 40])
    np.testing.assert_array_equal(split.y[row], split.x[row + 8, 0, -8:])
