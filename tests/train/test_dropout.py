"""Quick dropout: as much is dropped as torch drops, and nothing of it stays in the network."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archwright.train.dropout import mask, quick

WIDE = torch.ones(500, 401)  # not a multiple of four numbers


@pytest.mark.parametrize("share", [0.05, 0.25, 0.5, 0.9])
def test_so_much_is_dropped_and_the_rest_makes_up_for_it(share: float) -> None:
    torch.manual_seed(0)
    found = mask(WIDE, share)
    assert found.unique().tolist() == pytest.approx([0, 1 / (1 - share)], rel=1e-3)
    assert (found == 0).float().mean() == pytest.approx(share, abs=0.005)
    assert found.mean() == pytest.approx(1, abs=0.02)
    assert abs(torch.corrcoef(found[:, :5].T).triu(1)).max() < 0.15  # numbers drawn in one call


def test_two_masks_differ_and_a_seed_brings_one_back() -> None:
    torch.manual_seed(0)
    first, second = mask(WIDE, 0.5), mask(WIDE, 0.5)
    assert not torch.equal(first, second)
    torch.manual_seed(0)
    assert torch.equal(mask(WIDE, 0.5), first)


def test_gradients_pass_where_values_did() -> None:
    layer, x = nn.Dropout(0.4), WIDE.clone().requires_grad_()
    with quick(layer):
        out = layer(x)
    out.sum().backward()
    assert torch.equal(x.grad, out.detach())
    assert (out == 0).any()


def test_in_use_and_afterwards_the_layer_is_what_it_was() -> None:
    net = nn.Sequential(nn.Dropout(0.5), nn.Linear(401, 2))
    with quick(net):
        assert torch.equal(net.eval()[0](WIDE), WIDE)
    assert "forward" not in vars(net[0])
    with pytest.raises(RuntimeError), quick(net):
        net(WIDE[:, 1:])  # too narrow for the weights
    assert "forward" not in vars(net[0])


def test_a_narrow_type_stays_narrow() -> None:
    with quick(layer := nn.Dropout(0.5)):
        assert layer(WIDE.bfloat16()).dtype == torch.bfloat16
