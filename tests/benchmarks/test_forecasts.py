"""The cases of forecasting are measured as they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks import forecasts, modalities, runs
from benchmarks.runs import Case, Measured


def measured(
    folder: Path, monkeypatch: pytest.MonkeyPatch, rivals: dict[str, float], case: str
) -> tuple[dict[str, Any], list[Case]]:
    """Return the record of a case, with made-up searches, and what was searched."""
    asked: list[Case] = []

    def measure(case: Case, seed: int, work: Path) -> Measured:
        asked.append(case)
        boards = {name: {"rmse": value} for name, value in (rivals | {"trial 3": 0.1}).items()}
        metrics = {"test": {"rmse": 0.6 + seed / 10, "nrmse": 9.0}, "rivals": boards}
        return Measured(work, 1.0, 1.0, metrics)

    monkeypatch.setattr(runs, "measure", measure)
    monkeypatch.setattr(modalities, "ROOT", folder)
    out = folder / "out.json"
    words = ["--data", str(folder), "--out", str(out), "--seeds", "3", "--only", case]
    assert modalities.main(words) == 0
    (found,) = json.loads(out.read_text())["records"]
    return found, asked


def test_etth1_is_split_as_everybody_does_and_judged_by_dlinear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "timeseries").mkdir()
    frame = pd.DataFrame({"date": pd.date_range("2016-07-01", periods=17_420, freq="h"), "OT": 1.0})
    frame.to_parquet(tmp_path / "timeseries" / "ETTh1.parquet")
    found, asked = measured(tmp_path, monkeypatch, {"DLinear": 0.5}, "forecast-etth1")
    assert found["value"] == pytest.approx(0.49)
    assert found["goal"] == pytest.approx(0.25)
    assert found["rivals"] == pytest.approx({"DLinear": 0.25})
    assert asked[0].options == ("--horizon", "96")
    written = pd.read_parquet(asked[0].data)
    counts = written["split"].value_counts().to_dict()
    assert counts == {"train": 8640, "validation": 2880, "test": 2880}


def test_m4_is_judged_by_the_better_of_naive_and_smoothing_without_haste(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "timeseries").mkdir()
    np.savez(tmp_path / "timeseries" / "m4_weekly.npz", train=np.zeros((1, 9)))
    monkeypatch.setattr(forecasts, "smoothing", lambda path, horizon: 0.3)
    rivals = {"seasonal naive (52 steps)": 1.0, "AutoETS": 0.1}
    found, _ = measured(tmp_path, monkeypatch, rivals, "forecast-m4")
    assert found["goal"] == 0.3
    assert found["rivals"]["AutoETS"] == 0.3
