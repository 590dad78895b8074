"""The rivals for sound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from archwright.evaluators.rivals import Contest, fit_rivals
from archwright.evaluators.rivals_audio import statistics
from archwright.evaluators.train import Split
from archwright.measure.scores import scores
from archwright.nets.site import Signature


def tones(rows: int = 60) -> Split:
    """Low and high tones of unequal length."""
    rng = np.random.default_rng(0)
    x = np.zeros((rows, 1, 2000), np.int16)
    for i in range(rows):
        at = np.arange(rng.integers(1000, 2000))
        x[i, 0, : len(at)] = 8000 * np.sin(at * (0.2 + 0.4 * (i % 2) + rng.uniform(0, 0.1)))
    at = torch.arange(rows)
    tensors = (torch.from_numpy(x), at % 2, at[:40], at[40:])
    return Split(Signature((1, 2000), 2, rate=8000), *tensors, "audio")


def test_clips_have_a_linear_rival_and_boosting() -> None:
    split = tones()
    rivals = fit_rivals(Contest(split, None, 20.0, 0))
    names = [rival.name for rival in rivals[1:]]
    assert names == ["MFCC + logistic regression", "MFCC + HistGradientBoosting"]
    rows, truth = split.valid.numpy(), split.truth(split.valid)
    assert scores(truth, rivals[1].predict(rows))["accuracy"] == 1.0


def test_a_value_has_the_same_two() -> None:
    split = tones()
    signature = replace(split.signature, outputs=1, kind="regression")
    split = replace(split, signature=signature, y=10.0 + split.y.float())
    rivals = fit_rivals(Contest(split, None, 20.0, 0))
    assert [r.name for r in rivals[1:]] == [
        "MFCC + ridge regression",
        "MFCC + HistGradientBoosting",
    ]
    found = rivals[1].predict(split.valid.numpy())
    assert scores(split.truth(split.valid), found)["rmse"] < 0.2


def test_silence_behind_a_clip_changes_nothing_and_silence_alone_is_no_fault() -> None:
    split = tones()
    longer = torch.nn.functional.pad(split.x, (0, 3000))
    np.testing.assert_allclose(statistics(longer, 8000), statistics(split.x, 8000), atol=1e-2)
    assert np.isfinite(statistics(torch.zeros(2, 1, 500, dtype=torch.int16), 8000)).all()
