from __future__ import annotations

from random import Random
from typing import Any

import pytest

from archwright.core.architecture import decode, sample
from archwright.core.scale import scale
from archwright.core.space import Choice, Dag, Range, Repeat, Seq, op, seq
from archwright.errors import SpaceError

EDGE = Choice((op("none"), op("conv", kernel=Choice((1, 3)))))
CELL = Dag(((0, 1, EDGE), (0, 2, EDGE), (1, 2, EDGE)), vertices=(EDGE, op("identity")))


def stack(cells: int, channels: int) -> Any:
    return op("stack", stages=3, cells=cells, channels=channels, cell=CELL)


def space(cells: int, channels: int) -> Any:
    return seq(stem=op("stem"), cells=stack(cells, channels), head=op("head"))


def test_a_stack_of_cells_is_rebuilt_larger() -> None:
    assert scale(space(1, 16), cells=5, channels=32) == space(5, 32)
    assert scale(space(1, 16), cells=5) == space(5, 16)
    assert scale(space(1, 16), channels=4) == space(1, 4)
    assert scale(space(1, 16)) == space(1, 16)


def test_answers_stay_valid_and_decoding_may_come_first_or_last() -> None:
    small, large = space(1, 16), space(5, 32)
    for seed in range(5):
        arch = sample(small, Random(seed))
        assert decode(large, arch) == scale(decode(small, arch), cells=5, channels=32)


def test_stacks_are_found_wherever_they_are() -> None:
    def around(inner: Any) -> Any:
        hole = Choice((inner, op("other")))
        pair = ((Choice(("0+1",)), 2, (inner, op("other"))), (0, 3, Seq((inner,))))
        return Seq((Repeat(hole, Range(1, 2), tied=True), Dag(pair, inputs=2, vertices=(hole,))))

    assert scale(around(stack(1, 8)), cells=2) == around(stack(2, 8))


def test_holes_keep_their_answers_even_under_these_names() -> None:
    searched = seq(cells=op("stack", cells=Range(1, 3), channels=Choice((8, 16))))
    with pytest.raises(SpaceError, match=r"scale\(cells=, channels=\).*'cell201'"):
        scale(searched, cells=2, channels=8)
    assert scale(seq(a=searched, b=stack(1, 8)), cells=2) == seq(a=searched, b=stack(2, 8))


@pytest.mark.parametrize("asked", [{"cells": 0}, {"channels": -3}])
def test_a_number_below_one_is_refused(asked: dict[str, int]) -> None:
    with pytest.raises(SpaceError, match="at least 1 is needed"):
        scale(space(1, 16), **asked)


def test_what_is_missing_is_named() -> None:
    lacking = seq(body=op("stack", channels=8))
    with pytest.raises(SpaceError, match=r"scale\(cells=\): nothing here has a number of cells;"):
        scale(lacking, cells=2, channels=16)
