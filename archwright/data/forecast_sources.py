"""Any source of series -> their histories: tables in the order of time, arrays of series.

It tells what is time, what tells series apart and what is forecast; parts and windows are not its
business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from archwright.data.arrays import as_array, read_npz
from archwright.data.assemble import times
from archwright.data.histories import (
    History,
    are_dates,
    from_rows,
    grouped,
    histories,
    labels,
    load_rows,
    rhythm,
    rising,
)
from archwright.data.series import IDS, TIMES
from archwright.data.sources import Source, find
from archwright.data.splits import parts_of
from archwright.data.tables import TABLES, is_table, read_rows, read_table
from archwright.data.tidy import is_text, tidy
from archwright.errors import DataError, nearest

CODES = {"train": 0.0, "validation": 1.0, "test": 2.0}
"""Parts as numbers, so that they can lie beside values."""

PART = "\0part"
"""What the column of parts is called while it lies there."""


@dataclass(frozen=True)
class Wanted:
    """What is to be forecast.

    Args:
        horizon: Steps ahead.
        targets: Columns; all columns of numbers unless named.
        time, series: The columns of time, and of what tells series apart; found unless named.
        split: `steps:V,T`, the last steps for validation and for the test; or None.
    """

    horizon: int
    targets: tuple[str, ...] = ()
    time: str | None = None
    series: str | None = None
    split: str | None = None
    seed: int = 0


@dataclass(frozen=True)
class Found:
    """What a source holds.

    Args:
        how: What `data.histories` is told: `form`, `time`, `key`, `targets` ...
        codes: The part of each step, an array for each series; None where nothing says.
        together: Whether the moments of all series are of one clock.
    """

    name: str
    series: tuple[History, ...]
    how: Mapping[str, Any]
    codes: tuple[NDArray[Any], ...] | None = None
    together: bool = True
    notes: tuple[str, ...] = ()


def found_in(source: Source, wanted: Wanted) -> Found:
    """Return the series of any source that holds some."""
    match source:
        case str() | Path():
            path = find(source)
            name = path.name.split(".")[0] or "data"
            if is_table(path):
                return _table(read_table(path), wanted, str(path), name)
            if path.suffix.lower() == ".npz":
                return _arrays(read_npz(path), wanted, str(path), name)
            raise DataError(f"{path}: forecasts are made from {', '.join(TABLES)} and .npz files")
        case pd.DataFrame():
            return _table(tidy(source), wanted, "data", "data")
        case Mapping():
            return _arrays(source, wanted, "arrays", "data")
    return _arrays({"x": source}, wanted, "array", "data")


def _arrays(arrays: Mapping[str, Any], wanted: Wanted, place: str, name: str) -> Found:
    """Return the series of `x`, or of `train` and the steps that follow, `test`; perhaps with `id`.

    Raises:
        DataError: other names, or no series.
    """
    if wanted.time or wanted.series or wanted.targets:
        raise DataError(f"{place}: arrays have no columns; leave out target, time and series")
    known = {key.lower(): as_array(value) for key, value in arrays.items()}
    names = [str(each) for each in known.pop("id", np.empty(0))]
    rest = known.pop("test", known.pop("x_test", None))
    found = known.pop("x", known.pop("train", known.pop("x_train", None)))
    if found is None or known:
        raise DataError(
            f"{place}: found the arrays {', '.join(arrays)}; series to forecast are x, or train "
            "and test, with their names in id if you like"
        )
    how: dict[str, Any] = {
        "form": "array",
        "time": None,
        "key": None,
        "targets": ["value"],
        "covariates": [],
    }
    how |= {"dates": False, "unit": "number", "count": 1.0}
    try:
        series = from_rows(found, names)
        if rest is None:
            return Found(name, tuple(series), how, together=False)
        after = from_rows(rest, names)
        if len(after) != len(series):
            raise ValueError(f"train has {len(series)} series, test {len(after)}")
    except ValueError as error:
        raise DataError(f"{place}: {error}") from None
    joined = [_followed(one, two) for one, two in zip(series, after, strict=True)]
    codes = [
        np.repeat([np.nan, CODES["test"]], [len(one.moments), len(two.moments)])
        for one, two in zip(series, after, strict=True)
    ]
    return Found(name, tuple(joined), how, tuple(codes), together=False)


def _followed(one: History, two: History) -> History:
    values = np.concatenate([one.values, two.values], axis=1)
    return History(one.name, np.arange(values.shape[1], dtype=np.float64), values)


def _table(frame: pd.DataFrame, wanted: Wanted, place: str, name: str) -> Found:
    """Return the series of a table, a row for each moment.

    Raises:
        DataError: columns are missing, or the times do not rise; the message names the row.
    """
    time = _time(frame, wanted, place)
    marks = _marks(frame, (time, wanted.series, *wanted.targets))
    key = wanted.series or _key(frame, time, marks)
    _need([key] if key else [], list(map(str, frame.columns)), place)
    targets, beside, notes = _values(frame, wanted, [time, key, marks], place)
    how: dict[str, Any] = {"form": "table", "time": time, "key": key, "targets": targets}
    how |= {"covariates": beside, "dates": False, "unit": "number", "count": 1.0}
    columns: dict[str, Any] = {str(each): frame[each] for each in frame.columns}
    try:
        if time is not None:
            how |= _clock(columns, time, key)
        if marks is None:
            return Found(name, tuple(histories(columns, how)), how, None, True, tuple(notes))
        columns[PART] = pd.Series(parts_of(frame[marks])).map(CODES)
        made = histories(columns, how | {"covariates": [*beside, PART]})
    except ValueError as error:
        raise DataError(f"{place}: {error}") from None
    codes = [pd.Series(each.values[-1]).ffill().to_numpy() for each in made]
    series = [each._replace(values=each.values[:-1]) for each in made]
    return Found(name, tuple(series), how, tuple(codes), True, tuple(notes))


def _clock(columns: Mapping[str, Any], time: str, key: str | None) -> dict[str, Any]:
    """Return the unit of the steps, as the longest series has it."""
    dates, moments = are_dates(columns[time]), times(columns[time], time)
    own = grouped(columns[key] if key else None, len(moments))
    for name, rows in own.items():
        rising(moments[rows], rows, name, time)
    longest = max(own.values(), key=len)
    unit, count = rhythm(moments[longest], dates)
    return {"dates": dates, "unit": unit, "count": count}


def _time(frame: pd.DataFrame, wanted: Wanted, place: str) -> str | None:
    """Return the column of time: as named, by its name, or by what it holds; None without one."""
    names = [str(column) for column in frame.columns]
    if wanted.time is not None:
        _need([wanted.time], names, place)
        return wanted.time
    dates = [n for n in names if pd.api.types.is_datetime64_any_dtype(frame[n].dtype)]
    texts = [n for n in names if is_text(frame[n])]
    dates += [n for n in texts if len(frame) and are_dates(frame[n].head(1))]
    called = [n for n in names if n.lower() in TIMES and n not in wanted.targets]
    return next(iter([*dates, *called]), None)


def _need(wanted: Sequence[str], names: Sequence[str], place: str) -> None:
    """Raise DataError where a column that was named is not there."""
    for name in wanted:
        if name not in names:
            raise DataError(f"{place}: there is no column {name!r}{nearest(name, names)}")


def _marks(frame: pd.DataFrame, taken: Sequence[str | None]) -> str | None:
    """Return the column that says which part each row is in, if there is one."""
    named = [str(n) for n in frame.columns if str(n).lower() == "split" and n not in taken]
    return next((n for n in named if parts_of(frame[n]) is not None), None)


def _key(frame: pd.DataFrame, time: str | None, marks: str | None) -> str | None:
    """Return the column that tells series apart, where times come more than once."""
    if time is None or not frame[time].duplicated().any():
        return None
    others = [str(n) for n in frame.columns if n not in (time, marks)]
    called = [n for n in others if n.lower() in IDS]
    texts = [n for n in others if not pd.api.types.is_numeric_dtype(frame[n].dtype)]
    for name in [*called, *texts]:
        if not frame.duplicated([time, name]).any():
            return name
    return None


def _values(
    frame: pd.DataFrame, wanted: Wanted, taken: Sequence[str | None], place: str
) -> tuple[list[str], list[str], list[str]]:
    """Return the columns to forecast, those that are known beside them, and what to say."""
    names = [str(column) for column in frame.columns]
    _need(wanted.targets, names, place)
    rest = [name for name in names if name not in taken]
    numeric = [n for n in rest if pd.api.types.is_numeric_dtype(frame[n].dtype)]
    odd = [name for name in rest if name not in numeric]
    wrong = [name for name in wanted.targets if name not in numeric]
    if wrong:
        raise DataError(f"{place}: column {wrong[0]!r} holds no numbers; name another target")
    if not numeric:
        raise DataError(f"{place}: no column holds numbers that could be forecast")
    notes = [f"Not used, since they hold no numbers: {', '.join(odd)}."] if odd else []
    if not wanted.targets:
        return numeric, [], [*notes, f"No target was named: {', '.join(numeric)} are forecast."]
    return list(wanted.targets), [n for n in numeric if n not in wanted.targets], notes


def read_new(data: Any, spec: Mapping[str, Any]) -> tuple[list[History], list[Any]]:
    """Return new histories as training has seen them, and what their forecasts are of.

    Raises:
        DataError: they cannot be read, or are none.
    """
    how = spec["forecast"]
    try:
        if how["form"] == "table":
            raw = histories(_new_columns(data), how)
        elif isinstance(data, str | Path):
            raw = from_rows(*load_rows(Path(data).expanduser()))
        else:
            raw = from_rows(data)
        return raw, labels(raw, spec)
    except ValueError as error:
        raise DataError(f"new data: {error}") from None


def _new_columns(data: Any) -> dict[str, Any]:
    if not isinstance(data, pd.DataFrame) and not (
        isinstance(data, str | Path) and is_table(Path(data))
    ):
        raise ValueError("no table, and training had a table; give such a file or data frame")
    return {str(name): column for name, column in read_rows(data).items()}
