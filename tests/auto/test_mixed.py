"""The whole way for several inputs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import archwright
from archwright.errors import DataError, SpaceError
from tests.auto.alone import predictions
from tests.data.several import rows, table


@pytest.mark.slow
def test_rows_of_images_clips_texts_and_columns_to_a_folder_that_works_alone(
    tmp_path: Path,
) -> None:
    run = tmp_path / "run"
    path = table(tmp_path / "data", 60)
    found = archwright.search(path, trials=2, epochs=2, out=run, workers=1)
    metrics = json.loads((run / "result" / "metrics.json").read_text())
    assert {
        "columns: HistGradientBoosting",
        "photo: logistic regression",
        "clip: MFCC + HistGradientBoosting",
        "said: TF-IDF + linear SVM",
    } <= set(metrics["rivals"])
    report = (run / "report.html").read_text()
    assert '<img class="held" src="data:image/png;base64,' in report, "images and clips are shown"
    assert "house" in report, "and texts can be read"
    assert (run / "result" / "model.onnx").is_file()

    new = tmp_path / "elsewhere" / "new.csv"
    frame = rows(new.parent, 20).drop(columns="label")
    frame.to_csv(new, index=False)
    assert len(predictions(found, run, new).splitlines()) == 21
    with pytest.raises(DataError, match="missing column 'photo', 'clip'"):
        found.predict(frame.drop(columns=["clip", "photo"]))
    with pytest.raises(SpaceError, match="'chain' takes one input"):
        archwright.search(path, trials=1, space="chain", out=tmp_path / "other")


@pytest.mark.slow
def test_values_of_several_inputs_are_learnt_with_folds(tmp_path: Path) -> None:
    frame = rows(tmp_path)[["photo", "said", "size"]]
    frame["size"] = frame["size"].fillna(0.5)
    frame["price"] = 5.0 + frame["size"] + np.linspace(0, 0.1, len(frame))
    frame.to_csv(tmp_path / "data.csv", index=False)
    found = archwright.search(
        *(tmp_path / "data.csv", "price"),
        folds=2,
        trials=1,
        epochs=1,
        workers=1,
        out=tmp_path / "run",
    )
    assert "photo: ridge regression" in found.metrics["rivals"]
    assert np.isfinite(found.metrics["test"]["rmse"])
