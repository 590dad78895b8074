"""The rivals for series."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from archwright.evaluators.rivals import Contest, fit_rivals
from archwright.evaluators.rivals_series import BAND, warped
from archwright.evaluators.train import Split
from archwright.measure.scores import scores
from archwright.nets.site import Signature


def waves(rows: int = 60) -> Split:
    """Waves of two lengths, shifted at random, and of unequal length."""
    rng = np.random.default_rng(0)
    y = np.arange(rows) % 2
    start = rng.uniform(0, 6, rows)
    x = np.sin((np.arange(40) + start[:, None]) / (2 + y[:, None]))
    x = (x + 0.1 * rng.normal(size=x.shape))[:, None].astype(np.float32)
    x[::3, :, 30:] = np.nan
    at = torch.arange(rows)
    tensors = (torch.from_numpy(x), torch.from_numpy(y), at[:40], at[40:])
    return Split(Signature((1, 40), 2), *tensors, "series")


def test_series_have_minirocket_and_the_nearest_neighbour() -> None:
    split = waves()
    rivals = fit_rivals(Contest(split, None, 1e6, 0))
    assert [r.name for r in rivals] == ["most frequent class", "MiniRocket + ridge", "1-NN DTW"]
    rows, truth = split.valid.numpy(), split.truth(split.valid)
    for rival in rivals[1:]:
        output = rival.predict(rows)
        np.testing.assert_allclose(output.sum(1), 1, atol=1e-6)
        assert scores(truth, output)["accuracy"] >= 0.9, rival.name


def test_a_value_has_minirocket() -> None:
    split = waves()
    signature = replace(split.signature, outputs=1, kind="regression")
    split = replace(split, signature=signature, y=10.0 + split.y.float())
    rivals = fit_rivals(Contest(split, None, 1e6, 0))
    assert [r.name for r in rivals] == ["mean of the target", "MiniRocket + ridge"]
    found = rivals[1].predict(split.valid.numpy())
    assert scores(split.truth(split.valid), found)["rmse"] < 0.4


def test_warped_distances_are_those_of_the_textbook() -> None:
    rng = np.random.default_rng(0)
    some, others = rng.normal(size=(2, 2, 12)), rng.normal(size=(3, 2, 12))
    found = warped(some, others)
    for i, a in enumerate(some):
        for k, b in enumerate(others):
            table = np.full((13, 13), np.inf)
            table[0, 0] = 0
            for r in range(12):
                for c in range(12):
                    if abs(r - c) <= max(1, round(BAND * 12)):
                        before = min(table[r, c], table[r + 1, c], table[r, c + 1])
                        table[r + 1, c + 1] = ((a[:, r] - b[:, c]) ** 2).sum() + before
            np.testing.assert_allclose(found[i, k], table[12, 12], rtol=1e-5)


def test_without_time_rivals_do_with_less_and_say_so() -> None:
    nearest, rocket = "averaged to save time", "500 features to save time"
    split = waves()
    long = replace(split.signature, shape=(1, 1200))
    split = replace(split, x=split.x.repeat(1, 1, 30), signature=long)
    notes = [rival.note for rival in fit_rivals(Contest(split, None, 0.0, 0))]
    assert notes[1] == rocket
    assert nearest in notes[2]
