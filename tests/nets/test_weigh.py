"""What networks of a space cost."""

from __future__ import annotations

import gc

import pytest
from torch import Tensor

from archwright.core.space import Choice, Dag, Range, Repeat, op, seq
from archwright.errors import SpaceError
from archwright.nets.site import Signature
from archwright.nets.weigh import BESIDE, COPIES, depth, survey, training_bytes, unmade, weigh
from archwright.spaces.cell201 import cell201
from archwright.spaces.mlp import mlp, portfolio

ROW = Signature((4,), 3)


def test_a_network_weighs_what_its_layers_do() -> None:
    tree = seq(hidden=op("linear", units=5), head=op("output"))
    assert weigh(tree, ROW) == {"params": 4 * 5 + 5 + 5 * 3 + 3, "macs": 4 * 5 + 5 * 3}


def test_a_training_step_needs_memory_for_its_weights_and_for_what_each_example_leaves() -> None:
    tree = seq(hidden=op("linear", units=5), head=op("output"))
    ten, eleven = (training_bytes(tree, ROW, rows) for rows in (10, 11))
    each = BESIDE * 4 * (4 + 5)  # the inputs of the two layers
    assert eleven - ten == each
    assert ten - 10 * each >= COPIES * 4 * (5 * 5 + 6 * 3)


def test_nothing_is_left_of_a_training_step_that_was_weighed() -> None:
    tree = seq(hidden=op("linear", units=5), head=op("output"))
    training_bytes(tree, ROW, 10)
    gc.collect()
    before = _tensors()
    training_bytes(tree, ROW, 10)
    gc.collect()
    assert _tensors() == before


def _tensors() -> int:
    return sum(issubclass(type(each), Tensor) for each in gc.get_objects())


def test_a_network_larger_than_the_memory_can_be_weighed() -> None:
    tree = seq(hidden=op("linear", units=10**13), head=op("output"))
    assert weigh(tree, ROW)["params"] == 8 * 10**13 + 3
    assert {p.device.type for p in unmade(tree, ROW).parameters()} == {"meta"}


def test_a_survey_brackets_what_the_space_can_cost() -> None:
    space = seq(hidden=op("linear", units=Range(1, 9)), head=op("output"))
    found = survey(space, ROW)
    assert (found.size, found.depth, found.drawn, found.cut) == (9, 1, 200, 0)
    assert (found.params.low, found.params.high) == (5 + 6, 45 + 30)
    assert (found.macs.low, found.macs.high) == (7, 63)
    assert found.default == {}


def test_a_survey_counts_the_starts_and_weighs_the_default() -> None:
    found = survey(mlp((4,)), ROW, portfolio((4,)), draws=3)
    assert found.drawn == 3 + len(portfolio((4,)))
    assert found.params.low <= found.default["params"] <= found.params.high
    assert (found.holes.low, found.depth) == (8, 2)


def test_networks_that_reach_no_output_are_counted_and_left_out() -> None:
    found = survey(cell201((1, 4, 4)), Signature((1, 4, 4), 2), draws=60)
    assert 0 < found.cut < 30


def test_a_space_in_which_nothing_can_be_built_is_refused() -> None:
    with pytest.raises(SpaceError, match=r"none of 200 networks.*unknown operation 'lineer'"):
        survey(op("lineer", units=Range(1, 3)), ROW)


def test_depth_counts_the_holes_inside_of_holes() -> None:
    kernel = Choice((3, 5))
    layer = Choice((op("conv", kernel=kernel), op("identity")))
    assert depth(op("conv", kernel=3)) == 0
    assert depth(layer) == 2
    assert depth(Repeat(layer, Range(1, 2))) == 3
    assert depth(Dag(((Choice((0,)), 1, layer),), vertices=(kernel,))) == 2
