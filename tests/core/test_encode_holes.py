from __future__ import annotations

from random import Random

import numpy as np
import pytest

from archwright.core.architecture import Architecture, active
from archwright.core.encode import (
    all_holes,
    from_one_hot,
    from_sequence,
    one_hot,
    one_hot_many,
    one_hot_names,
    positions,
    positions_many,
    sequence,
)
from archwright.core.space import Choice, Range, Repeat, Same, op, seq
from archwright.errors import SpaceError
from tests.core.spaces import SPACES, TOY, drawn

every_space = pytest.mark.parametrize("name", SPACES)


@every_space
def test_the_open_holes_are_those_that_the_architecture_answers_in_the_order_of_a_walk(
    name: str,
) -> None:
    space = SPACES[name]
    holes = all_holes(space)
    for arch in drawn(space, 20):
        row = positions(space, arch)
        found = [path for path, place in zip(holes, row, strict=True) if place >= 0]
        assert found == list(active(space, arch))
        for path, place in zip(holes, row, strict=True):
            assert place < 0 or holes[path].values[place] == arch.answers[path]


def test_every_hole_is_met_by_some_architecture() -> None:
    met = {path for arch in drawn(TOY, 100) for path in active(TOY, arch)}
    assert met == set(all_holes(TOY))


def test_positions_of_many_are_the_rows_of_single_ones() -> None:
    archs = drawn(TOY, 30)
    table = positions_many(TOY, archs)
    assert table.shape == (30, len(all_holes(TOY)))
    assert all((positions(TOY, arch) == row).all() for arch, row in zip(archs, table, strict=True))
    assert positions_many(TOY, []).shape == (0, len(all_holes(TOY)))


def test_answers_to_closed_holes_are_not_looked_at() -> None:
    space = seq(body=Repeat(op("dense", units=Range(1, 5)), Range(1, 2)))
    told = {"body/depth": 1, "body/0/units": 3, "body/1/units": 99}
    assert positions(space, Architecture.of(told)).tolist() == [0, 2, -1]


def test_spaces_that_python_holds_equal_keep_their_own_answers() -> None:
    numbers, truths = seq(a=Choice((0, 1))), seq(a=Choice((False, True)))
    assert numbers == truths
    assert from_sequence(numbers, (1,)).to_json() != from_sequence(truths, (1,)).to_json()
    assert Same(numbers) != Same(truths)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"b": "x"}, "a: the architecture has no answer"),
        ({"a": 9, "b": "x"}, "a: 9 is not a whole number from 1 to 3"),
        ({"a": 1.0, "b": "x"}, r"a: 1.0 is not a whole number"),
        ({"a": 1, "b": "z"}, r"b: 'z' is not one of \('x', 'y'\)"),
    ],
)
def test_a_foreign_architecture_is_refused_with_the_path(
    answers: dict[str, int], said: str
) -> None:
    space = seq(a=Range(1, 3), b=Choice(("x", "y")))
    for encode in (positions, one_hot, sequence):
        with pytest.raises(SpaceError, match=said):
            encode(space, Architecture.of(answers))


@every_space
def test_one_hot_rows_and_sequences_give_the_architecture_back(name: str) -> None:
    space = SPACES[name]
    archs = drawn(space, 12)
    rows = one_hot_many(space, archs)
    assert rows.dtype == np.float32
    assert rows.shape == (12, len(set(one_hot_names(space))))
    for arch, row in zip(archs, rows, strict=True):
        assert (one_hot(space, arch) == row).all()
        assert from_one_hot(space, row).to_json() == arch.to_json()
        assert from_sequence(space, sequence(space, arch)).to_json() == arch.to_json()


def test_each_number_of_a_range_comes_back_from_its_scale() -> None:
    space = seq(far=Range(3, 2_000, log=True), near=Range(-40, 700))
    for seed in range(300):
        rng = Random(seed)
        arch = Architecture.of({"far": rng.randint(3, 2_000), "near": rng.randint(-40, 700)})
        assert from_one_hot(space, one_hot(space, arch)) == arch


def test_the_columns_of_a_one_hot_row_are_named() -> None:
    space = seq(a=Choice((op("x"), op("y", k=Range(1, 4)))), b=Choice((1, 2)))
    assert one_hot_names(space) == ("a=x", "a=y", "a/y/k", "a/y/k is open", "b=1", "b=2")
    open_, closed = {"a": "y", "a/y/k": 2, "b": 2}, {"a": "x", "b": 1}
    assert one_hot(space, Architecture.of(open_)) == pytest.approx([0, 1, 1 / 3, 1, 0, 1])
    assert one_hot(space, Architecture.of(closed)).tolist() == [1, 0, 0, 0, 1, 0]


def test_the_largest_of_competing_columns_wins() -> None:
    space = seq(a=Choice(("x", "y")))
    assert from_one_hot(space, [0.2, 0.7]) == Architecture.of({"a": "y"})


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([1, 0, 0], r"shape \(4,\), not \(3,\)"),
        ([0, 0, 0.5, 1], "a: none of its columns 0 to 1 is 1"),
        ([float("nan"), 0, 0.5, 1], "a: none of its columns"),
        ([1, 0, 0.5, 0], "b: the hole opens, but its column `b is open` is not 1"),
        ([1, 0, 1.5, 1], "b: its scale runs from 0 to 1, not 1.5"),
        ([1, 0, float("nan"), 1], "b: its scale runs from 0 to 1"),
    ],
)
def test_a_row_that_is_not_one_of_the_space_is_refused(row: list[float], said: str) -> None:
    with pytest.raises(SpaceError, match=said):
        from_one_hot(seq(a=Choice(("x", "y")), b=Range(1, 5)), row)


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ((), "position 0, a: the sequence ends before this hole"),
        ((1,), "position 1, a/y/k: the sequence ends"),
        ((0, 1, 1), "position 2: 1 numbers too many; the last hole is b"),
        ((0, 2), "position 1, b: 2 is not a whole number from 0 to 1"),
        ((0, -1), "position 1, b: -1 is not"),
        ((0, 0.5), "position 1, b: 0.5 is not"),
        ((True, 0), "position 0, a: True is not"),
    ],
)
def test_a_sequence_that_does_not_fit_is_refused_with_position_and_path(
    places: tuple[int, ...], said: str
) -> None:
    space = seq(a=Choice((op("x"), op("y", k=Range(1, 4)))), b=Choice((1, 2)))
    with pytest.raises(SpaceError, match=said):
        from_sequence(space, places)
    with pytest.raises(SpaceError, match="position 0: 1 numbers too many; the space has no holes"):
        from_sequence(op("output"), (1,))
