"""Blocks of macro spaces: their arithmetic, and that the written file is the network."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import torch
from torch import nn

from archwright import registry
from archwright.core.architecture import decode, sample
from archwright.core.space import Op, op, seq
from archwright.errors import SpaceError
from archwright.export.python import source
from archwright.measure.cost import size
from archwright.nets.build import build
from archwright.nets.ops_macro import Gate, Joined
from archwright.nets.shapes import trace
from archwright.nets.shortcut import shortcut
from archwright.nets.site import Signature

SHAPE = (3, 20, 20)
SPACES = ("macro", "mobile", "resnet", "densenet", "hierarchical")


def written(net: nn.Module) -> nn.Module:
    """The network that the exported file makes, with the same weights."""
    spec = {
        "modality": "image",
        "target": "y",
        "kind": "classification",
        "classes": ["a", "b", "c"],
        "outcomes": [],
        "levels": [],
    }
    module: dict[str, Any] = {"__name__": "model", "__file__": "model.py"}
    exec(compile(source(net, spec, SHAPE), "model.py", "exec"), module)
    again: nn.Module = module["Network"]()
    again.load_state_dict(net.state_dict())
    return again.eval()


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("seed", range(3))
def test_a_network_is_the_same_when_it_is_written_down(name: str, seed: int) -> None:
    torch.manual_seed(seed)
    space = registry.find("spaces", name)(SHAPE)
    net = build(decode(space, sample(space, Random(seed))), Signature(SHAPE, 3)).eval()
    x = torch.rand(2, *SHAPE)
    assert torch.equal(written(net)(x), net(x))


@pytest.mark.parametrize("kind", ["inverted", "basic", "bottleneck"])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("shape", [(3, 1, 1), (3, 5, 8), (8, 4, 4)])
def test_blocks_give_the_width_and_stride_that_they_are_asked_for(
    kind: str, stride: int, shape: tuple[int, ...]
) -> None:
    block = op(kind, kernel=5, expansion=2, excite=True, shrink=2)
    tree = op("blocks", width=8, stride=stride, layers=seq(a=block, b=block))
    net = build(tree, Signature(shape, 8)).eval()
    made, macs = trace(net, shape)
    assert made == (8, *(-(-side // stride) for side in shape[1:]))
    assert net(torch.rand(2, *shape)).shape[1:] == made
    assert macs == size(net, shape)["macs"]


def test_an_inverted_residual_is_residual_where_it_changes_no_shape() -> None:
    block = op("inverted", kernel=3, expansion=2, width=8, stride=1)
    inside = {"Residual": (8, 4, 4), "Sequential": (4, 4, 4)}
    for kind, shape in inside.items():
        assert type(build(block, Signature(shape, 8))).__name__ == kind


def test_a_gate_multiplies_and_a_join_adds_channels() -> None:
    x = torch.rand(2, 3, 4, 4)
    body = nn.Conv2d(3, 3, 1)
    assert torch.equal(Gate(body)(x), x * body(x))
    assert torch.equal(Joined(body)(x), torch.cat([x, body(x)], 1))
    assert trace(Joined(nn.Conv2d(3, 5, 1)), (3, 4, 4)) == ((8, 4, 4), 3 * 5 * 16)


@pytest.mark.parametrize(("share", "sides"), [(0.6, (5, 3)), (1.5, (12, 8)), (0.01, (1, 1))])
def test_images_are_resized_to_whole_pixels(share: float, sides: tuple[int, int]) -> None:
    net = build(op("resize", share=share), Signature((2, 8, 5), 1))
    assert trace(net, (2, 8, 5))[0] == (2, *sides)
    assert net(torch.rand(1, 2, 8, 5)).shape[2:] == sides


def test_an_identity_with_a_width_fits_its_input_to_it() -> None:
    assert isinstance(build(Op("identity"), Signature(SHAPE, 1)), nn.Identity)
    fitted = build(op("identity", width=6, stride=2), Signature(SHAPE, 1))
    assert trace(fitted, SHAPE)[0] == (6, 10, 10)


def test_shortcuts_average_before_they_widen() -> None:
    kinds = [type(each) for each in shortcut(3, 8, 2, norm=True).children()]
    assert kinds == [nn.AvgPool2d, nn.Conv2d, nn.BatchNorm2d]
    assert isinstance(shortcut(8, 8, 1, norm=True), nn.Identity)


def test_an_unknown_block_is_named_with_its_place() -> None:
    tree = seq(body=op("blocks", width=8, stride=1, layers=seq(a=op("basik"))))
    with pytest.raises(SpaceError, match=r"space/body/blocks/layers/0: .*'basik'.*'basic'"):
        build(tree, Signature(SHAPE, 3))
