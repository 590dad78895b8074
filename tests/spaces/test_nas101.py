"""The space of NAS-Bench-101, against numbers that others have counted."""

from __future__ import annotations

import ast
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from archwright.core.architecture import Architecture, decode, sample
from archwright.core.graph import canonical_key, dead
from archwright.core.scale import scale
from archwright.errors import SpaceError
from archwright.nets.build import build
from archwright.nets.ops_cells import Truncated
from archwright.nets.shapes import trace
from archwright.nets.site import Signature
from archwright.spaces.nas101 import OPS, nas101, of_edges, portfolio

CIFAR = Signature((3, 32, 32), 10)
SMALL = Signature((1, 8, 8), 2)
CODES = {2: "maxpool3x3", 3: "conv1x1", 4: "conv3x3"}
"""How the table of zero-cost scores writes operations."""


def costs(arch: Architecture) -> int:
    """Parameters of a network of the benchmark."""
    net = build(decode(scale(nas101(CIFAR.shape), cells=3, channels=128), arch), CIFAR)
    return sum(each.numel() for each in net.parameters())


def useful(matrix: Any) -> list[tuple[int, int]]:
    """The edges that lie on a way from the input to the output."""
    edges = sorted((int(i), int(j)) for i, j in np.argwhere(matrix))
    fed, wanted = {0}, {6}
    for i, j in edges:
        fed |= {j} if i in fed else set()
    for i, j in reversed(edges):
        wanted |= {i} if j in wanted else set()
    return [edge for edge in edges if set(edge) <= fed & wanted]


def test_drawn_networks_cost_what_others_have_counted(data_folder: Path) -> None:
    file = data_folder / "nas" / "nb101_500_nb301_1218_zero_cost.parquet"
    table = pd.read_parquet(file, filters=[("space", "==", "nb101")])
    for text, millions in zip(table["arch"][:10], table["params"][:10], strict=True):
        code = ast.literal_eval(text)
        edges = useful(np.reshape(code[:49], (7, 7)))
        arch = of_edges(edges, [CODES[each] for each in code[50:55]])
        assert costs(arch) == round(1e6 * millions), text


def test_an_edge_from_the_input_to_the_output_is_a_projection_that_is_added() -> None:
    alone = decode(nas101(SMALL.shape), of_edges([(0, 6)], ()))
    net = build(alone, SMALL)
    assert trace(net.get_submodule("cells"), SMALL.shape)[0] == (64, 2, 2)
    with_branch = costs(of_edges([(0, 1), (1, 6), (0, 6)], ("maxpool3x3",)))
    without = costs(of_edges([(0, 1), (1, 6)], ("maxpool3x3",)))
    assert with_branch - without == costs(of_edges([(0, 6)], ())) - costs_of_the_rest()


def costs_of_the_rest() -> int:
    """Parameters of stem and head of the benchmark's networks."""
    return 3 * 128 * 9 + 2 * 128 + 512 * 10 + 10


def test_what_feeds_the_output_shares_its_channels_and_wider_states_are_cut() -> None:
    # Three states feed the output: 16 channels are 6 + 5 + 5. State 1 also feeds state 2.
    edges = [(0, 1), (1, 2), (0, 3), (1, 6), (2, 6), (3, 6)]
    net = build(decode(nas101((1, 1, 1)), of_edges(edges, OPS)), Signature((1, 1, 1), 2))
    widths = [module.num_features for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    assert widths == [16, 6, 5, 6, 5]  # stem, two projections, two convolutions
    assert [m.channels for m in net.modules() if isinstance(m, Truncated)] == [5]


def test_edges_that_are_picked_twice_or_lead_nowhere_change_nothing() -> None:
    space = nas101(SMALL.shape)
    plain = of_edges([(0, 1), (1, 6)], ("conv3x3",))
    spare = of_edges([(0, 1), (0, 1), (1, 6), (0, 2), (3, 6), (3, 4)], ("conv3x3", "conv1x1"))
    assert canonical_key(space, plain) == canonical_key(space, spare)
    assert costs(plain) == costs(spare)


def test_cells_whose_output_is_not_reached_are_refused_with_their_path() -> None:
    space = nas101(SMALL.shape)
    refused = 0
    for seed in range(40):
        tree = decode(space, sample(space, Random(seed)))
        if dead(tree):
            refused += 1
            with pytest.raises(SpaceError, match=r"^space/cells/nas101_stack/cell: the output can"):
                build(tree, SMALL)
    assert 0 < refused < 20
    ends_early = of_edges([(0, 1), (1, 5)], ())
    assert dead(decode(space, ends_early))


def test_too_few_channels_for_a_cell_are_refused() -> None:
    narrow = scale(nas101(SMALL.shape), channels=1)
    wide = of_edges([(0, 1), (0, 2), (1, 6), (2, 6)], ())
    with pytest.raises(SpaceError, match="1 channels are too few"):
        build(decode(narrow, wide), SMALL)


@pytest.mark.parametrize("edges", [[], [(0, 1)] * 10])
def test_a_cell_has_one_to_nine_edges(edges: list[tuple[int, int]]) -> None:
    with pytest.raises(SpaceError, match="1 to 9 edges"):
        of_edges(edges, ())


def test_the_default_network_is_residual() -> None:
    tree = decode(nas101(SMALL.shape), portfolio(SMALL.shape)[0])
    assert not dead(tree)
    assert build(tree, SMALL)(torch.zeros(2, *SMALL.shape)).shape == (2, 2)


def test_tables_are_refused_with_the_space_that_takes_them() -> None:
    with pytest.raises(SpaceError, match=r"'nas101' takes images.*'mlp'"):
        nas101((13,))
