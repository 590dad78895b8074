"""Series from arrays, tables and .ts files, and what is wrong with some of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from archwright.data import load
from archwright.data.assemble import from_long, from_ts, padded
from archwright.errors import DataError

RNG = np.random.default_rng(0)
LABELS = np.array(["rest", "run"] * 10)


def long_table() -> pd.DataFrame:
    """Twenty series of 5 to 8 steps, two channels, in turn of two classes."""
    rows: list[dict[str, Any]] = []
    for i in range(20):
        for step in range(5 + i % 4):
            values = {"ax": float(i + step), "ay": RNG.normal()}
            rows.append({"id": f"s{i}", "time": 10 * step, **values, "who": i // 5} |
                        {"label": LABELS[i]})  # fmt: skip
    return pd.DataFrame(rows)


def test_arrays_are_series_of_one_channel_or_of_several() -> None:
    for x in (RNG.normal(size=(20, 9)), RNG.normal(size=(20, 1, 9))):
        task = load((x, LABELS), modality="series")
        assert (task.modality, task.inputs.shape, task.classes) == (
            "series",
            (20, 1, 9),
            ("rest", "run"),
        )
    assert load((RNG.normal(size=(20, 3, 9)), LABELS), modality="series").inputs.shape == (20, 3, 9)


def test_parts_and_lists_of_series_may_differ_in_length() -> None:
    arrays = {"x_train": RNG.normal(size=(20, 9)), "y_train": LABELS}
    arrays |= {"x_test": RNG.normal(size=(4, 7)), "y_test": LABELS[:4]}
    task = load(arrays, modality="series")
    assert task.inputs.shape == (24, 1, 9)
    assert np.isnan(task.inputs[20:, 0, 7:]).all()
    assert task.splits.test.tolist() == [20, 21, 22, 23]
    ragged = [RNG.normal(size=(2, 4 + i % 3)) for i in range(20)]
    assert load((ragged, LABELS), modality="series").inputs.shape == (20, 2, 6)


def test_a_wide_table_has_a_channel_for_each_name_of_numbered_columns(tmp_path: Path) -> None:
    values = RNG.normal(size=(20, 8)).round(3)
    names = [f"x_{i}" for i in range(4)] + [f"y_{i}" for i in (3, 0, 2, 1)]
    frame = pd.DataFrame(values, columns=names).assign(who=np.arange(20) // 5, label=LABELS)
    frame.loc[0, "x_3"] = None
    frame.to_csv(tmp_path / "wide.csv", index=False)
    task = load(tmp_path / "wide.csv", modality="series", split="group:who")
    assert task.inputs.shape == (20, 2, 4)
    np.testing.assert_allclose(task.inputs[1, 1], values[1, [5, 7, 6, 4]], rtol=1e-6)
    assert np.isnan(task.inputs[0, 0, 3])
    groups = [set(frame["who"].iloc[part]) for part in (task.splits.train, task.splits.test)]
    assert not groups[0] & groups[1], "a group on both sides"


def test_a_long_table_has_a_series_for_each_id() -> None:
    frame = long_table()
    shuffled = frame.sample(frac=1, random_state=0).sort_values("time", kind="stable")
    task = load(shuffled.drop(columns="who"), modality="series")
    assert task.inputs.shape == (20, 2, 8)
    at = list(dict.fromkeys(shuffled["id"])).index("s1")
    np.testing.assert_allclose(task.inputs[at, 0, :6], [1, 2, 3, 4, 5, 6])
    assert np.isnan(task.inputs[at, :, 6:]).all()
    assert task.target_name == "label"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"time": 0}, "series 's0': row 3 has the same time as the row before"),
        ({"time": -5}, r"series 's0': row 3 goes back in time \('time' is -5\)"),
        ({"time": None}, "row 3: 'time' is nan, neither a number nor a date"),
        ({"label": "run"}, "the series 's0' has 2 different values of 'label'"),
        ({"id": None}, "row 3 has no 'id'"),
    ],
)
def test_what_is_wrong_in_a_long_table_is_named(change: dict[str, Any], message: str) -> None:
    frame = long_table().drop(columns="who")
    if change.get("time") == 0:
        change = {"time": 10}
    for column, value in change.items():
        frame.loc[2, column] = value
    with pytest.raises(DataError, match=message):
        load(frame, modality="series")


def test_dates_tell_the_order_of_time() -> None:
    days = ["2024-01-03", "2024-01-01"]
    columns = {"id": ["a", "a"], "day": days, "x": ["1", "2"]}
    with pytest.raises(ValueError, match="goes back in time"):
        from_long(columns, "id", "day", ["x"])
    columns["day"] = days[::-1]
    assert from_long(columns, "id", "day", ["x"])[0].tolist() == [[[1.0, 2.0]]]


def test_a_ts_file_may_have_channels_gaps_and_lengths_of_all_kinds(tmp_path: Path) -> None:
    rows = [f"{i},?,3:4,5:{LABELS[i]}" if i else "1,2,3,4:5:rest" for i in range(20)]
    head = "#about\n@problemName toy\n@timeStamps false\n@classLabel true rest run\n@data\n"
    (tmp_path / "toy.ts").write_text(head + "\n".join(rows) + "\n")
    task = load(tmp_path / "toy.ts")
    assert (task.modality, task.inputs.shape) == ("series", (20, 2, 4))
    np.testing.assert_array_equal(task.inputs[0, 1], [5, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(task.inputs[3, 0], [3, np.nan, 3, np.nan])
    assert task.classes == ("rest", "run")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2:a\n", "no line says @data"),
        ("@data\n", "no series below @data"),
        ("@timestamps true\n@data\n(0,1):a", "time stamps are not read"),
        ("@data\n1,2:a\n1,2:3,4:b", "line 3 has 2 dimensions, the first series 1"),
        ("@data\n1,x:a", "'of line 2' holds 'x', which is no number"),
    ],
)
def test_what_is_wrong_in_a_ts_file_is_named(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        from_ts(text)


def test_bad_arrays_are_refused() -> None:
    x = RNG.normal(size=(20, 2, 9))
    x[3] = np.nan
    with pytest.raises(DataError, match=r"1 series hold no value at all \(first: number 4\)"):
        load((x, LABELS), modality="series")
    with pytest.raises(DataError, match=r"shape \(20, 2, 0\)"):
        load((x[:, :, :0], LABELS), modality="series")
    mixed = [RNG.normal(size=(1 + i % 2, 5)) for i in range(20)]
    with pytest.raises(DataError, match="the series have 1 and 2 channels"):
        load((mixed, LABELS), modality="series")
    with pytest.raises(DataError, match="one class only"):
        load((RNG.normal(size=(20, 9)), ["run"] * 20), modality="series")
    with pytest.raises(DataError, match="neither a wide table of series"):
        load(pd.DataFrame({"a": range(20), "label": LABELS}), modality="series")


def test_a_modality_is_known_and_fits_the_data() -> None:
    with pytest.raises(DataError, match="modality 'serie' is not known; did you mean 'series'"):
        load((RNG.normal(size=(20, 9)), LABELS), modality="serie")
    with pytest.raises(DataError, match="the data are tables; they cannot be read as images"):
        load((RNG.normal(size=(20, 9)), LABELS), modality="image")


def test_a_class_of_one_series_trains_and_is_told() -> None:
    labels = [*LABELS[:19], "jump"]
    task = load((RNG.normal(size=(20, 9)), labels), modality="series")
    assert 19 in task.splits.train
    assert any("missing from test" in finding.title for finding in task.findings)


def test_padding_is_nan() -> None:
    found = padded([[np.ones(2)], [np.ones(3)]])
    np.testing.assert_array_equal(found, [[[1, 1, np.nan]], [[1, 1, 1]]])


def test_the_doctor_tells_of_unequal_lengths_and_of_gaps() -> None:
    x = RNG.normal(size=(20, 2, 9))
    x[4, :, 6:] = np.nan
    x[5, 0, 2] = np.nan
    told = {f.title: f.detail for f in load((x, LABELS), modality="series").findings}
    assert told["Series of unequal length"].startswith("They have 6 to 9 steps.")
    assert told["Gaps in series"].startswith("1 of 20 series")
    x = RNG.normal(size=(20, 2, 9))
    plain = {finding.title for finding in load((x, LABELS), modality="series").findings}
    assert not plain & set(told) - {"Very few rows"}
