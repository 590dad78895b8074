"""What networks cost, and that the parts add up to the whole."""

from __future__ import annotations

from random import Random

import pytest
import torch
from torch import nn

from archwright.core.architecture import decode, sample
from archwright.measure.cost import fastest_ms, latency_ms, size
from archwright.measure.layers import layers
from archwright.nets.build import build
from archwright.nets.ops_image import Views
from archwright.nets.site import Signature
from archwright.nets.weigh import counted
from archwright.spaces.chain import chain
from archwright.spaces.mlp import mlp

SPACES = [(mlp, Signature((6,), 3, "classification", (4, 2))), (chain, Signature((2, 8, 8), 3))]


def drawn(make: object, signature: Signature, seed: int) -> nn.Module:
    space = make(signature.shape)  # type: ignore[operator]
    return build(decode(space, sample(space, Random(seed))), signature)


def test_a_network_counted_by_hand() -> None:
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, bias=False),  # 36 weights, 36 x 25 MACs
        nn.BatchNorm2d(4),  # 8 weights
        nn.Flatten(),
        nn.Linear(100, 3),  # 303 weights, 300 MACs
    )
    assert size(net, (1, 5, 5)) == {"params": 36 + 8 + 303, "macs": 36 * 25 + 300}


def test_counting_on_the_meta_device_gives_the_same() -> None:
    net = drawn(*SPACES[1], seed=0)
    assert size(net, (2, 8, 8)) == size(net.to("meta"), (2, 8, 8))


def test_latency_is_above_zero_and_leaves_the_threads_alone() -> None:
    threads = torch.get_num_threads()
    assert latency_ms(nn.Linear(3, 2), (3,), repeats=3) > 0
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize(("make", "signature"), SPACES, ids=["mlp", "chain"])
def test_the_layers_add_up_to_the_network(make: object, signature: Signature) -> None:
    for seed in range(4):
        net = drawn(make, signature, seed)
        found, total = layers(net, signature.shape), size(net, signature.shape)
        assert sum(layer.params for layer in found) == total["params"]
        assert sum(layer.macs for layer in found) == total["macs"]
        assert found[-1].shape == (signature.outputs,)


def test_layers_come_in_the_order_in_which_they_run() -> None:
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    kinds = [(layer.name, layer.kind, layer.shape) for layer in layers(net, (4,))]
    assert kinds == [("0", "Linear", (8,)), ("1", "ReLU", (8,)), ("2", "Linear", (2,))]


def test_a_layer_that_runs_twice_is_one_layer_and_costs_twice() -> None:
    net = Views(nn.Sequential(nn.Flatten(), nn.Linear(12, 2)), (-1,))
    found = layers(net, (1, 3, 4))
    assert [layer.kind for layer in found] == ["Flatten", "Linear"]
    assert [layer.params for layer in found] == [0, 26]
    assert found[1].macs == 2 * 24 == counted(net, (1, 3, 4))["macs"]


def test_networks_are_timed_in_turn_and_the_larger_one_is_slower() -> None:
    small, large = nn.Linear(8, 8), nn.Sequential(*[nn.Linear(512, 512) for _ in range(16)])
    inputs = nn.Sequential(nn.Linear(8, 512), large)
    first, second = fastest_ms((small, inputs), (8,))
    assert 0 < first < second
