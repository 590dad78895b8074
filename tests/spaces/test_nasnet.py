from __future__ import annotations

from random import Random

import pytest
import torch

from archwright.core.architecture import decode, sample
from archwright.core.graph import cells
from archwright.core.scale import scale
from archwright.core.space import size
from archwright.errors import SpaceError
from archwright.nets.build import build
from archwright.nets.ops_common import Cell
from archwright.nets.shapes import trace
from archwright.nets.site import Signature
from archwright.spaces.nasnet import OPS, nasnet, of_cells, portfolio

SHAPE = (1, 8, 8)


def test_the_space_counts_every_choice_of_inputs_and_operations() -> None:
    inputs = (2 * 3 * 4 * 5 * 6) ** 2
    assert size(nasnet(SHAPE)) == (inputs * 13**10) ** 2


def test_a_cell_gives_the_blocks_that_feed_no_other() -> None:
    nasnet_a, amoebanet_a = portfolio(SHAPE)
    given = []
    for arch in (nasnet_a, amoebanet_a):
        net = build(decode(nasnet(SHAPE), arch), Signature(SHAPE, 2))
        found = [module for module in net.modules() if isinstance(module, Cell)]
        given += [found[0].outputs, found[1].outputs]
    assert given == [(2, 3, 4, 5, 6), (4, 5, 6), (4, 5, 6), (3, 4, 6)]


def test_the_published_cell_is_about_as_large_as_published() -> None:
    """3.3 million; there also the inputs that feed no block are given by a cell."""
    space = scale(nasnet((3, 32, 32)), cells=6, channels=32)
    net = build(decode(space, portfolio((3, 32, 32))[0]), Signature((3, 32, 32), 10))
    assert sum(each.numel() for each in net.parameters()) == pytest.approx(3.3e6, rel=0.1)


@pytest.mark.parametrize("name", OPS)
def test_every_operation_halves_an_image_in_a_reduction_cell(name: str) -> None:
    blocks = [(name, 0), (name, 1)] * 5
    shape = (2, 7, 5)
    net = build(decode(nasnet(shape), of_cells(blocks, blocks)), Signature(shape, 2))
    made, macs = trace(net.get_submodule("cells"), shape)
    assert made == (5 * 32, 2, 2)
    assert net(torch.zeros(2, *shape)).shape == (2, 2)
    assert macs > 0


def test_a_block_may_take_one_input_twice() -> None:
    space = nasnet(SHAPE)
    twice = of_cells([("conv_3x3", 1)] * 10, [("skip_connect", 0)] * 10)
    tree = decode(space, twice)
    assert len(cells(tree)["cells/normal"].edges) == 10 + 10
    net = build(tree, Signature(SHAPE, 2)).eval()
    assert net(torch.zeros(1, *SHAPE)).isfinite().all()


def test_answers_name_earlier_states_as_numbers() -> None:
    answers = sample(nasnet(SHAPE), Random(3)).answers
    assert len(answers) == 2 * 10 * 2
    assert isinstance(answers["cells/normal/9/from"], int)


def test_tables_are_refused_with_the_space_that_takes_them() -> None:
    with pytest.raises(SpaceError, match=r"'nasnet' takes images.*'mlp'"):
        nasnet((13,))
