"""Narrowed spaces are spaces, and their architectures belong to the whole."""

from __future__ import annotations

from random import Random

import pytest

from archwright.core.architecture import active, decode, sample
from archwright.core.narrow import holes, narrow, outside
from archwright.core.space import Choice, Dag, Range, Repeat, Seq, op, seq, size
from archwright.errors import SpaceError

LAYER = Choice((op("conv", kernel=Choice((1, 3, 5))), op("pool"), op("none")))
SPACE = seq(
    cells=Repeat(Dag(((0, 1, LAYER), (Choice((0, 1)), 2, LAYER)), vertices=(LAYER,)), 2),
    tied=Repeat(LAYER, 2, tied=True),
    deep=Repeat(LAYER, Range(0, 3)),
    often=Repeat(op("dense", units=Range(4, 64, log=True)), Choice((1, 2)), tied=True),
    pairs=Dag(((Choice(("0+1", "1+2")), 3, (LAYER, LAYER)),), inputs=3),
    head=op("output"),
)


def test_nothing_dropped_leaves_the_space_as_it_is() -> None:
    assert narrow(SPACE, {}) == SPACE
    assert narrow(SPACE, {"cells/0/0": ("sep",), "no/such/path": (1,)}) == SPACE


def test_what_is_drawn_from_a_narrowed_space_is_of_the_whole_and_without_the_dropped() -> None:
    dropped = {
        "cells/0/0": ("conv",),
        "cells/1/1/from": (0,),
        "cells/1/vertex/0": ("pool", "none"),
        "tied/each/conv/kernel": (1, 5),
        "often/dense/units": tuple(range(4, 16)),
        "pairs/0/from": ("0+1",),
        "pairs/0/1": ("none",),
    }
    smaller = narrow(SPACE, dropped)
    assert size(smaller) < size(SPACE)
    for seed in range(50):
        arch = sample(smaller, Random(seed))
        assert decode(smaller, arch) == decode(SPACE, arch)
        assert set(active(SPACE, arch)) == set(arch.answers), "every hole still is one"
        assert not outside(arch.answers, dropped)


def test_a_narrowed_space_holds_all_that_has_no_dropped_answer() -> None:
    dropped = {"cells/0/0": ("pool",), "tied/each": ("none",)}
    smaller, drawn = narrow(SPACE, dropped), [sample(SPACE, Random(seed)) for seed in range(200)]
    kept = [arch for arch in drawn if not outside(arch.answers, dropped)]
    assert 0 < len(kept) < 200
    for arch in kept:
        decode(smaller, arch)


def test_conditional_holes_are_narrowed_below_the_option_that_opens_them() -> None:
    choice = narrow(LAYER, {"conv/kernel": (3,), "": ("pool",)})
    assert choice == Choice((op("conv", kernel=Choice((1, 5))), op("none")))


def test_a_range_loses_its_ends_only() -> None:
    assert narrow(Range(1, 9), {"": (1, 2, 5, 9)}) == Range(3, 8)
    assert narrow(Range(4, 64, log=True), {"": range(4, 10)}) == Range(10, 64, log=True)


def test_fixed_copies_may_come_to_differ() -> None:
    twice = Repeat(LAYER, 2)
    smaller = narrow(twice, {"1": ("conv",)})
    assert smaller == Seq((LAYER, Choice((op("pool"), op("none")))))
    arch = sample(smaller, Random(0))
    assert decode(twice, arch) == decode(smaller, arch)
    assert narrow(Repeat(LAYER, 0), {"0": ("conv",)}) == Repeat(LAYER, 0)


def test_copies_of_variable_number_lose_an_answer_together() -> None:
    some = {"deep/0": ("pool",), "deep/1": ("pool",)}
    assert narrow(SPACE, some) == SPACE
    every = narrow(SPACE, {**some, "deep/2": ("pool",)})
    assert dict(zip(every.names, every.children, strict=True))["deep"].child == narrow(
        LAYER, {"": ("pool",)}
    )


def test_fewer_copies_need_fewer_witnesses() -> None:
    dropped = {"depth": (2, 3), "0": ("pool",)}
    smaller = narrow(Repeat(LAYER, Range(0, 3)), dropped)
    assert smaller == Repeat(narrow(LAYER, {"": ("pool",)}), Range(0, 1))
    assert narrow(Repeat(LAYER, Range(0, 3)), {"depth": (1, 2, 3)}) == Repeat(LAYER, Range(0, 0))


def test_a_hole_without_an_answer_is_refused_with_its_path() -> None:
    with pytest.raises(SpaceError, match="tied/each/conv/kernel: nothing would be left"):
        narrow(SPACE, {"tied/each/conv/kernel": (1, 3, 5)})


def test_holes_are_found_once_with_all_the_paths_that_narrow_together() -> None:
    found = holes(SPACE)
    assert found[("deep/0", "deep/1", "deep/2")] == LAYER
    assert found[("deep/0/conv/kernel", "deep/1/conv/kernel", "deep/2/conv/kernel")].values
    assert found[("deep/depth",)] == Range(0, 3)
    assert ("cells/0/0",) in found
    assert ("cells/1/0",) in found
    assert ("tied/each",) in found
    paths = {path for group in found for path in group}
    for seed in range(30):
        assert set(sample(SPACE, Random(seed)).answers) <= paths
