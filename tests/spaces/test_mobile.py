"""The space of inverted residuals, and compound scaling."""

from __future__ import annotations

from random import Random

import pytest

from archwright.core.architecture import decode, sample
from archwright.core.space import op, seq
from archwright.errors import SpaceError
from archwright.nets.build import build
from archwright.nets.shapes import trace
from archwright.nets.site import Signature
from archwright.spaces.mobile import Compound, compound, mobile, portfolio, stages

SHAPE = (3, 32, 32)


def macs(tree: object) -> int:
    return trace(build(tree, Signature(SHAPE, 10)), SHAPE)[1]


@pytest.mark.parametrize(
    ("side", "strides"),
    [(1, [1, 1]), (2, [1, 2]), (5, [1, 2, 2]), (8, [1, 2, 2, 2, 1]), (64, [1, 2, 2, 2, 1, 2])],
)
def test_there_are_as_many_halvings_as_the_image_allows(side: int, strides: list[int]) -> None:
    assert [stride for _, stride in stages((1, side, side + 3))] == strides


def test_small_images_keep_their_resolution_and_large_ones_may_lose_some() -> None:
    assert "resize/share" not in sample(mobile((1, 8, 8)), Random(0)).answers
    assert "resize/share" in sample(mobile(SHAPE), Random(0)).answers


@pytest.mark.parametrize("phi", [1, 2, 3])
def test_a_step_of_compound_scaling_about_doubles_the_multiplications(phi: int) -> None:
    tree = decode(mobile(SHAPE), portfolio(SHAPE)[2])
    before, after = macs(compound(tree, phi - 1)), macs(compound(tree, phi))
    assert 1.3 < after / before < 3.5  # depths of 1 to 3 layers round coarsely


def test_compound_scaling_moves_each_side_by_its_own_rate() -> None:
    tree = decode(mobile(SHAPE), portfolio(SHAPE)[0])
    parts = dict(compound(tree, 1, Compound(depth=3.0, width=2.0, resolution=1.25)).steps())
    assert parts["resize"]["share"] == 1.25
    assert (parts["stem"]["width"], parts["last"]["width"]) == (32, 512)
    halving = parts["stages"].children[1]
    assert (halving["width"], len(halving["layers"].children)) == (48, 3)


def test_no_step_of_compound_scaling_changes_nothing() -> None:
    for arch in portfolio(SHAPE):
        tree = decode(mobile(SHAPE), arch)
        assert compound(tree, 0) == tree


def test_compound_scaling_of_what_has_no_size_is_refused() -> None:
    with pytest.raises(SpaceError, match="nothing here has a width"):
        compound(seq(head=op("output")), 1)


def test_tables_are_refused() -> None:
    with pytest.raises(SpaceError, match="takes images"):
        mobile((4,))
