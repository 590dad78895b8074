"""The whole way from a source to a task, and what the user is told on it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from archwright.data import load
from archwright.errors import DataError


def table(rows: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 80, rows),
            "city": rng.choice(["Bern", "Köln", "Århus"], rows),
            "day": pd.date_range("2024-01-01", periods=rows).astype(str),
            "income": rng.choice(["low", "high"], rows),
        }
    )


def test_the_last_column_is_predicted_and_that_is_said() -> None:
    task = load(table())
    assert task.target_name == "income"
    assert task.classes == ("high", "low")
    assert list(task.inputs) == ["age", "city", "day"]
    assert [column.type for column in task.columns] == ["numeric", "categorical", "datetime"]
    assert "No target was named: the last column, 'income', is predicted." in task.notes
    assert load(table(), "income").notes == ()


def test_a_data_frame_is_left_as_it_was() -> None:
    data = table()
    before = data.copy()
    load(data)
    pd.testing.assert_frame_equal(data, before)


def test_a_split_column_is_respected_and_no_input() -> None:
    data = table()
    data["Split"] = ["train"] * 40 + ["test"] * 20
    task = load(data, "income")
    assert task.splits.test.tolist() == list(range(40, 60))
    assert "Split" not in task.inputs
    assert load(data.assign(Split=1.0 * data["age"])).target_name == "Split"


def test_rows_without_target_are_left_out_and_counted() -> None:
    data = table().assign(split=["train"] * 40 + ["test"] * 20)
    data.loc[[0, 50], "income"] = None
    task = load(data, "income")
    assert len(task) == len(task.inputs) == 58
    assert len(task.splits.test) == 19
    assert "2 of 60 rows have no value for the target 'income' and are left out." in task.notes
    with pytest.raises(DataError, match="target 'income' is missing in every row"):
        load(table().assign(income=None))


def test_a_test_file_is_tested_on_and_nothing_else(tmp_path: Path) -> None:
    table().to_csv(tmp_path / "train.csv", index=False)
    table(20)[["income", "age", "city", "day"]].to_csv(tmp_path / "test.csv", index=False)
    task = load(tmp_path / "train.csv", "income", test=tmp_path / "test.csv")
    assert task.splits.test.tolist() == list(range(60, 80))
    assert "test rows as given" in task.splits.how
    again = load(**_arguments(json.loads(json.dumps(task.source))))
    assert again.fingerprint == task.fingerprint


def _arguments(source: dict[str, object]) -> dict[str, object]:
    return {("source" if name == "path" else name): value for name, value in source.items()}


def test_a_test_file_must_have_the_same_columns(tmp_path: Path) -> None:
    table(20).rename(columns={"age": "aeg"}).to_csv(tmp_path / "test.csv", index=False)
    with pytest.raises(DataError, match=r"test: has no column 'age' .*did you mean 'aeg'"):
        load(table(), test=tmp_path / "test.csv")
    with pytest.raises(DataError, match="the data are tables, so it must be tables too"):
        load(table(), test=(np.zeros((9, 4, 4)), np.zeros(9)))
    marked = table().assign(split=["train"] * 40 + ["test"] * 20)
    with pytest.raises(DataError, match="'split' marks test rows"):
        load(marked, "income", test=table(20))


def test_a_split_column_for_validation_goes_with_a_test_file() -> None:
    data = table().assign(split=["train"] * 40 + ["val"] * 20)
    task = load(data, "income", test=table(20))
    assert task.splits.validation.tolist() == list(range(40, 60))
    assert task.splits.test.tolist() == list(range(60, 80))


def test_groups_are_kept_apart_and_are_no_input() -> None:
    data = table().assign(patient=np.arange(60) % 12)
    task = load(data, "income", split="group:patient")
    assert "patient" not in task.inputs
    assert not set(task.splits.test % 12) & set(task.splits.development % 12)


def test_rows_of_no_group_are_groups_of_their_own() -> None:
    data = table().assign(patient=[*(np.arange(30) % 6 * 1.0), *[None] * 30])
    task = load(data, "income", split="group:patient")
    assert {int(i) for i in task.splits.test} & set(range(30, 60))


def test_the_latest_rows_are_tested_by_time() -> None:
    data = table().sample(frac=1, random_state=0)
    task = load(data, "income", split="time:day")
    days = task.inputs["day"]  # type: ignore[call-overload]
    assert days[task.splits.development].max() < days[task.splits.test].min()
    with pytest.raises(DataError, match="'income' is the target; split by another"):
        load(data, "income", split="group:income")
    with pytest.raises(DataError, match=r"'city' holds no time in 60 rows \(first: row 1"):
        load(data, "income", split="time:city")


def test_a_missing_file_suggests_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "train data.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match=r"did you mean 'train data\.csv'"):
        load(tmp_path / "traindata.csv")
    with pytest.raises(DataError, match="there is no folder"):
        load(tmp_path / "nowhere" / "a.csv")


def test_what_is_not_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"x")
    with pytest.raises(DataError, match=r"a\.xlsx: this kind of file is not read; .*\.parquet"):
        load(tmp_path / "a.xlsx")
    with pytest.raises(DataError, match="cannot read data from a int"):
        load(7)
    with pytest.raises(DataError, match="the data frame is empty"):
        load(pd.DataFrame())
    with pytest.raises(DataError, match="x is empty"):
        load((np.zeros((0, 3, 3)), []))


def test_a_missing_target_suggests_the_nearest() -> None:
    with pytest.raises(DataError, match="no column 'incom' to predict; did you mean 'income'"):
        load(table(), "incom")


def test_too_few_rows_and_one_class_are_refused() -> None:
    with pytest.raises(DataError, match="at least 10 are needed"):
        load(pd.DataFrame({"a": [1.5, 2, 4] * 3, "y": [0, 1, 1] * 3}))
    with pytest.raises(DataError, match="one class only"):
        load(table().assign(income="low"))


def test_ten_rows_are_enough() -> None:
    task = load(table(10))
    assert len(task.splits.train) >= 5


def test_kind_and_types_can_be_said(tmp_path: Path) -> None:
    data = table().assign(zip=["02139", "10115"] * 30, y=np.arange(60) % 5)
    data[["zip", "age", "y"]].to_csv(tmp_path / "a.csv", index=False)
    task = load(tmp_path / "a.csv", kind="regression", types={"zip": "categorical"})
    assert task.kind == "regression"
    assert task.outputs == 1
    assert set(task.inputs["zip"]) == {"02139", "10115"}  # type: ignore[call-overload]
    assert task.source["types"] == {"zip": "categorical"}
    assert load(data).source == {"path": None}


def test_the_seed_decides_the_splits_alone() -> None:
    first, again, other = (load(table(), seed=seed) for seed in (0, 0, 1))
    assert first.fingerprint == again.fingerprint
    assert first.fingerprint != other.fingerprint
    assert first.columns == other.columns


def test_importing_data_imports_neither_torch_nor_sklearn() -> None:
    script = (
        "import sys, archwright.data; "
        "print([m for m in ('torch', 'sklearn', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_adult_is_read_with_its_split(data_folder: Path) -> None:
    task = load(data_folder / "tabular" / "adult.parquet", "income")
    assert task.classes == ("<=50K", ">50K")
    assert (len(task), len(task.splits.test)) == (48_842, 16_281)
    assert len(task.columns) == 14
    assert not [finding for finding in task.findings if finding.level == "serious"]


def test_mnist_is_read_with_its_split(data_folder: Path) -> None:
    task = load(data_folder / "images" / "mnist.npz")
    assert task.inputs.shape == (70_000, 1, 28, 28)
    assert task.splits.test.tolist() == list(range(60_000, 70_000))
    assert len(task.splits.validation) == 5_000
    assert task.findings == ()
