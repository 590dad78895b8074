"""Histories of series -> a task of forecasting: windows, and what follows each of them.

All series lie in one array, one behind the other, with room before each. A window is a part of it,
and so no window is ever copied; its number is where it begins. A window that lies across the
beginning of a series is short, and one from which the steps ahead cannot be seen is in no part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.data.forecast_sources import Found, Wanted, found_in
from archwright.data.histories import DAY, TURNS, History, scale_of, standard
from archwright.data.parts import shared_out
from archwright.data.season import season_of
from archwright.data.sources import Source
from archwright.data.splits import MOST_TEST, MOST_VALIDATION
from archwright.data.task import Finding, Rows, Splits, Task
from archwright.errors import DataError

LOOKS, SEASONS, FEWEST_STEPS = 5, 2, 32
"""The longest window is so many horizons, so many seasons, or so many steps, whichever is more."""

MOST_FILLED = 0.05
"""A larger share of gaps is worth a warning."""

MOST_NAMED = 3
"""So many targets are named where there is little room."""


def forecast_task(source: Source, wanted: Wanted) -> Task:
    """Return the task to forecast what follows each window.

    Raises:
        DataError: the source cannot be read, its times do not rise, or it is too short.
    """
    if wanted.horizon < 1:
        raise DataError(f"horizon {wanted.horizon} makes no sense; give 1 step or more")
    found = _known(found_in(source, wanted))
    parts = shared_out(found, wanted.horizon, wanted.split)
    series = [found.series[i] for i in parts.kept]
    how = _settled(series, parts.codes, found.how, wanted.horizon)
    flat, firsts = laid_out(series, how)
    more = wanted.horizon > 1
    return Task(
        name=found.name,
        kind="regression",
        modality="forecast",
        inputs=flat,
        target=following(flat, how),
        target_name=_named(how),
        classes=(),
        splits=_splits(parts.codes, firsts, how, (wanted.seed, parts.how)),
        rule=_rule(series, how),
        findings=_findings(series),
        notes=(*found.notes, *parts.notes),
        read=how | {"begins": _begins(series, firsts)},
        outcomes=tuple(f"+{step}" for step in range(1, wanted.horizon + 1)) if more else (),
    )


def _known(found: Found) -> Found:
    """Return the series from their first to their last value: only between them are gaps.

    Raises:
        DataError: one has no value at all.
    """
    spans = [np.flatnonzero(np.isfinite(each.values[0])) for each in found.series]
    for each, span in zip(found.series, spans, strict=True):
        if not len(span):
            raise DataError(f"series {each.name!r} holds no value at all; leave it out")
    cuts = [slice(span[0], span[-1] + 1) for span in spans]
    series = tuple(
        History(each.name, each.moments[cut], each.values[:, cut])
        for each, cut in zip(found.series, cuts, strict=True)
    )
    if found.codes is None:
        return replace(found, series=series)
    codes = tuple(code[cut] for code, cut in zip(found.codes, cuts, strict=True))
    return replace(found, series=series, codes=codes)


def following(flat: NDArray[np.float32], how: Mapping[str, Any]) -> NDArray[np.float32]:
    """Return the steps that follow each window, in the memory of `flat`.

    They are (windows, horizon), or (windows,) where one step is all.
    """
    length, horizon = how["length"], how["horizon"]
    ahead = np.lib.stride_tricks.sliding_window_view(flat[0], horizon, writeable=True)
    found = ahead[length : flat.shape[1] - horizon + 1]
    return found[:, 0] if horizon == 1 else found


def _begins(series: Sequence[History], firsts: Sequence[int]) -> dict[str, list[float]]:
    """Return where each series begins among the steps, and at which moment."""
    pairs = zip(series, firsts, strict=True)
    return {each.name: [first, float(each.moments[0])] for each, first in pairs}


def places(windows: Rows, how: Mapping[str, Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the number of each window's series, and the step of it that is forecast first.

    A window may begin in the room before its series, behind the end of the one before.

    Args:
        how: `Task.read`.
    """
    firsts = np.array([first for first, _moment in how["begins"].values()], dtype=np.int64)
    origins = windows + how["length"]
    series = np.searchsorted(firsts, origins, side="right") - 1
    return series, origins - firsts[series]


def _named(how: Mapping[str, Any]) -> str:
    """Return the targets in a few words."""
    names, steps = how["targets"], how["horizon"]
    few = ", ".join(names[:MOST_NAMED]) + (" ..." if len(names) > MOST_NAMED else "")
    return f"{few} {steps} steps ahead" if steps > 1 else f"{few} a step ahead"


def _rule(series: Sequence[History], how: Mapping[str, Any]) -> str:
    steps = f"the next {how['horizon']} steps" if how["horizon"] > 1 else "the next step"
    season = f"a season of {how['season']} steps" if how["season"] > 1 else "no season"
    return (
        f"forecasting: {steps} of {len(series)} series, from up to {how['length']} steps before; "
        f"{season} was found. All is in units of each series' deviation in training"
    )


