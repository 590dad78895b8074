"""The space of residual networks."""

from __future__ import annotations

import pytest

from archwright.core.architecture import decode
from archwright.errors import SpaceError
from archwright.nets.build import build
from archwright.nets.shapes import trace
from archwright.nets.site import Signature
from archwright.spaces.resnet import portfolio, resnet

SHAPE = (3, 32, 32)


def test_the_default_network_has_a_stage_for_each_halving() -> None:
    net = build(decode(resnet(SHAPE), portfolio(SHAPE)[0]), Signature(SHAPE, 10))
    assert trace(net.stem, SHAPE)[0] == (16, 16, 16)
    assert trace(net.stages, (16, 16, 16))[0] == (128, 2, 2)


def test_a_bottleneck_is_cheaper_than_a_basic_block_of_its_width() -> None:
    tree = decode(resnet(SHAPE), portfolio(SHAPE)[2])
    slim = decode(resnet(SHAPE), portfolio(SHAPE)[3])
    assert [
        stage["layers"].children[0].name for stage in dict(tree.steps())["stages"].children
    ] == ["basic"] * 4
    narrower, wider = (
        sum(p.numel() for p in build(each, Signature(SHAPE, 10)).parameters())
        for each in (slim, tree)
    )
    assert narrower < wider  # although it is one and a half times as wide


def test_tables_are_refused() -> None:
    with pytest.raises(SpaceError, match="takes images"):
        resnet((4,))
