"""Forecasts in the report: which windows are shown, and what is told of them."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from archwright.data import load
from archwright.report.outlooks import apart, by_series, by_step, data_uris, where


@pytest.fixture
def record() -> Any:
    """What a forecast of two columns came to: of `b` it is further off, the later the further."""
    days = pd.date_range("2024-01-01", periods=200)
    wave = np.sin(np.arange(200) / 5)
    task = load(pd.DataFrame({"day": days, "a": wave, "b": 9 * wave}), horizon=4)
    target = task.target[task.splits.test]
    half = len(target) // 2
    off = np.repeat([0.1, 0.2], half)[:, None] * np.arange(1, 5)
    return SimpleNamespace(task=task, target=target, answers=target + off)


def test_a_window_is_told_by_its_series_and_the_moment_it_begins(record: Any) -> None:
    assert where(record, 0) == "a, from 2024-06-09"
    half = len(record.target) // 2
    assert where(record, half) == "b, from 2024-06-09"
    assert where(record, half + 3) == "b, from 2024-06-12"


def test_windows_that_share_steps_are_not_shown_twice(record: Any) -> None:
    order = np.arange(len(record.target))[::-1]
    found = apart(record, order, 5)
    assert found.tolist() == [order[0] - 4 * i for i in range(5)]


def test_each_series_has_its_scores_the_worst_first(record: Any) -> None:
    one, other = by_series(record)
    assert (one.name, other.name) == ("b", "a")
    assert one.rmse == pytest.approx(2 * other.rmse)


def test_errors_rise_with_the_steps_ahead_as_they_do(record: Any) -> None:
    plot = by_step(record)
    assert plot is not None
    errors = np.array(plot.figure["data"][0]["y"])
    np.testing.assert_allclose(errors / errors[0], [1, 2, 3, 4])


def test_what_came_and_what_was_said_are_drawn(record: Any) -> None:
    uris = data_uris(record, np.array([0, 3]))
    drawn = base64.b64decode(uris[0].split(",")[1]).decode()
    assert drawn.count("<path") == 3
    assert "NaN" not in drawn.upper().replace("NAMESPACE", "")
    assert uris[0] != uris[1]