def _settled(
    series: Sequence[History],
    codes: Sequence[NDArray[Any]],
    form: Mapping[str, Any],
    horizon: int,
) -> dict[str, Any]:
    """Return all that `preprocess.json` is to say, learnt from the training steps alone."""
    known = [
        History(each.name, each.moments[code == 0], each.values[:, code == 0])
        for each, code in zip(series, codes, strict=True)
    ]
    seen = [each for each in known if each.values.shape[1]]
    scales = {each.name: scale_of(each.values[0]) for each in seen}
    beside = np.concatenate([each.values[1:] for each in seen], axis=1)
    season = season_of([each.values[0] for each in seen], form)
    most = max(each.values.shape[1] for each in seen) - horizon
    length = max(LOOKS * horizon, SEASONS * season, FEWEST_STEPS)
    return {
        **form,
        "horizon": horizon,
        "season": season,
        "length": max(horizon, min(length, most)),
        "parts": _calendar(known, form),
        "scales": scales,
        "beside": [scale_of(each) for each in beside],
    }


def _calendar(known: Sequence[History], how: Mapping[str, Any]) -> list[str]:
    """Return the parts of the calendar that came round at least twice, and that steps tell."""
    if not how["dates"]:
        return []
    step = {"month": 30 * DAY, "weekday": DAY}.get(how["unit"], how["count"])
    span = max(float(np.ptp(each.moments)) if len(each.moments) else 0.0 for each in known)
    return [part for part, turn in TURNS.items() if 2 * step <= turn <= span / 2]


def laid_out(
    series: Sequence[History], how: Mapping[str, Any]
) -> tuple[NDArray[np.float32], list[int]]:
    """Return all series in a row, (channels, steps), with room before each, and where each begins.

    The room is NaN, but for the last steps of the calendar.
    """
    parts, firsts, place = list[NDArray[np.float32]](), list[int](), 0
    for each in series:
        values = standard(each, how)
        room = np.full((len(values), how["length"]), np.nan, dtype=np.float32)
        parts += [room, values]
        firsts.append(place + how["length"])
        place += how["length"] + values.shape[1]
    return np.concatenate(parts, axis=1), firsts


def _splits(
    codes: Sequence[NDArray[Any]],
    firsts: Sequence[int],
    how: Mapping[str, Any],
    drawn: tuple[int, str],
) -> Splits:
    """Return the windows of each part: all that is to be forecast lies in it.

    Args:
        drawn: The seed, and in words how the steps were parted.
    """
    found = [_windows(*pair, how) for pair in zip(codes, firsts, strict=True)]
    train, valid, test = (np.concatenate([each[part] for each in found]) for part in range(3))
    for name, rows in (("train on", train), ("choose by", valid), ("test on", test)):
        if not len(rows):
            raise DataError(
                f"horizon {how['horizon']}: no window is left to {name}; give a shorter horizon, "
                "or more steps to this part of the data"
            )
    seed, said = drawn
    rng, words = np.random.default_rng(seed), [said]
    kept = []
    for name, rows, most in (("validation", valid, MOST_VALIDATION), ("test", test, MOST_TEST)):
        if len(rows) > most:
            words.append(f"{most:,} of {len(rows):,} {name} windows, drawn at random")
            rows = np.sort(rng.choice(rows, most, replace=False))
        kept.append(rows)
    words.append(f"{len(train):,} windows to train on")
    return Splits(train, kept[0], kept[1], "; ".join(words))


def _windows(code: NDArray[Any], first: int, how: Mapping[str, Any]) -> list[Rows]:
    """Return the windows of a series that train, choose and test.

    Args:
        code: The part of each step.
        first: Where the series begins.
    """
    horizon, length = how["horizon"], how["length"]
    origins = np.arange(len(code) - horizon + 1)
    steps = int((code == 0).sum())
    short = min(horizon, max(1, steps - horizon))
    least = length if steps >= 2 * length + horizon else short
    whole = (code[origins] == code[origins + horizon - 1]) & (origins >= least)
    return [origins[whole & (code[origins] == part)] + first - length for part in range(3)]


def _findings(series: Sequence[History]) -> tuple[Finding, ...]:
    values = [each.values[0] for each in series]
    gaps = sum(int(np.isnan(each).sum()) for each in values)
    steps = sum(map(len, values))
    if not gaps:
        return ()
    return (
        Finding(
            "warning" if gaps > MOST_FILLED * steps else "info",
            "Gaps in series",
            f"{gaps:,} of {steps:,} steps have no value; they are filled in a straight line, also "
            "where they are to be forecast.",
        ),
    )
