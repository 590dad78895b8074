"""An exported model reads histories as archwright does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from archwright.data.forecast_sources import read_new
from archwright.data.histories import windows
from archwright.errors import DataError
from archwright.export.read_forecast import read

HOW: dict[str, Any] = {
    "form": "table",
    "time": "day",
    "key": None,
    "targets": ["v", "w"],
    "covariates": ["u"],
    "dates": True,
    "unit": "second",
    "count": 86400.0,
    "horizon": 3,
    "length": 8,
    "parts": ["weekday"],
    "scales": {"v": [1.0, 2.0]},
    "beside": [[0.0, 1.0]],
    "season": 7,
}


def table() -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=20).delete(6)
    values = np.random.default_rng(0).normal(size=(19, 3)).round(3)
    return pd.DataFrame(values, columns=["v", "w", "u"]).assign(day=days)


def test_both_read_the_same_table(tmp_path: Path) -> None:
    path, spec = tmp_path / "new.csv", {"forecast": HOW}
    table().to_csv(path, index=False)
    found = [*(read(path, spec), read_new(path, spec)), read_new(table(), spec)]
    made = [windows(raw, spec) for raw, _ in found]
    assert made[0].shape == (2, 5 - 1, 8)
    for other, (_, named) in zip(made[1:], found[1:], strict=True):
        np.testing.assert_array_equal(other, made[0])
        assert named == found[0][1]
    assert found[0][1][0] == ("v", ["2024-01-21", "2024-01-22", "2024-01-23"])


def test_both_read_the_same_array(tmp_path: Path) -> None:
    how = HOW | {"form": "array", "time": None, "covariates": [], "beside": [], "parts": []}
    rows = np.arange(12.0).reshape(2, 6)
    rows[1, :2] = np.nan
    np.savez(tmp_path / "new.npz", x=rows, id=np.array(["v", "other"]))
    spec = {"forecast": how | {"dates": False, "unit": "number", "count": 1.0}}
    for raw, named in (f(tmp_path / "new.npz", spec) for f in (read, read_new)):
        assert [name for name, _ in named] == ["v", "other"]
        assert windows(raw, spec)[0, 0, -1] == (5 - 1) / 2


def test_a_column_that_is_missing_is_named(tmp_path: Path) -> None:
    path, spec = tmp_path / "new.csv", {"forecast": HOW}
    table().drop(columns="w").to_csv(path, index=False)
    with pytest.raises(ValueError, match="missing column 'w'"):
        read(path, spec)
    with pytest.raises(DataError, match="missing column 'w'"):
        read_new(path, spec)


def test_arrays_are_refused_where_training_had_a_table(tmp_path: Path) -> None:
    np.save(tmp_path / "new.npy", np.zeros((2, 9)))
    for reading, error in ((read, ValueError), (read_new, DataError)):
        with pytest.raises(error, match="training had a table"):
            reading(tmp_path / "new.npy", {"forecast": HOW})
