"""The space of NAS-Bench-Macro, against the benchmark's own numbers."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest

from archwright.core.architecture import decode, sample
from archwright.core.graph import canonical_key
from archwright.core.space import size
from archwright.errors import SpaceError
from archwright.nets.build import build
from archwright.nets.shapes import trace
from archwright.nets.site import Signature
from archwright.spaces.macro import macro, of_digits, portfolio

CIFAR = Signature((3, 32, 32), 10)


def costs(digits: str) -> tuple[int, int]:
    """Parameters and multiply-accumulates of a network of the benchmark."""
    net = build(decode(macro(CIFAR.shape), of_digits(digits)), CIFAR)
    return sum(p.numel() for p in net.parameters()), trace(net, CIFAR.shape)[1]


@pytest.mark.parametrize(
    ("digits", "params", "macs"),
    [
        ("00000000", 387_882, 7_713_280),
        ("01000000", 415_082, 14_447_104),
        ("11111111", 1_588_874, 53_246_464),
        ("22222222", 2_932_586, 105_660_928),
        ("22212202", 1_985_514, 85_164_544),
    ],
)
def test_networks_cost_what_the_benchmark_says(digits: str, params: int, macs: int) -> None:
    assert costs(digits) == (params, macs)


def test_drawn_rows_of_the_benchmark_cost_what_it_says(data_folder: Path) -> None:
    table = np.load(data_folder / "nas" / "nas_bench_macro_cifar10.npz")
    for i in Random(0).sample(range(len(table["arch"])), 15):
        expected = (table["params"][i], table["flops"][i])
        assert costs(str(table["arch"][i])) == expected, table["arch"][i]


def test_there_are_as_many_architectures_as_in_the_benchmark() -> None:
    assert size(macro(CIFAR.shape)) == 3**8


def test_an_identity_within_a_stage_may_stand_anywhere_in_it() -> None:
    space = macro(CIFAR.shape)
    keys = [canonical_key(space, of_digits(d)) for d in ("00000001", "00000010", "00000100")]
    assert keys[0] == keys[1] != keys[2]  # layer 5 halves the image, so it is another one


def test_networks_for_smaller_images_are_narrower_and_halve_no_single_pixel() -> None:
    tree = decode(macro((1, 3, 9)), of_digits("11111111"))
    strides = [layer["stride"] for layer in dict(tree.steps())["layers"].children]
    assert strides == [2, 1, 2, 1, 1, 1, 1, 1]
    assert dict(tree.steps())["stem"]["width"] == 16


def test_starts_lie_in_the_space() -> None:
    space = macro((1, 8, 8))
    holes = set(sample(space, Random(0)).answers)
    assert all(set(arch.answers) == holes for arch in portfolio((1, 8, 8)))


def test_tables_and_foreign_digits_are_refused() -> None:
    with pytest.raises(SpaceError, match="takes images"):
        macro((13,))
    with pytest.raises(SpaceError, match="8 digits from 0 to 2"):
        of_digits("2221220")
