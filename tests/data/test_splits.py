"""Splits: disjoint, complete, deterministic, and as asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from archwright.data.splits import Way, make_splits, parse_split, parts_of
from archwright.data.task import Splits
from archwright.errors import DataError


def shuffled(rows: int, seed: int = 0) -> Splits:
    return make_splits(None, Way("shuffle", np.zeros(rows)), rows, seed)


def stratified(labels: NDArray[Any], seed: int = 0) -> Splits:
    return make_splits(None, Way("stratified", labels), len(labels), seed)


def everything(splits: Splits) -> list[int]:
    parts = (splits.train, splits.validation, splits.test)
    return sorted(np.concatenate(parts).tolist())


def test_a_fifth_tests_and_a_fifth_of_the_rest_chooses() -> None:
    splits = shuffled(1000)
    sizes = (len(splits.train), len(splits.validation), len(splits.test))
    assert sizes == (640, 160, 200)
    assert everything(splits) == list(range(1000))
    assert "200 for the test and 160 for validation drawn at random" in splits.how


def test_large_data_keeps_its_rows_for_training() -> None:
    splits = shuffled(200_000)
    assert (len(splits.validation), len(splits.test)) == (5_000, 20_000)


def test_the_seed_decides() -> None:
    assert shuffled(100).test.tolist() == shuffled(100).test.tolist()
    assert shuffled(100).test.tolist() != shuffled(100, seed=1).test.tolist()


def test_classes_keep_their_share_in_each_part() -> None:
    labels = np.repeat([0, 1], [900, 100])
    splits = stratified(labels)
    for part in (splits.train, splits.validation, splits.test):
        assert labels[part].mean() == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("rare", [1, 2, 3])
def test_rows_of_very_rare_classes_all_train(rare: int) -> None:
    labels = np.repeat([0, 1, 2], [50, 50, rare])
    splits = stratified(labels)
    assert everything(splits) == list(range(len(labels)))
    assert (labels[splits.train] == 2).sum() == rare


@pytest.mark.parametrize("rows", range(10, 40))
@pytest.mark.parametrize("classes", [2, 3, 7])
def test_tiny_data_is_split_too(rows: int, classes: int) -> None:
    splits = stratified(np.arange(rows) % classes)
    assert everything(splits) == list(range(rows))
    assert min(len(splits.validation), len(splits.test)) >= 1


def test_fewer_than_ten_rows_are_refused() -> None:
    with pytest.raises(DataError, match="9 rows that can be used; at least 10 are needed"):
        shuffled(9)


def test_given_parts_are_respected() -> None:
    parts = np.array(["train"] * 30 + ["test"] * 10 + ["validation"] * 5)
    splits = make_splits(parts, Way("shuffle", np.zeros(45)), 45, 0)
    assert splits.test.tolist() == list(range(30, 40))
    assert splits.validation.tolist() == list(range(40, 45))
    without = make_splits(parts[:40], Way("shuffle", np.zeros(40)), 40, 0)
    assert without.test.tolist() == list(range(30, 40))
    assert len(without.validation) == 6
    assert without.how.startswith("test rows as given; 6 for validation")


def test_a_given_test_part_that_leaves_nothing_to_train_on_is_refused() -> None:
    parts = np.array(["train"] * 3 + ["test"] * 20)
    with pytest.raises(DataError, match="only 3 rows are left to train on"):
        make_splits(parts, Way("shuffle", np.zeros(23)), 23, 0)


def test_groups_are_never_torn() -> None:
    groups = np.arange(200) % 20
    splits = make_splits(None, Way("group", groups, "patient"), 200, 0)
    parts = (splits.train, splits.validation, splits.test)
    assert sum(len(set(groups[part])) for part in parts) == 20
    assert "whole groups of 'patient'" in splits.how
    with pytest.raises(DataError, match="'patient' has too few groups"):
        make_splits(None, Way("group", np.arange(200) % 2, "patient"), 200, 0)


def test_the_latest_rows_test_and_those_before_choose() -> None:
    times = np.random.default_rng(0).permutation(100)
    splits = make_splits(None, Way("time", times, "day"), 100, 0)
    assert times[splits.train].max() < times[splits.validation].min()
    assert times[splits.validation].max() < times[splits.test].min()


def test_split_is_parsed_or_explained() -> None:
    assert parse_split(None, []) == ("shuffle", "")
    assert parse_split("group:a b", ["a b"]) == ("group", "a b")
    with pytest.raises(DataError, match=r"'random' is not understood; known are 'group:COLUMN'"):
        parse_split("random", ["a"])
    with pytest.raises(DataError, match="no column 'dya'; did you mean 'day'"):
        parse_split("time:dya", ["day"])


def test_a_split_column_is_told_from_an_ordinary_one() -> None:
    parts = parts_of(pd.Series(["Train", "TEST", "val"]))
    assert parts is not None
    assert parts.tolist() == ["train", "test", "validation"]
    assert parts_of(pd.Series([1, 2, 3])) is None
    assert parts_of(pd.Series(["train"] * 3)) is None
    with pytest.raises(DataError, match="says 'holdout' in row 3"):
        parts_of(pd.Series(["train", "test", "holdout"], name="split"))
