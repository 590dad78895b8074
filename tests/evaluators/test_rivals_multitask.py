"""The rivals for several targets of different kinds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from archwright.evaluators.rivals import Contest, fit_rivals
from archwright.evaluators.train import Split
from archwright.measure.scores import scores
from archwright.nets.site import Signature

RNG = np.random.default_rng(0)


def table(rows: int = 300) -> Split:
    """Three columns, of which the first decides a class and the second a value."""
    x = torch.from_numpy(RNG.normal(size=(rows, 3)).astype(np.float32))
    y = torch.stack([(x[:, 0] > 0).float() + (x[:, 0] > 1).float(), 50 + 10 * x[:, 1]], 1)
    at, signature = torch.arange(rows), Signature((3,), 4, "multitask", widths=(3, 1))
    unit = np.array([1.0, 10.0])
    return Split(signature, x, y, at[: rows // 2], at[rows // 2 :], "table", unit)


def test_each_rival_has_a_model_for_each_target() -> None:
    split = table()
    trivial, linear, boosting, *_ = fit_rivals(Contest(split, None, 20.0, 0))
    assert trivial.name == "most frequent classes and means"
    assert linear.name == "logistic regression and ridge regression"
    assert boosting.name == "HistGradientBoosting"
    found = [
        scores(split.truth(split.valid), rival.predict(split.valid.numpy()))["mean_score"]
        for rival in (trivial, linear, boosting)
    ]
    assert found[0] < 0.5 < 0.9 < min(found[1:])


def test_a_class_that_only_few_rows_have_keeps_its_column() -> None:
    split = table(2400)
    rare = split.y.clone()
    rare[:, 0] = 0
    rare[split.train[-1], 0] = 2
    for rival in fit_rivals(Contest(replace(split, y=rare), None, 0.0, 0)):
        output = rival.predict(split.valid.numpy())
        assert output.shape == (1200, 4), rival.name
        np.testing.assert_allclose(output[:, :3].sum(1), 1, atol=1e-6)


def test_series_have_the_rival_that_knows_both_kinds() -> None:
    x = torch.randn((60, 1, 40))
    y = torch.stack([(x[:, 0, :20].mean(1) > 0).float(), x[:, 0].mean(1)], 1)
    at, signature = torch.arange(60), Signature((1, 40), 3, "multitask", widths=(2, 1))
    split = Split(signature, x, y, at[:40], at[40:], "series", np.ones(2))
    names = [rival.name for rival in fit_rivals(Contest(split, None, 5.0, 0))]
    assert names == ["most frequent classes and means", "MiniRocket + ridge"]
