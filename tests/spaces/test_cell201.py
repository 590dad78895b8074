"""The space of NAS-Bench-201, against the benchmark's own numbers."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest
from torch import nn

from archwright.core.architecture import Architecture, decode, sample
from archwright.core.graph import cells, dead
from archwright.core.scale import scale
from archwright.core.space import size
from archwright.errors import SpaceError
from archwright.nets.build import build
from archwright.nets.shapes import trace
from archwright.nets.site import Signature
from archwright.spaces.cell201 import OPS, cell201, of_ops, portfolio

CIFAR = Signature((3, 32, 32), 10)
BENCHMARK = scale(cell201(CIFAR.shape), cells=5, channels=16)
CONV, SMALL, SKIP, NONE, POOL = OPS[3], OPS[2], OPS[1], OPS[0], OPS[4]


def costs(arch: Architecture) -> tuple[int, int]:
    """Parameters and multiply-accumulates of a network of the benchmark."""
    net = build(decode(BENCHMARK, arch), CIFAR)
    return sum(p.numel() for p in net.parameters()), trace(net, CIFAR.shape)[1]


@pytest.mark.parametrize(
    ("ops", "params", "macs"),
    [
        ((POOL, SMALL, SKIP, SMALL, SKIP, SKIP), 129_306, 15_647_360),
        ((CONV, CONV, CONV, CONV, CONV, CONV), 1_531_546, 220_119_680),
    ],
)
def test_networks_cost_what_the_benchmark_says(
    ops: tuple[str, ...], params: int, macs: int
) -> None:
    assert costs(of_ops(*ops)) == (params, macs)


def test_drawn_rows_of_the_benchmark_cost_what_it_says(data_folder: Path) -> None:
    """Its mflops are millions of multiply-accumulates of convolutions and the linear layer."""
    table = np.load(data_folder / "nas" / "nb201.npz")
    ops, params, mflops = table["ops"], table["params_cifar10"], table["mflops_cifar10"]
    compared = 0
    for i in Random(0).sample(range(len(ops)), 16):
        arch = of_ops(*(OPS[k] for k in ops[i]))
        if dead(decode(BENCHMARK, arch)):
            continue
        found = costs(arch)
        made = len(cells(decode(BENCHMARK, arch))["cells/cell"].ops) - 2
        if made == sum(k != 0 for k in ops[i]):  # no edge of it leads nowhere
            assert found == (params[i], pytest.approx(1e6 * mflops[i], rel=1e-5)), arch
            compared += 1
        else:
            assert found[0] <= params[i], arch
    assert compared > 5


def test_there_are_as_many_architectures_as_in_the_benchmark() -> None:
    assert size(cell201(CIFAR.shape)) == 15_625
    paths = [f"cells/cell/{i}" for i in range(6)]
    assert list(sample(cell201((1, 8, 8)), Random(0)).answers) == paths


def test_edges_that_lead_nowhere_are_not_made() -> None:
    plain = of_ops(NONE, NONE, NONE, SMALL, NONE, NONE)
    dangling = of_ops(CONV, CONV, CONV, SMALL, NONE, NONE)
    unfed = of_ops(NONE, NONE, CONV, SMALL, CONV, CONV)
    assert costs(plain) == costs(dangling) == costs(unfed)


def test_a_cell_whose_output_is_not_reached_is_refused_with_its_path() -> None:
    silent = of_ops(CONV, CONV, CONV, NONE, NONE, NONE)
    with pytest.raises(SpaceError, match=r"^space/cells/cell_stack/cell: the output cannot depend"):
        build(decode(BENCHMARK, silent), CIFAR)


@pytest.mark.parametrize(
    ("shape", "sides"),
    [((1, 1, 1), 1), ((1, 3, 2), 1), ((1, 4, 9), 1), ((3, 64, 64), 8), ((3, 200, 140), 9)],
)
def test_an_image_is_halved_as_often_as_it_allows(shape: tuple[int, ...], sides: int) -> None:
    net = build(decode(cell201(shape), portfolio(shape)[0]), Signature(shape, 2))
    body = net.get_submodule("cells")
    assert min(trace(body, shape)[0][1:]) == sides


def test_the_stem_convolves_once_more_for_each_further_halving() -> None:
    def convolutions(shape: tuple[int, ...]) -> int:
        net = build(decode(cell201(shape), portfolio(shape)[0]), Signature(shape, 2))
        return sum(isinstance(each, nn.Conv2d) for each in net.modules())

    assert convolutions((3, 128, 128)) == convolutions((3, 64, 64)) + 1
    assert convolutions((3, 64, 64)) == convolutions((3, 32, 32))


def test_tables_are_refused_with_the_space_that_takes_them() -> None:
    with pytest.raises(SpaceError, match=r"'cell201' takes images.*'mlp'"):
        cell201((13,))
