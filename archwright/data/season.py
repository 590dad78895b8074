"""After how many steps series come round again: by their clock, and by how alike they then are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.data.histories import DAY

MOST_LAG, MOST_SERIES = 400, 50
"""Seasons are looked for up to so many steps, in so many series at most, spread evenly."""

ALIKE = 0.1
"""The least autocorrelation of changes from step to step that makes a season."""

SHORTER = 0.9
"""A shorter season is taken where its autocorrelation is at least this share of the highest."""

CLOCKS = {("month", 1): (12,), ("month", 3): (4,), ("weekday", 1): (5, 261)}
TURNS = (DAY, 7 * DAY, 365.25 * DAY)


def season_of(series: Sequence[NDArray[Any]], how: Mapping[str, Any]) -> int:
    """Return the steps of a season; 1 where there is none.

    The clock says which seasons there may be; where there is none, all lags may.

    Args:
        series: Training steps, NaN for gaps.
        how: `unit`, `count` and `dates`.
    """
    some = series[:: -(-len(series) // MOST_SERIES)]
    longest = max(map(len, some))
    lags = [lag for lag in _lags(how) if 2 <= lag <= longest // 3]
    if not lags:
        return 1
    found = autocorrelation(some, max(lags) + 1)
    if how["dates"]:
        peaks = lags
    else:
        peaks = [lag for lag in lags if found[lag] >= max(found[lag - 1], found[lag + 1])]
    best = max((found[lag] for lag in peaks), default=0.0)
    if best < ALIKE:
        return 1
    return min(lag for lag in peaks if found[lag] >= SHORTER * best)


def _lags(how: Mapping[str, Any]) -> Sequence[int]:
    if not how["dates"]:
        return range(2, MOST_LAG)
    if how["unit"] != "second":
        return CLOCKS.get((how["unit"], int(how["count"])), ())
    return [round(turn / how["count"]) for turn in TURNS]


def autocorrelation(series: Sequence[NDArray[Any]], most: int) -> NDArray[np.float64]:
    """Return how alike changes are after 0 ... `most` steps, (most + 1,), the mean over series.

    Of changes, since a trend makes values alike after any number of steps.
    """
    sums, counts = np.zeros(most + 1), np.zeros(most + 1)
    for values in series:
        changes = np.diff(values)
        changes = changes[np.isfinite(changes)]
        if len(changes) < 3 or not changes.std():
            continue
        changes = (changes - changes.mean()) / changes.std()
        for lag in range(min(most, len(changes) // 2) + 1):
            sums[lag] += float((changes[lag:] * changes[: len(changes) - lag]).mean())
            counts[lag] += 1
    return sums / np.maximum(counts, 1)
