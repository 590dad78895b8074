"""The whole way for forecasts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import archwright
from archwright.errors import DataError
from tests.auto.alone import predictions


def hours(steps: int = 500) -> pd.DataFrame:
    """Two columns that go up and down with the hours, and a third beside them."""
    rng, at = np.random.default_rng(0), np.arange(steps)
    when = pd.date_range("2024-01-01", periods=steps, freq="h")
    wave = np.sin(2 * np.pi * at / 24)
    values = {"load": 50 + 9 * wave + rng.normal(size=steps), "heat": -wave + at / 300}
    return pd.DataFrame({"when": when, **values, "wind": rng.normal(size=steps)})


@pytest.mark.slow
def test_forecasts_from_a_table_to_a_folder_that_works_alone(tmp_path: Path) -> None:
    frame, run = hours(), tmp_path / "run"
    frame.to_csv(tmp_path / "hours.csv", index=False)
    how = {"horizon": 6, "trials": 2, "epochs": 2, "out": run, "workers": 1}
    found = archwright.search(tmp_path / "hours.csv", ["load", "heat"], **how)
    metrics = json.loads((run / "result" / "metrics.json").read_text())
    assert {"seasonal naive (24 steps)", "DLinear"} <= set(metrics["rivals"])
    assert metrics["objective"] == "nrmse"
    members = metrics["ensemble"]["members"]
    assert sorted(each["trial"] for each in members) == [0, 1]
    assert sum(each["weight"] for each in members) == pytest.approx(1)
    assert "The mean of two forecasts" in metrics["ensemble"]["why"]
    assert (run / "result" / "model.onnx").is_file()
    report = (run / "report.html").read_text()
    assert "Error by step ahead" in report
    assert "blue what came" in report

    new = tmp_path / "new.csv"
    frame.tail(60).to_csv(new, index=False)
    lines = predictions(found, run, new).splitlines()
    assert lines[0] == "when,load,heat"
    assert [line.split(",")[0] for line in lines[1:3]] == [
        "2024-01-21 20:00:00",
        "2024-01-21 21:00:00",
    ]
    assert found.predict(frame).shape == (2, 6)
    assert 30 < found.predict(frame)[0].mean() < 70, "in the unit of the series"
    with pytest.raises(DataError, match="missing column 'wind'"):
        found.predict(frame.drop(columns="wind"))


@pytest.mark.slow
def test_series_of_an_array_are_gone_on_with_by_one_step(tmp_path: Path) -> None:
    rows = np.sin(np.arange(120) / 3 + np.arange(4)[:, None])
    rows[0, :50] = np.nan
    found = archwright.search(rows, horizon=1, trials=1, epochs=1, out=tmp_path / "r", workers=1)
    assert found.metrics["objective"] == "rmse"
    assert found.predict(rows[:, -9:]).shape == (4, 1)
