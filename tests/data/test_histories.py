"""Histories: even grids of time, what comes after them, and new ones as training has seen them."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from archwright.data.histories import (
    calendar,
    filled,
    from_rows,
    histories,
    labels,
    later,
    rhythm,
    windows,
    write_forecasts,
)

HOURLY: dict[str, Any] = {"unit": "second", "count": 3600.0}
HOW: dict[str, Any] = {"form": "table", "time": "when", "key": None, "targets": ["v"]} | HOURLY
HOW |= {"covariates": [], "dates": True, "horizon": 2, "length": 4, "parts": []}
HOW |= {"scales": {"v": [10.0, 2.0]}, "beside": []}


def seconds(*texts: str) -> np.ndarray:
    return np.array(
        [(datetime.fromisoformat(t) - datetime(1970, 1, 1)).total_seconds() for t in texts]
    )


def texts(moments: np.ndarray) -> list[str]:
    return [str(datetime(1970, 1, 1) + timedelta(seconds=float(each))) for each in moments]


def hours(count: int) -> list[str]:
    return [f"2024-01-01 {hour:02}:00:00" for hour in range(count)]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (("2024-01-31", "2024-02-29", "2024-03-31"), ("month", 1.0)),
        (("2023-12-31", "2024-03-31", "2024-06-30"), ("month", 3.0)),
        (("2024-01-01", "2024-01-08", "2024-01-15"), ("second", 7 * 86400.0)),
        (("2024-01-01", "2024-01-02", "2024-01-04", "2024-01-05"), ("second", 86400.0)),
    ],
)
def test_the_unit_of_time_is_read_from_the_steps(days: tuple[str, ...], expected: object) -> None:
    assert rhythm(seconds(*days), True) == expected


def test_working_days_are_gone_on_with_over_the_weekend() -> None:
    days = [datetime(2024, 1, 1) + timedelta(days=i) for i in range(26)]  # ends on a Friday
    known = seconds(*(str(day) for day in days if day.weekday() < 5))
    unit, count = rhythm(known, True)
    assert unit == "weekday"
    after = later(known[-1], {"unit": unit, "count": count}, 2)
    assert texts(after) == ["2024-01-29 00:00:00", "2024-01-30 00:00:00"]


def test_the_last_day_of_a_month_is_followed_by_last_days() -> None:
    after = later(seconds("2024-01-31 12:00")[0], {"unit": "month", "count": 1.0}, 3)
    assert texts(after) == ["2024-02-29 12:00:00", "2024-03-31 12:00:00", "2024-04-30 12:00:00"]


def test_a_missing_hour_is_a_gap_and_is_filled_in_a_straight_line() -> None:
    rows = {"when": [h for i, h in enumerate(hours(6)) if i != 2], "v": [0.0, 1.0, 3.0, 4.0, 5.0]}
    (found,) = histories(rows, HOW)
    assert np.isnan(found.values[0]).tolist() == [False, False, True, False, False, False]
    assert filled(found.values)[0].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert texts(found.moments[2:3]) == ["2024-01-01 02:00:00"]


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ((0, 1, 1, 2), "row 3 has the same time as the row before"),
        ((0, 2, 1, 3), "row 3 goes back"),
    ],
)
def test_times_that_do_not_rise_are_refused_with_their_row(
    order: tuple[int, ...], words: str
) -> None:
    known = hours(4)
    rows = {"when": [known[i] for i in order], "v": [1.0, 2.0, 3.0, 4.0]}
    with pytest.raises(ValueError, match=words):
        histories(rows, HOW)


def test_a_short_history_has_nan_before_it_and_is_on_the_scale_of_training() -> None:
    made = windows(histories({"when": hours(2), "v": [12.0, 14.0]}, HOW), {"forecast": HOW})
    np.testing.assert_array_equal(made, [[[np.nan, np.nan, 1.0, 2.0]]])


def test_the_calendar_of_a_window_is_that_of_the_steps_ahead() -> None:
    how = HOW | {"parts": ["hour"]}
    (made,) = windows(histories({"when": hours(8), "v": np.arange(8.0)}, how), {"forecast": how})
    ahead = later(seconds(hours(8)[-1])[0], HOURLY, 2)
    np.testing.assert_allclose(made[1:, -2:], calendar(ahead, ["hour"]), atol=1e-6)


def test_forecasts_are_written_with_the_moments_that_they_are_of() -> None:
    raw, out = histories({"when": hours(3), "v": [1.0, 2.0, 3.0]}, HOW), io.StringIO()
    write_forecasts(out, {"forecast": HOW}, np.array([[4.0, 5.0]]), labels(raw, {"forecast": HOW}))
    assert out.getvalue() == "when,v\n2024-01-01 03:00:00,4\n2024-01-01 04:00:00,5\n"


def test_forecasts_of_several_series_are_written_one_below_the_other() -> None:
    how = HOW | {"key": "shop", "scales": {}}
    columns = {"when": hours(3) * 2, "shop": ["a"] * 3 + ["b"] * 3, "v": np.arange(6.0)}
    raw, out = histories(columns, how), io.StringIO()
    answers = np.array([[1.0, 2.0], [3.0, 4.0]])
    write_forecasts(out, {"forecast": how}, answers, labels(raw, {"forecast": how}))
    lines = out.getvalue().splitlines()
    assert lines[:2] == ["shop,when,v", "a,2024-01-01 03:00:00,1"]
    assert lines[-1] == "b,2024-01-01 04:00:00,4"


def test_rows_of_an_array_lose_the_padding_at_both_ends() -> None:
    found = from_rows([[np.nan, 1.0, 2.0, np.nan], [1.0, np.nan, 3.0, 4.0]])
    assert found[0].values[0].tolist() == [1.0, 2.0]
    assert len(found[1].moments) == 4


def test_a_series_without_any_value_is_named() -> None:
    with pytest.raises(ValueError, match="series '2' holds no value at all"):
        from_rows([[1.0, 2.0], [np.nan, np.nan]])
