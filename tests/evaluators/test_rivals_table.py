"""Rivals for tables: many categories, and CatBoost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from archwright.core.truth import Kind
from archwright.evaluators.rivals import Contest, fit_rivals
from archwright.evaluators.rivals_table import CatBoost
from archwright.evaluators.train import Split
from archwright.nets.site import Signature

RNG = np.random.default_rng(0)
LEVELS = 3000


def many(rows: int = 30_000, kind: Kind = "classification") -> Split:
    """A column of many categories, each with its own answer, and one of noise before it."""
    codes = RNG.integers(0, LEVELS, rows)
    worth = RNG.normal(size=LEVELS)
    x = np.column_stack([RNG.normal(size=rows), codes]).astype(np.float32)
    y = worth[codes] > 0 if kind == "classification" else worth[codes].astype(np.float32)
    target = torch.from_numpy(y.astype(np.int64) if kind == "classification" else y)
    signature = Signature((2,), 2 if kind == "classification" else 1, kind, (LEVELS,))
    at = torch.arange(rows)
    train, valid = at[: 2 * rows // 3], at[2 * rows // 3 :]
    return Split(signature, torch.from_numpy(x), target, train, valid, "table")


def found(split: Split, name: str) -> np.ndarray:
    rivals = {each.name: each for each in fit_rivals(Contest(split, None, 60.0, 0))}
    return rivals[name].predict(split.valid.numpy())


@pytest.mark.slow
def test_boosting_knows_thousands_of_categories_by_their_mean_target() -> None:
    split = many()
    right = (found(split, "HistGradientBoosting").argmax(1) == split.y[split.valid].numpy()).mean()
    assert right > 0.9, "by number alone, neighbours have nothing in common"
    split = many(kind="regression")
    errors = found(split, "HistGradientBoosting") - split.y[split.valid].numpy()
    assert errors.std() < 0.6, "the target's standard deviation is 1"


def test_catboost_is_a_rival_where_it_is_installed() -> None:
    pytest.importorskip("catboost")
    split = replace(many(900), signature=Signature((2,), 2, "classification", (LEVELS,)))
    output = found(split, "CatBoost")
    assert output.shape == (300, 2)
    np.testing.assert_allclose(output.sum(1), 1, atol=1e-6)


def test_catboost_stops_when_its_time_is_up_and_says_so() -> None:
    pytest.importorskip("catboost")
    x, y = RNG.normal(size=(500, 3)), np.arange(500) % 2
    model = CatBoost((), "classification", 2, 0, seconds=0.0)
    model.fit(x, y)
    assert model.note() == "1 of 1,000 trees to save time"
    assert model.predict_proba(x).shape == (500, 2)


@pytest.mark.parametrize(
    ("kind", "y", "shape"),
    [
        ("regression", RNG.normal(size=(200, 2)), (200, 2)),
        ("multilabel", RNG.normal(size=(200, 3)) > 0, (200, 3)),
        ("ordinal", np.arange(200) % 4, (200, 4)),
    ],
)
def test_catboost_answers_every_kind_of_task(kind: Kind, y: np.ndarray, shape: object) -> None:
    pytest.importorskip("catboost")
    x = RNG.normal(size=(200, 3)).astype(np.float32)
    x[:, 2] = np.arange(200) % 5
    model = CatBoost((2,), kind, y.max() + 1 if y.ndim == 1 else y.shape[1], 0, 0.0)
    model.fit(x, y)
    output = model.predict(x) if kind == "regression" else model.predict_proba(x)
    assert output.shape == shape
    assert kind == "regression" or len(model.classes_) == y.max() + 1 or kind == "multilabel"
