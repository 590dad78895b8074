"""The whole way for tables that are wide, have very many categories, or dates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_wine

import archwright
from tests.auto.alone import predictions


def finished(frame: pd.DataFrame, target: str, folder: Path) -> archwright.Result:
    """Search shortly; check that the folder works alone and that it has an ONNX file."""
    run, new = folder / "run", folder / "new.csv"
    found = archwright.search(frame, target, trials=1, epochs=2, out=run, workers=1)
    frame.drop(columns=target).head(20).to_csv(new, index=False)
    assert len(predictions(found, run, new).splitlines()) == 21
    assert (run / "result" / "model.onnx").is_file()
    assert (run / "report.html").is_file()
    return found


@pytest.mark.slow
def test_a_thousand_columns(tmp_path: Path) -> None:
    x, y = load_wine(return_X_y=True)
    wide = (x - x.mean(0)) / x.std(0) @ np.random.default_rng(0).normal(size=(13, 1000))
    frame = pd.DataFrame(wide.round(4)).add_prefix("c").assign(kind=np.array(["a", "b", "c"])[y])
    found = finished(frame, "kind", tmp_path)
    assert found.metrics["params"] < 1e6, "no number of a wide table is embedded by itself"


@pytest.mark.slow
def test_thousands_of_categories(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    place = rng.integers(0, 5000, 12_000)
    worth = rng.normal(size=5000)
    names = np.array([f"place {i}" for i in range(5000)])
    noise = rng.normal(size=len(place))
    frame = pd.DataFrame(
        {"place": names[place], "noise": noise, "price": worth[place] + 0.1 * noise}
    )
    found = finished(frame, "price", tmp_path)
    unseen = found.predict(pd.DataFrame({"place": ["nowhere", None], "noise": [0.0, 0.0]}))
    assert unseen[0] == unseen[1]
    assert abs(unseen[0]) < 3
    columns = found.metrics["rivals"]["HistGradientBoosting"]
    assert columns["rmse"] < 0.9, "by the mean of its category, where the standard deviation is 1"


@pytest.mark.slow
def test_a_date_alone_tells_the_season(tmp_path: Path) -> None:
    days = pd.date_range("2019-01-01", periods=1500, freq="D")
    warmth = 10 - 8 * np.cos(2 * np.pi * (days.day_of_year - 15) / 365.25)
    frame = pd.DataFrame({"day": days.strftime("%d.%m.%Y"), "warmth": warmth.to_numpy().round(3)})
    found = finished(frame, "warmth", tmp_path)
    assert found.metrics["rivals"]["ridge regression"]["rmse"] < 1, "a line of sine and cosine"
