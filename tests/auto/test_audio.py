"""The whole way for sound."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

import archwright
from tests.data.test_clips import RATE, folder, tone


@pytest.mark.slow
def test_clips_from_a_folder_to_a_result_that_predicts(tmp_path: Path) -> None:
    run = tmp_path / "run"
    found = archwright.search(
        folder(tmp_path / "clips", 40), trials=1, epochs=4, out=run, workers=1
    )
    metrics = json.loads((run / "result" / "metrics.json").read_text())
    assert {"MFCC + logistic regression", "MFCC + HistGradientBoosting"} <= set(metrics["rivals"])
    assert "clips" in (run / "report.html").read_text()
    said = found.predict([tone(310), tone(905).astype(np.float32)])
    assert len(said) == 2
    written = io.StringIO()
    found.write_predictions(str(tmp_path / "clips"), written)
    assert len(written.getvalue().splitlines()) == 41


@pytest.mark.slow
def test_arrays_of_clips_and_values(tmp_path: Path) -> None:
    pitches = np.linspace(300, 900, 30)
    arrays = {"x": [tone(pitch) for pitch in pitches], "y": pitches, "rate": RATE}
    found = archwright.search(
        arrays, modality="audio", trials=1, epochs=1, out=tmp_path / "run", workers=1
    )
    assert "MFCC + ridge regression" in found.metrics["rivals"]
