"""The rivals for several inputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from archwright.auto import splits
from archwright.data.load import load
from archwright.evaluators.rivals import Contest, fit_rivals
from tests.data.several import table


def test_each_input_has_the_rivals_that_it_has_alone_and_they_see_it_alone(tmp_path: Path) -> None:
    task = load(table(tmp_path))
    split, _ = splits.holdout(task)
    rivals = fit_rivals(Contest(split, task.inputs, 20.0, 0))
    assert [rival.name for rival in rivals[1:]] == [
        "columns: logistic regression",
        "photo: logistic regression",
        "clip: MFCC + logistic regression",
        "said: TF-IDF + logistic regression",
        "columns: HistGradientBoosting",
        "clip: MFCC + HistGradientBoosting",
        "said: TF-IDF + linear SVM",
    ]
    assert not any(rival.model for rival in rivals), "none can stand in for the network"
    photo, rows = rivals[2], split.valid.numpy()
    before = photo.predict(rows)
    size = int(np.prod(split.signature.parts[1].shape))
    first = split.signature.parts[0].shape[0]
    split.x[:, first + size :] = 0  # clips and texts
    np.testing.assert_array_equal(photo.predict(rows), before)
    split.x[:, first : first + size] = 0
    assert not np.array_equal(photo.predict(rows), before)


def test_values_have_rivals_too(tmp_path: Path) -> None:
    task = load(table(tmp_path), target="size")
    split, _ = splits.holdout(task)
    names = [rival.name for rival in fit_rivals(Contest(split, task.inputs, 20.0, 0))]
    assert {"photo: ridge regression", "said: TF-IDF + ridge regression"} <= set(names)
