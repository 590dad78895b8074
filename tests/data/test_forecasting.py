"""Tasks of forecasting: what is forecast, and that no part sees what is to come in another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from archwright.data import load
from archwright.data.task import Task
from archwright.errors import DataError


def daily(steps: int = 200, **columns: Any) -> pd.DataFrame:
    """A table with a row a day; `v` counts the days."""
    when = pd.date_range("2023-01-01", periods=steps)
    return pd.DataFrame({"day": when, "v": np.arange(float(steps)), **columns})


def counted(task: Task, rows: np.ndarray, name: str = "v") -> np.ndarray:
    """What a count of days is at the steps that some windows forecast, in days again."""
    mean, std = task.read["scales"][name]
    return np.round(task.target[rows] * std + mean)


def test_no_target_reaches_into_the_next_part() -> None:
    task = load(daily(), horizon=5)
    parts = (task.splits.train, task.splits.validation, task.splits.test)
    ends = [(counted(task, rows).min(), counted(task, rows).max()) for rows in parts]
    assert ends[0][1] + 1 == ends[1][0] == 128
    assert ends[1][1] + 1 == ends[2][0] == 160
    assert ends[2][1] == 199
    assert len(task.splits.test) == 40 - 5 + 1


def test_what_was_learnt_of_scale_is_of_training_steps_alone() -> None:
    task = load(daily(), horizon=5)
    steps = np.arange(128.0)
    np.testing.assert_allclose(task.read["scales"]["v"], [steps.mean(), steps.std()])


def test_sizes_of_the_parts_can_be_given_in_steps() -> None:
    task = load(daily(), horizon=5, split="steps:10,20")
    assert counted(task, task.splits.test).min() == 180
    assert counted(task, task.splits.validation).min() == 170


def test_a_column_of_parts_is_kept_to() -> None:
    parts = ["train"] * 120 + ["validation"] * 30 + ["test"] * 50
    task = load(daily(split=parts), horizon=7)
    assert counted(task, task.splits.validation).min() == 120
    assert len(task.splits.test) == 50 - 7 + 1


def test_the_last_steps_to_train_validate_where_nothing_says_which_do() -> None:
    task = load(daily(split=["train"] * 160 + ["test"] * 40), horizon=5)
    assert counted(task, task.splits.test).min() == 160
    ends = counted(task, task.splits.validation)
    assert (ends.min(), ends.max()) == (128, 159)


def test_parts_that_go_back_in_time_are_refused() -> None:
    parts = ["test"] * 50 + ["train"] * 150
    with pytest.raises(DataError, match="step 51 is of an earlier part"):
        load(daily(split=parts), horizon=7)


def test_several_series_are_cut_at_the_same_moments() -> None:
    early, late = daily(200).assign(shop="a"), daily(200).assign(shop="b")[50:]
    task = load(pd.concat([early, late]), horizon=5)
    assert task.read["key"] == "shop"
    found = {name: counted(task, task.splits.test, name) for name in ("a",)}
    assert found["a"].min() < 165  # of both, each on its own scale
    assert len(task.splits.test) == 2 * (40 - 5 + 1)


def test_columns_beside_the_targets_are_known_beside_them() -> None:
    task = load(daily(w=np.ones(200), words=["x"] * 200), "v", horizon=3)
    assert (task.read["targets"], task.read["covariates"]) == (["v"], ["w"])
    assert "words" in task.notes[0]


def test_all_columns_of_numbers_are_forecast_unless_one_is_named() -> None:
    task = load(daily(w=np.sin(np.arange(200.0))), horizon=3)
    assert task.read["targets"] == ["v", "w"]
    assert task.inputs.shape[0] == 1 + 2 * len(task.read["parts"])


def test_rows_of_an_array_are_series_and_short_ones_have_nan_before_them() -> None:
    rows = np.full((4, 90), np.nan)
    for i, steps in enumerate((90, 60, 40, 3)):
        rows[i, :steps] = np.sin(np.arange(steps) / 3 + i)
    task = load({"x": rows}, horizon=4)
    assert task.notes == ("1 series of 4 steps or fewer are left out.",)
    assert set(task.read["scales"]) == {"1", "2", "3"}
    assert np.isfinite(task.target[task.splits.train]).all()


def test_test_steps_that_come_with_arrays_are_the_test(tmp_path: Path) -> None:
    train, test = np.random.default_rng(0).normal(size=(5, 60)), np.zeros((5, 6))
    np.savez(tmp_path / "m.npz", train=train, test=test, id=np.array(list("abcde")))
    task = load(tmp_path / "m.npz", horizon=6)
    assert len(task.splits.test) == 5
    assert set(task.read["scales"]) == set("abcde")
    assert counted(task, task.splits.test, "a")[0].tolist() == [0.0] * 6


@pytest.mark.parametrize(
    ("horizon", "how", "words"),
    [
        (300, {}, "the longest series has 200 steps"),
        (90, {}, "leaves too few to train on"),
        (0, {}, "give 1 step or more"),
        (5, {"split": "time:day"}, "'steps:V,T'"),
        (5, {"time": "dya"}, "no column 'dya'.*'day'"),
        (5, {"target": "u"}, "no column 'u'"),
        (5, {"series": "shop"}, "no column 'shop'"),
        (5, {"test": "more.csv"}, "test: forecasts have no such choice"),
    ],
)
def test_what_cannot_be_forecast_is_refused(horizon: int, how: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words):
        load(daily(), horizon=horizon, **how)


def test_times_that_come_twice_are_refused_with_their_row() -> None:
    frame = pd.concat([daily(100), daily(100)[40:]])
    with pytest.raises(DataError, match="row 101 goes back in time"):
        load(frame, horizon=5)


def test_what_lies_outside_of_a_series_is_neither_seen_nor_forecast() -> None:
    late = np.where(np.arange(200) < 60, np.nan, np.arange(200.0))
    early = np.where(np.arange(200) > 190, np.nan, np.arange(200.0))
    task = load(daily(late=late, early=early), horizon=5)
    assert task.findings == ()
    assert {name: moment for name, (_, moment) in task.read["begins"].items()} == {
        "v": 19358 * 86400.0,
        "late": (19358 + 60) * 86400.0,
        "early": 19358 * 86400.0,
    }
    assert len(task.splits.test) == 2 * 36 + 27


def test_a_column_without_any_value_is_named() -> None:
    with pytest.raises(DataError, match="series 'w' holds no value at all"):
        load(daily(w=np.full(200, np.nan)), horizon=5)


def test_gaps_are_told() -> None:
    frame = daily()
    frame.loc[20:39, "v"] = np.nan
    (finding,) = load(frame, horizon=5).findings
    assert finding.level == "warning"
    assert finding.detail.startswith("20 of 200 steps")


def test_a_week_is_found_in_days_and_no_season_in_a_walk() -> None:
    rng = np.random.default_rng(0)
    week = daily(400).assign(v=np.tile(np.arange(7.0), 58)[:400] + rng.normal(size=400))
    walk = daily(400).assign(v=rng.normal(size=400).cumsum())
    assert load(week, horizon=5).read["season"] == 7
    assert load(walk, horizon=5).read["season"] == 1


def test_a_season_is_found_without_a_clock() -> None:
    rows = np.sin(np.arange(300) * 2 * np.pi / 12) + np.arange(300) / 30
    assert load(rows, horizon=6).read["season"] == 12


@pytest.mark.slow
def test_the_split_of_the_literature_gives_its_windows(data_folder: Path) -> None:
    frame = pd.read_parquet(data_folder / "timeseries/ETTh1.parquet")[:14_400]
    frame["split"] = ["train"] * 8640 + ["validation"] * 2880 + ["test"] * 2880
    task = load(frame, horizon=96)
    assert len(task.splits.test) == 7 * 2785
    assert task.read["season"] == 24
    train = frame["OT"][:8640]
    np.testing.assert_allclose(task.read["scales"]["OT"], [train.mean(), train.std(ddof=0)], 1e-5)
