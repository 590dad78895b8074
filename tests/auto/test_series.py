"""The whole way for series."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import optuna
import pandas as pd
import pytest

import archwright
from archwright.errors import DataError
from tests.auto.alone import predictions


def waves(rows: int = 60) -> pd.DataFrame:
    """Waves of three lengths, of unequal length, with gaps; half of the labels of one are wrong."""
    rng = np.random.default_rng(0)
    y = np.arange(rows) % 3
    x = np.sin((np.arange(30) + rng.uniform(0, 6, (rows, 1))) / (1.5 + y[:, None]))
    x += 0.1 * rng.normal(size=x.shape)
    x[::4, 22:] = np.nan
    x[1::5, 7:9] = np.nan
    frame = pd.DataFrame(x.round(4), columns=[f"t{i}" for i in range(30)])
    wrong = (y == 2) & (rng.random(rows) < 0.5)
    return frame.assign(kind=np.array(["a", "b", "c"])[np.where(wrong, 0, y)])


@pytest.mark.slow
def test_series_from_a_table_to_a_folder_that_works_alone(tmp_path: Path) -> None:
    frame, run = waves(), tmp_path / "run"
    frame.to_csv(tmp_path / "waves.csv", index=False)
    found = archwright.search(
        tmp_path / "waves.csv", modality="series", trials=2, epochs=3, out=run, workers=1
    )
    rivals = json.loads((run / "result" / "metrics.json").read_text())["rivals"]
    assert {"MiniRocket + ridge", "1-NN DTW"} <= set(rivals)
    study = optuna.load_study(storage=f"sqlite:///{run / 'study.db'}", study_name="archwright")
    families = [trial.params["network"] for trial in study.trials]
    assert families == ["rocket", "series"], "what is fitted in a moment comes first"
    report = (run / "report.html").read_text()
    assert "data:image/svg+xml" in report, "the worst mistakes are drawn"
    assert "test series" in report
    assert (run / "result" / "model.onnx").is_file()

    new = tmp_path / "new.csv"
    frame.drop(columns="kind").to_csv(new, index=False)
    assert len(predictions(found, run, new).splitlines()) == 61

    with pytest.raises(DataError, match="missing column 't7'"):
        found.predict(frame.drop(columns="t7"))
    with pytest.raises(DataError, match="the longest in training had 30"):
        found.predict(np.zeros((2, 31)))
