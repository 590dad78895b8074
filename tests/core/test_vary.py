from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from archwright.core.architecture import Architecture, active, sample
from archwright.core.space import Choice, Hole, Node, Range, Repeat, Value, op, seq
from archwright.core.vary import alternatives, changed, crossover, neighbours, plain
from archwright.spaces.cell201 import cell201
from archwright.spaces.darts import darts
from archwright.spaces.mobile import mobile
from archwright.spaces.nas101 import nas101

SPACE = seq(
    stem=op("conv", width=Range(8, 1024, log=True)),
    body=Repeat(
        Choice((op("pool"), op("conv", kernel=Choice((3, 5)), rate=Range(0, 100)))), Range(1, 3)
    ),
)


def parents(seed: int) -> tuple[Architecture, Architecture]:
    rng = Random(seed)
    return sample(SPACE, rng), sample(SPACE, rng)


def test_a_child_answers_its_holes_and_no_other() -> None:
    for seed in range(50):
        child = crossover(SPACE, *parents(seed), Random(seed))
        assert set(child.answers) == set(active(SPACE, child))


def test_a_child_has_every_answer_from_a_parent_that_has_the_hole() -> None:
    for seed in range(50):
        mother, father = parents(seed)
        child = crossover(SPACE, mother, father, Random(seed))
        for path, value in child.answers.items():
            offered = {each.answers[path] for each in (mother, father) if path in each.answers}
            assert not offered or value in offered


def test_both_parents_give() -> None:
    mother = Architecture.of({"stem/width": 8, "body/depth": 1, "body/0": "pool"})
    father = Architecture.of({"stem/width": 9, "body/depth": 2, "body/0": "pool", "body/1": "pool"})
    children = [crossover(SPACE, mother, father, Random(seed)) for seed in range(30)]
    assert {child.answers["stem/width"] for child in children} == {8, 9}
    assert {child.answers["body/depth"] for child in children} == {1, 2}


def test_the_children_of_equals_equal_them() -> None:
    mother, _ = parents(0)
    assert crossover(SPACE, mother, mother, Random(0)) == mother


def test_an_answer_that_fits_no_hole_is_not_inherited() -> None:
    space = Choice((op("conv", size=Choice((3, 5))), op("pool", size=Choice((2, 4)))))
    foreign = Architecture.of({"": "conv", "conv/size": 4})
    child = crossover(space, foreign, foreign, Random(0))
    assert child.answers["conv/size"] in (3, 5)


def test_each_neighbour_differs_in_one_answer_and_is_complete() -> None:
    arch = sample(SPACE, Random(3))
    around = neighbours(SPACE, arch)
    for other in around:
        shared = other.answers.keys() & arch.answers.keys()
        assert sum(other.answers[path] != arch.answers[path] for path in shared) == 1
        assert set(other.answers) == set(active(SPACE, other))
    assert len({other.key for other in around}) == len(around)


def test_all_other_options_are_neighbours() -> None:
    space = seq(a=Choice(("x", "y", "z")), b=Choice((1,)), c=Range(1, 3))
    around = neighbours(space, Architecture.of({"a": "x", "b": 1, "c": 1}))
    found = [tuple(other.answers.values()) for other in around]
    assert found == [("y", 1, 1), ("z", 1, 1), ("x", 1, 2), ("x", 1, 3)]


def test_who_changes_the_list_of_neighbours_changes_no_other_list() -> None:
    arch = sample(SPACE, Random(3))
    neighbours(SPACE, arch).clear()
    assert neighbours(SPACE, arch)


def test_holes_that_open_get_the_first_option_or_the_middle() -> None:
    arch = Architecture.of({"stem/width": 8, "body/depth": 1, "body/0": "pool"})
    other = changed(SPACE, arch, "body/0", "conv")
    assert other.answers["body/0/conv/kernel"] == 3
    assert other.answers["body/0/conv/rate"] == 50


@pytest.mark.parametrize(
    ("hole", "value", "others"),
    [
        (Choice(("a", "b", "c")), "b", ["a", "c"]),
        (Range(1, 8), 3, [1, 2, 4, 5, 6, 7, 8]),
        (Range(0, 79), 40, [0, 30, 50, 39, 41, 79]),
        (Range(0, 79), 79, [0, 69, 78]),
        (Range(8, 1024, log=True), 64, [8, 32, 128, 63, 65, 1024]),
        (Range(8, 1024, log=True), 8, [16, 9, 1024]),
        (Range(5, 5), 5, []),
    ],
    ids=str,
)
def test_of_a_long_range_a_handful_is_tried(hole: Hole, value: Value, others: list[Value]) -> None:
    assert alternatives(hole, value) == others


def test_the_plain_answer_of_a_range_is_its_middle() -> None:
    assert plain(Range(0, 10)) == 5
    assert plain(Range(4, 64, log=True)) == 16
    assert plain(Choice(("a", "b"))) == "a"


@pytest.mark.parametrize("make", [cell201, darts, mobile, nas101], ids=lambda make: make.__name__)
def test_neighbours_are_what_a_walk_through_the_space_would_record(
    make: Callable[[tuple[int, ...]], Node],
) -> None:
    space = make((3, 32, 32))
    arch = sample(space, Random(0))
    near = [
        changed(space, arch, path, value)
        for path, hole in active(space, arch).items()
        for value in alternatives(hole, arch.answers[path])
    ]
    assert neighbours(space, arch) == near
