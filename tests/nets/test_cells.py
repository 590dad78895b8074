"""Cells of any space: their arithmetic, what is refused, and that the written file is the net."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from archwright import registry
from archwright.core.architecture import decode, sample
from archwright.core.graph import dead
from archwright.core.space import Dag, Op, Seq, op, seq
from archwright.errors import SpaceError
from archwright.export.python import source
from archwright.measure.cost import size
from archwright.nets.build import build
from archwright.nets.ops_cells import FactorisedReduction, Truncated
from archwright.nets.ops_common import Cell
from archwright.nets.shapes import trace
from archwright.nets.site import Signature

SHAPE = (2, 6, 5)
SKIP, NONE = op("skip_connect"), op("none")
CONV = op("convolution", width=2, kernel=3, activation="linear", skip=False)
WIDE = op("convolution", width=5, kernel=3, activation="linear", skip=False)
HALF = op("avg_pool_3x3", stride=2)


def made(dag: Any, shape: tuple[int, ...] = SHAPE) -> Any:
    """The module of a cell, in eval mode; checks its shape and cost against those of running it."""
    net = build(seq(cell=dag), Signature(shape, 2)).eval()
    x = torch.zeros(1, *shape)
    found, macs = trace(net, shape)
    assert net(x).shape[1:] == found
    if any(True for _ in net.parameters()):
        assert size(net, shape)["macs"] == macs
    return net.get_submodule("cell")


def image(shape: tuple[int, ...] = SHAPE) -> Tensor:
    return torch.rand(2, *shape, generator=torch.Generator().manual_seed(0))


def written(net: nn.Module, shape: tuple[int, ...]) -> nn.Module:
    """What the text of a network makes, with the same weights."""
    spec = {
        "modality": "image",
        "target": "y",
        "kind": "classification",
        "classes": ["a", "b"],
        "outcomes": [],
        "levels": [],
    }
    module: dict[str, Any] = {"__name__": "model", "__file__": "model.py"}
    exec(compile(source(net, spec, shape), "model.py", "exec"), module)
    again: nn.Module = module["Network"]()
    again.load_state_dict(net.state_dict())
    return again.eval()


@pytest.mark.parametrize("name", ["cell201", "nas101", "darts", "nasnet"])
def test_a_network_is_the_same_when_it_is_written_down(name: str) -> None:
    shape = (2, 5, 4)
    space = registry.find("spaces", name)(shape)
    drawn = (decode(space, sample(space, Random(seed))) for seed in range(9))
    net = build(next(tree for tree in drawn if not dead(tree)), Signature(shape, 2))
    x = image(shape)
    net.train()(x)  # batch norms take some statistics
    assert torch.equal(written(net.eval(), shape)(x), net(x))


@pytest.mark.parametrize(
    ("dag", "expected"),
    [
        (Dag(((0, 1, SKIP), (0, 1, SKIP), (1, 2, SKIP))), lambda x: 2 * x),
        (Dag(((0, 1, SKIP), (0, 2, SKIP), (1, 2, SKIP))), lambda x: 2 * x),
        (Dag(((0, 2, SKIP), (0, 1, SKIP)), output="concat"), lambda x: torch.cat([x, x], 1)),
        (
            Dag(((0, 1, SKIP), (1, 2, SKIP), (0, 3, SKIP)), output="loose"),
            lambda x: torch.cat([x, x], 1),
        ),
        (Dag(((0, 2, SKIP), (1, 2, SKIP)), inputs=2), lambda x: 2 * x),
        (Dag(((1, 5, SKIP), (5, 9, SKIP)), inputs=2), lambda x: x),
        (Dag(((0, 1, SKIP), (0, 2, SKIP), (1, 2, SKIP)), vertices=(NONE, SKIP)), lambda x: x),
        (Dag(((0, 1, SKIP), (1, 2, SKIP)), vertices=(op("identity"),)), lambda x: x),
        (Dag(((0, 1, Dag(((0, 1, SKIP), (0, 1, SKIP)))),)), lambda x: 2 * x),
        (Dag(((0, 1, Seq((SKIP, SKIP))), (0, 1, Seq((SKIP, NONE))))), lambda x: x),
    ],
)
def test_a_cell_of_any_form_adds_up_and_sets_side_by_side(dag: Dag, expected: Any) -> None:
    x = image()
    assert torch.equal(made(dag)(x), expected(x))


def test_an_operation_on_a_state_is_applied_to_its_sum_once() -> None:
    pool = op("avg_pool_3x3")
    cell = made(Dag(((0, 1, SKIP), (0, 1, SKIP), (1, 2, SKIP)), vertices=(pool, CONV)))
    x = image()
    first, second = cell.vertices
    assert torch.equal(cell(x), second(first(2 * x)))


def test_states_and_edges_that_reach_no_output_are_not_made() -> None:
    edges = ((0, 1, CONV), (0, 2, NONE), (2, 3, CONV), (0, 3, SKIP), (2, 4, CONV), (0, 4, CONV))
    cell = made(Dag((*edges, (3, 5, CONV)), vertices=(CONV, CONV, SKIP, CONV, SKIP)))
    assert isinstance(cell, Cell)
    assert (cell.sources, cell.targets, cell.outputs) == ((0, 1), (1, 2), (2,))
    assert len(cell.edges) == len(cell.vertices) == 2


def test_a_cell_can_be_given_a_tensor_for_each_input() -> None:
    cell = made(Dag(((0, 2, SKIP), (1, 2, CONV)), inputs=2))
    x, y = image(), -image()
    assert torch.equal(cell(x, y), x + cell.edges[1](y))


def test_a_factorised_reduction_is_a_convolution_of_stride_two_at_two_places() -> None:
    block = FactorisedReduction(2, 5).eval()
    x = image((2, 6, 4))
    whole = functional.relu(x)
    even = functional.conv2d(whole, block.even.weight, stride=2)
    odd = functional.conv2d(whole[:, :, 1:, 1:], block.odd.weight, stride=2)
    torch.testing.assert_close(block(x), block.norm(torch.cat([even, odd], 1)))
    for sides in ((1, 1), (5, 4), (2, 7)):
        assert block(image((2, *sides))).shape[1:] == trace(block, (2, *sides))[0]


def test_a_truncation_keeps_the_first_channels() -> None:
    x = image((4, 3, 3))
    assert torch.equal(Truncated(2)(x), x[:, :2])
    assert trace(Truncated(2), (4, 3, 3)) == ((2, 3, 3), 0)


@pytest.mark.parametrize(
    ("dag", "message"),
    [
        (
            Dag(((0, 1, CONV), (0, 1, WIDE))),
            r"^space/cell/0-1: gives \(5, 6, 5\), where others gave \(2, 6, 5\)",
        ),
        (
            Dag(((0, 1, SKIP), (1, 2, op("nor_conv_4x4")))),
            r"^space/cell/1-2: unknown operation 'nor_conv_4x4'; did you mean 'nor_conv_\dx\d'",
        ),
        (
            Dag(((0, 1, SKIP),), vertices=(op("pol"),)),
            r"^space/cell/vertex/0: unknown operation 'pol'",
        ),
        (
            Dag(((0, 1, HALF), (0, 2, SKIP)), output="concat"),
            r"^space/cell: states of different sizes cannot be set side by side",
        ),
        (Dag(((0, 1, NONE), (1, 2, CONV))), r"^space/cell: the output cannot depend on the input"),
        (Dag(()), r"^space/cell: the output cannot depend on the input"),
        (NONE, r"^space/cell/none: the output cannot depend on the input"),
        (
            Dag(((0, 1, op("linear", units=3)), (1, 2, CONV))),
            r"^space/cell/0-1: does not fit a \(2, 6, 5\) input: Linear cannot take",
        ),
    ],
)
def test_what_cannot_work_is_refused_with_its_place(dag: Dag | Op, message: str) -> None:
    with pytest.raises(SpaceError, match=message):
        build(seq(cell=dag), Signature(SHAPE, 2))


def test_a_cycle_is_refused_before_anything_is_built() -> None:
    with pytest.raises(SpaceError, match="edge 1 of a cell: 2 to 1 does not lead forward"):
        Dag(((1, 2, CONV), (2, 1, CONV)))


def test_reduction_cells_of_your_own_halve_at_the_first_operation_of_an_edge() -> None:
    normal = Dag(((0, 2, op("conv_1x1")), (1, 2, SKIP)), inputs=2)
    reduction = Dag(((0, 2, Seq((op("max_pool_3x3"), op("conv_3x3")))), (1, 2, SKIP)), inputs=2)
    stack = op(
        "two_cell_stack",
        stages=2,
        cells=1,
        channels=4,
        halvings=0,
        normal=normal,
        reduction=reduction,
    )
    assert trace(made(stack), SHAPE)[0] == (8, 3, 3)
