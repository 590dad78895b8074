"""Which windows tell the same, and what is trained on and foreseen from an earlier origin."""

from __future__ import annotations

from dataclasses import replace

import torch

from archwright.auto.origins import alike, earlier
from archwright.evaluators.train import Split
from archwright.nets.site import Signature

HORIZON = 4
LENGTH = 8
ONE = {"length": LENGTH, "begins": {"a": (LENGTH, 0.0)}}
HOW = {"length": LENGTH, "begins": {"a": (LENGTH, 0.0), "b": (100 + LENGTH, 0.0)}}


def split(train: list[int], valid: list[int]) -> Split:
    rows = (torch.tensor(train), torch.tensor(valid))
    nothing = torch.empty(0)
    return Split(
        Signature((1, LENGTH), HORIZON, "regression"), nothing, nothing, *rows, modality="forecast"
    )


def test_windows_at_one_time_are_one_group_in_all_series() -> None:
    found = alike([split([], [0, 3, 4, 11]), split([], [100, 103, 104])], HOW)
    assert found.tolist() == [0, 0, 1, 2, 0, 0, 1]


def test_the_last_training_windows_of_each_series_validate() -> None:
    both = [*range(20), *range(100, 130)]
    found = earlier(split(both, [24, 25, 26, 134, 135, 136, 137]), HOW, 0)
    assert found is not None
    assert found.valid.tolist() == [17, 18, 19, 126, 127, 128, 129]
    assert found.train.tolist() == [*range(14), *range(100, 123)]
    foreseen = {row + step for row in found.valid.tolist() for step in range(HORIZON)}
    seen = {row + step for row in found.train.tolist() for step in range(HORIZON)}
    assert not foreseen & seen


def test_as_many_windows_validate_as_before_though_it_is_as_long_a_time() -> None:
    thin = split(list(range(60)), [64, 70, 74])
    found = earlier(thin, ONE, 0)
    assert found is not None
    assert len(found.valid) == 3
    assert min(found.valid) >= 49
    assert max(found.train) == 45
    again = earlier(thin, ONE, 0)
    assert again is not None
    assert torch.equal(again.valid, found.valid)


def test_a_series_that_nothing_validates_only_trains() -> None:
    found = earlier(split([*range(20), *range(100, 130)], [24, 25]), HOW, 0)
    assert found is not None
    assert found.valid.tolist() == [18, 19]
    assert found.train.tolist() == [*range(15), *range(100, 130)]


def test_there_is_no_earlier_origin_where_little_is_left_to_train_on() -> None:
    assert earlier(split(list(range(20)), list(range(24, 36))), ONE, 0) is None
    alone = split(list(range(20)), [24])
    assert earlier(replace(alone, train=alone.valid), ONE, 0) is None


def test_a_window_in_the_room_before_a_series_is_of_that_one() -> None:
    how = {"length": LENGTH, "begins": {"a": (LENGTH, 0.0), "b": (50, 0.0)}}
    assert alike([split([], [0, 5, 42, 47, 52])], how).tolist() == [0, 1, 0, 1, 2]
    found = earlier(split([*range(20), *range(42, 62)], [24, 25, 66, 67]), how, 0)
    assert found is not None
    assert found.valid.tolist() == [18, 19, 60, 61]
    assert found.train.tolist() == [*range(15), *range(42, 57)]
