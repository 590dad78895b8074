"""The space of motifs of motifs."""

from __future__ import annotations

from random import Random

import pytest
from torch import nn

from archwright.core.architecture import Architecture, decode, sample
from archwright.core.graph import canonical, dead
from archwright.core.scale import scale
from archwright.core.space import size
from archwright.errors import SpaceError
from archwright.nets.build import build
from archwright.nets.site import Signature
from archwright.spaces.hierarchical import hierarchical, portfolio

SHAPE = (1, 8, 8)


def kinds(arch: Architecture) -> list[tuple[int, ...]]:
    """The kernels and groups of the convolutions of a network's first cell."""
    net = build(decode(hierarchical(SHAPE), arch), Signature(SHAPE, 3))
    convs = [m for m in net.cells[1].modules() if isinstance(m, nn.Conv2d)]
    return [(*conv.kernel_size, conv.groups) for conv in convs]


def test_a_motif_changes_wherever_it_is_used() -> None:
    start = portfolio(SHAPE)[0]  # three times motif 0: two separable convolutions each
    assert kinds(start) == [(3, 3, 16), (1, 1, 1)] * 2 * 3
    other = Architecture.of(start.answers | {"cells/cell/motifs/0/0": "conv_1x1"})
    assert kinds(other) == [(1, 1, 1), (3, 3, 16), (1, 1, 1)] * 3


def test_no_network_is_cut_off_from_its_input() -> None:
    space = hierarchical(SHAPE)
    trees = [decode(space, sample(space, Random(seed))) for seed in range(50)]
    assert not any(map(dead, trees))
    assert "none" not in map(canonical, trees)


def test_motifs_multiply() -> None:
    motif = 6**3 * 7**3
    assert size(hierarchical(SHAPE)) == motif**3 * 4**3 * 5**3
    assert size(hierarchical(SHAPE, motifs=1, states=2)) == 6 * 2


def test_networks_can_be_rebuilt_larger() -> None:
    tree = decode(hierarchical(SHAPE), portfolio(SHAPE)[0])
    small, large = (
        sum(p.numel() for p in build(each, Signature(SHAPE, 3)).parameters())
        for each in (tree, scale(tree, cells=2, channels=32))
    )
    assert large > 4 * small


def test_what_holds_no_motif_is_refused() -> None:
    with pytest.raises(SpaceError, match="takes images"):
        hierarchical((4,))
    with pytest.raises(SpaceError, match="give at least 1 of 2"):
        hierarchical(SHAPE, motifs=0)
