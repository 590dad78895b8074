"""The space of DARTS, against numbers that others have published."""

from __future__ import annotations

import ast
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from torch import nn

from archwright.core.architecture import Architecture, decode, sample
from archwright.core.scale import scale
from archwright.core.space import size
from archwright.errors import SpaceError
from archwright.nets.build import build
from archwright.nets.ops_cells import CellChain, FactorisedReduction
from archwright.nets.shapes import trace
from archwright.nets.site import Signature
from archwright.spaces.darts import OPS, darts, of_cells, portfolio

CIFAR = Signature((3, 32, 32), 10)


def made(arch: Architecture, cells: int, channels: int) -> nn.Module:
    space = scale(darts(CIFAR.shape), cells=cells, channels=channels)
    return build(decode(space, arch), CIFAR)


def params(module: nn.Module) -> int:
    return sum(each.numel() for each in module.parameters())


def test_the_space_is_as_large_as_the_paper_says() -> None:
    assert size(darts(CIFAR.shape)) == (180 * 7**8) ** 2


def test_the_cells_of_the_paper_cost_what_its_program_says() -> None:
    first, second = portfolio(CIFAR.shape)
    assert params(made(second, 6, 36)) == 3_349_342
    assert trace(made(second, 6, 36), CIFAR.shape)[1] == 528_359_040
    assert params(made(first, 6, 36)) == 3_169_414


def test_drawn_networks_cost_what_others_have_counted(data_folder: Path) -> None:
    """Theirs, as in the paper's search, learn no scales behind the operations of a cell."""
    file = data_folder / "nas" / "nb101_500_nb301_1218_zero_cost.parquet"
    table = pd.read_parquet(file, filters=[("space", "==", "nb301")])
    for text, millions in zip(table["arch"][:5], table["params"][:5], strict=True):
        cells = [[(OPS[k], source) for source, k in cell] for cell in ast.literal_eval(text)]
        net = made(of_cells(*cells), 2, 32)
        scales = sum(
            params(module)
            for name, module in net.named_modules()
            if ".cell." in name and isinstance(module, nn.BatchNorm2d)
        )
        assert params(net) - scales == round(1e6 * millions)


def test_two_reductions_stand_between_three_stages() -> None:
    net = build(decode(darts((1, 8, 8)), portfolio((1, 8, 8))[0]), Signature((1, 8, 8), 2))
    chain = net.get_submodule("cells")
    assert isinstance(chain, CellChain)
    assert trace(chain, (1, 8, 8))[0] == (4 * 32, 2, 2)
    # A cell behind a reduction cell fits what came before that by a factorised reduction.
    fits = [isinstance(cell.get_submodule("before"), FactorisedReduction) for cell in chain.cells]
    assert fits == [False, False, True, False, True]


@pytest.mark.parametrize(("shape", "cells"), [((1, 1, 1), 1), ((1, 2, 3), 3), ((1, 4, 4), 5)])
def test_small_images_are_reduced_less_often(shape: tuple[int, ...], cells: int) -> None:
    net = build(decode(darts(shape), portfolio(shape)[0]), Signature(shape, 2))
    assert len(list(net.get_submodule("cells.cells").children())) == cells


def test_each_state_takes_two_different_earlier_ones() -> None:
    space = darts((1, 8, 8))
    for seed in range(20):
        cell = decode(space, sample(space, Random(seed))).children[1]["reduction"]
        for state in range(2, 6):
            sources = [source for source, target, _ in cell.edges if target == state]
            assert len(set(sources)) == 2
            assert max(sources) < state


def test_tables_are_refused_with_the_space_that_takes_them() -> None:
    with pytest.raises(SpaceError, match=r"'darts' takes images.*'mlp'"):
        darts((13,))
