"""The honest rivals on the leaderboard."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from archwright.evaluators.rivals import Contest, _next, fit_rivals
from archwright.evaluators.train import Split
from archwright.measure.scores import scores
from archwright.nets.site import Signature

RNG = np.random.default_rng(0)


def table(rows: int = 300, classes: int = 3) -> Split:
    """Two numbers and a category, of which the category decides most."""
    x = np.column_stack([RNG.normal(size=(rows, 2)), np.arange(rows) % classes]).astype(np.float32)
    y = torch.from_numpy(x[:, 2].astype(np.int64))
    signature = Signature((3,), classes, "classification", (classes,))
    at = torch.arange(rows)
    train, valid = at[: 2 * rows // 3], at[2 * rows // 3 :]
    return Split(signature, torch.from_numpy(x), y, train, valid, "table")


def test_a_table_of_classes_has_three_rivals_with_all_classes() -> None:
    split = table()
    rivals = fit_rivals(Contest(split, None, 20.0, 0))
    names = [rival.name for rival in rivals]
    assert names[:3] == ["most frequent class", "logistic regression", "HistGradientBoosting"]
    for rival in rivals:
        output = rival.predict(split.valid.numpy())
        assert output.shape == (100, 3), rival.name
        np.testing.assert_allclose(output.sum(1), 1, atol=1e-6)
    right = [scores(split.truth(split.valid), r.predict(split.valid.numpy())) for r in rivals]
    assert right[1]["accuracy"] == right[2]["accuracy"] == 1.0, "categories are taken as such"


def test_a_value_has_the_mean_a_line_and_boosting() -> None:
    split = table()
    signature = replace(split.signature, outputs=1, kind="regression")
    split = replace(split, signature=signature, y=50 + 3 * split.x[:, 0])
    rivals = fit_rivals(Contest(split, None, 20.0, 0))
    assert [r.name for r in rivals][:3] == [
        "mean of the target",
        "ridge regression",
        "HistGradientBoosting",
    ]
    truth = split.truth(split.valid)
    found = [scores(truth, r.predict(split.valid.numpy()))["rmse"] for r in rivals]
    assert found[1] < 0.1 < found[0]


def test_images_have_no_boosting() -> None:
    x = torch.randint(0, 17, (80, 1, 4, 4), dtype=torch.uint8)
    rows = torch.arange(80)
    split = Split(Signature((1, 4, 4), 2), x, rows % 2, rows[:60], rows[60:], "image")
    rivals = fit_rivals(Contest(split, None, 20.0, 0))
    assert [rival.name for rival in rivals] == ["most frequent class", "logistic regression"]
    assert rivals[1].predict(split.valid.numpy()).shape == (20, 2)


def test_a_class_that_is_rare_or_absent_in_training_keeps_its_column() -> None:
    split = table(classes=4)
    rows = split.train[split.y[split.train] != 3]
    for rival in fit_rivals(Contest(replace(split, train=rows), None, 20.0, 0)):
        output = rival.predict(split.valid.numpy())
        assert output.shape[1] == 4, rival.name
        assert (output[:, 3] == 0).all(), rival.name


def test_without_time_a_rival_is_fitted_on_fewer_rows_and_says_so() -> None:
    split = table(rows=4500)
    rivals = fit_rivals(Contest(split, None, 0.0, 0))
    notes = [rival.note for rival in rivals]
    assert notes[0] == ""
    assert all("of 3,000 rows to save time" in note for note in notes[1:]), notes


def test_equal_seeds_give_equal_rivals() -> None:
    split = table()
    one, other = (
        fit_rivals(Contest(split, None, 20.0, 1)),
        fit_rivals(Contest(split, None, 20.0, 1)),
    )
    for a, b in zip(one, other, strict=True):
        rows = split.valid.numpy()
        assert a.predict(rows) == pytest.approx(b.predict(rows))


@pytest.mark.parametrize("modality", ["table", "image"])
def test_labels_have_rivals_that_give_each_its_own_probability(modality: str) -> None:
    x = torch.rand((200, 6) if modality == "table" else (200, 1, 2, 3))
    y = torch.stack([x.flatten(1)[:, 0] > 0.5, x.flatten(1)[:, 1] > 0.7], 1)
    rows = torch.arange(200)
    signature = Signature(tuple(x.shape[1:]), 2, "multilabel")
    split = Split(signature, x, y, rows[:150], rows[150:], modality)
    trivial, *others = fit_rivals(Contest(split, None, 20.0, 0))
    assert trivial.name == "share of each label"
    assert trivial.predict(split.valid.numpy()).shape == (50, 2)
    for rival in others:
        found = scores(split.truth(split.valid), rival.predict(split.valid.numpy()))
        assert found["average_precision"] > 0.9, rival.name


def test_several_values_have_rivals_that_give_all_of_them() -> None:
    x, rows = torch.rand((200, 3)), torch.arange(200)
    y, unit = torch.stack([x[:, 0], 1000 * x[:, 1]], 1), np.array([0.3, 300.0])
    signature = Signature((3,), 2, "regression")
    split = Split(signature, x, y, rows[:150], rows[150:], "table", unit)
    trivial, *others = fit_rivals(Contest(split, None, 20.0, 0))
    truth, held = split.truth(split.valid), split.valid.numpy()
    least = scores(truth, trivial.predict(held))["nrmse"]
    for rival in others:
        assert scores(truth, rival.predict(held))["nrmse"] < least / 4, rival.name


def test_a_model_is_fitted_on_as_many_rows_as_there_is_time_for() -> None:
    assert _next([500], [1.0], most=2000, seconds=1e6) == 2000
    assert _next([500], [1.0], most=20_000, seconds=1e6) == 4000
    assert _next([500], [1.0], most=20_000, seconds=4.0) == 1500
    assert _next([500], [1.0], most=20_000, seconds=2.4) == 0  # on 700 it would not be worth it
    assert _next([500, 1500], [1.0, 1.5], most=4000, seconds=6.0) == 4000  # half of it is fixed
    assert _next([500, 3500], [1.0, 2.5], most=4000, seconds=7.0) == 4000  # little more, but all
    assert _next([500, 4000], [1.0, 2.5], most=4000, seconds=6.0) == 0
    assert _next([500, 1500], [1.0, 1.5], most=4000, seconds=3.0) == 0
