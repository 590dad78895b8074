from __future__ import annotations

import math

import pytest

from archwright.core.objective import Objective
from archwright.report.words import compact, duration, gap, number, score


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.84, "0.84 s"), (58.2, "58 s"), (60, "1 min"), (291, "4 min 51 s"), (3780, "1 h 3 min")],
)
def test_durations_have_at_most_two_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_budget_without_end_is_called_unlimited() -> None:
    assert duration(math.inf) == "unlimited"


def test_shares_have_as_many_digits_as_the_rows_allow() -> None:
    assert score("accuracy", 0.99167, 360) == "99.2 %"
    assert score("accuracy", 0.99387, 10_000) == "99.39 %"


def test_other_metrics_are_numbers() -> None:
    assert score("rmse", 54.85123) == "54.85"
    assert score("roc_auc", 0.98765) == "0.988"
    assert score("params", 60714.0) == "60,714"


def test_large_and_small_numbers_stay_readable() -> None:
    assert [number(v) for v in (48_321.4, 0.05, 1e-7)] == ["48,321", "0.05", "1e-07"]
    assert [compact(v) for v in (61_706, 1_204_000, 12)] == ["61.7 k", "1.2 M", "12"]


def test_gaps_are_points_for_shares_and_per_cent_for_errors() -> None:
    assert gap(Objective("accuracy"), 0.871, 0.855) == "1.6 points"
    assert gap(Objective("rmse"), 44.0, 50.0) == "12 %"
    assert gap(Objective("r2"), 0.62, 0.6) == "0.02"
