"""Which steps of series train, choose and test: the latest steps test, those before them choose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from archwright.data.forecast_sources import CODES, Found
from archwright.data.histories import History
from archwright.data.splits import SHARE
from archwright.errors import DataError

FEWEST_WINDOWS = 200
"""Where the test is given, as many steps before it validate, and some more if need be so that there
are so many windows to choose by."""

Codes = NDArray[np.int64]
"""The part of each step: 0 trains, 1 chooses, 2 tests."""

FORM = "'steps:V,T' (the last T steps test, the V before them choose)"


@dataclass(frozen=True)
class Parts:
    """The parts of the series that are long enough.

    Args:
        kept: The numbers of these series.
        codes: The part of each of their steps.
        how: How they were made, in words.
    """

    kept: tuple[int, ...]
    codes: tuple[Codes, ...]
    how: str
    notes: tuple[str, ...] = ()


def shared_out(found: Found, horizon: int, split: str | None) -> Parts:
    """Return the part of each step.

    Args:
        split: `steps:V,T`, or None for shares of the length, and a horizon at the least.

    Raises:
        DataError: the series are too short, or the parts are not in the order of time.
    """
    kept = tuple(i for i, each in enumerate(found.series) if len(each.moments) > horizon)
    if not kept:
        longest = max(len(each.moments) for each in found.series)
        raise DataError(
            f"horizon {horizon}: the longest series has {longest} steps, too few to forecast as "
            "many and test that; give a shorter horizon"
        )
    left = len(found.series) - len(kept)
    notes = (f"{left} series of {horizon} steps or fewer are left out.",) if left else ()
    series, sizes = [found.series[i] for i in kept], _sizes(split)
    if found.codes is not None:
        if sizes:
            raise DataError(f"split {split!r}: the data say which steps test; leave out either")
        codes, how = _given([found.codes[i] for i in kept], series, horizon)
    elif found.together:
        codes, how = _cut([each.moments for each in series], sizes, horizon)
    else:
        codes, how = _tails([len(each.moments) for each in series], sizes, horizon)
    return Parts(kept, codes, how, notes)


def _given(
    given: Sequence[NDArray[np.float64]], series: Sequence[History], horizon: int
) -> tuple[tuple[Codes, ...], str]:
    """Return the parts that the source says; where none validates, the last to train do."""
    for code, each in zip(given, series, strict=True):
        back = np.flatnonzero(np.diff(np.nan_to_num(code)) < 0)
        if len(back):
            raise DataError(
                f"series {each.name!r}: step {int(back[0]) + 2} is of an earlier part than the "
                "step before; in the order of time training comes first, then validation, then test"
            )
    if any((code == 1).any() for code in given):
        return tuple(code.astype(np.int64) for code in given), "parts as given"
    made, windows = [], -(-FEWEST_WINDOWS // len(series))
    for code in given:
        steps = int((code != CODES["test"]).sum())
        alike = min(_share(steps, horizon), len(code) - steps + windows - 1)
        made.append(np.concatenate([_tail(steps, (max(horizon, alike), 0)), code[steps:]]))
    said = "test steps as given, as many before them for validation"
    return tuple(code.astype(np.int64) for code in made), said


def _tails(
    lengths: Sequence[int], sizes: tuple[int, int] | None, horizon: int
) -> tuple[tuple[Codes, ...], str]:
    """Return the parts of series that are cut each by itself."""
    codes = tuple(_tail(steps, sizes or _shares(steps, horizon)) for steps in lengths)
    test, valid = (f"{sizes[1]:,} steps", f"{sizes[0]:,}") if sizes else (f"{SHARE:.0%}",) * 2
    return codes, f"the last {test} of each series for the test, {valid} before for validation"


def _sizes(split: str | None) -> tuple[int, int] | None:
    """Return the steps for validation and test that a user asked for."""
    if split is None:
        return None
    match = re.fullmatch(r"\s*steps\s*:\s*(\d+)\s*,\s*(\d+)\s*", split)
    if match is None or not int(match[1]) or not int(match[2]):
        raise DataError(f"split {split!r} is not understood; forecasts are split by {FORM}")
    return int(match[1]), int(match[2])


def _share(steps: int, horizon: int) -> int:
    return max(horizon, round(SHARE * steps))


def _shares(steps: int, horizon: int) -> tuple[int, int]:
    test = _share(steps, horizon)
    return _share(steps - test, horizon), test


def _tail(steps: int, sizes: tuple[int, int]) -> Codes:
    """Return the parts of so many steps, the last ones for validation and test."""
    codes = np.zeros(steps, dtype=np.int64)
    codes[max(0, steps - sum(sizes)) :] = 1
    codes[max(0, steps - sizes[1]) :] = 2
    return codes


def _cut(
    moments: Sequence[NDArray[np.float64]], sizes: tuple[int, int] | None, horizon: int
) -> tuple[tuple[Codes, ...], str]:
    """Return the parts of series that are cut at the same moments."""
    every = np.unique(np.concatenate(moments))
    valid, test = sizes or _shares(len(every), horizon)
    if valid + test + horizon >= len(every):
        raise DataError(
            f"horizon {horizon}: of {len(every)} moments {test} would test and {valid} choose, "
            f"which leaves too few to train on; give a shorter horizon, or a split {FORM}"
        )
    cuts = every[[-valid - test, -test]]
    codes = tuple(np.searchsorted(cuts, one, side="right") for one in moments)
    return codes, f"the last {test:,} steps for the test, {valid:,} before them for validation"
