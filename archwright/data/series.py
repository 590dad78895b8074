"""Series from arrays, from wide and long tables, and from .ts files -> rows of one padded array.

Wide: one row a series, its steps in numbered columns (`t0`, `t1` ...; further channels under other
names: `x_0` ... `y_0` ...). Long: one row a step; a series is what shares an id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from archwright.data.assemble import from_columns, from_long, from_ts, from_wide, padded
from archwright.data.raw import Raw
from archwright.data.tables import is_table, read_rows, read_table
from archwright.data.tidy import tidy
from archwright.errors import DataError, nearest

TS = ".ts"
FEWEST_STEPS = 3
"""A table with so many numbered columns of one name is wide."""

IDS = ("id", "series", "series_id", "case", "case_id", "sample", "sample_id")
TIMES = ("time", "timestamp", "date", "datetime", "t", "step")


def to_series(x: Any, place: str) -> NDArray[np.float32]:
    """Return (rows, channels, length) float32, NaN for gaps and past the end.

    Args:
        x: (rows, length), (rows, channels, length), or a list of arrays that differ in length.

    Raises:
        DataError: another shape, no numbers, or a series without any value.
    """
    try:
        array = np.asarray(x.detach().cpu() if hasattr(x, "detach") else x)
    except ValueError:  # series of several lengths
        array = _ragged(x, place)
    if array.ndim == 2:
        array = array[:, None]
    if array.ndim != 3 or 0 in array.shape or array.dtype.kind not in "buif":
        raise DataError(
            f"{place}: x has the shape {array.shape} of {array.dtype}; series are numbers, "
            "(rows, length) or (rows, channels, length)"
        )
    found = array.astype(np.float32)
    found[np.isinf(found)] = np.nan
    return checked(found, place)


def _ragged(x: Any, place: str) -> NDArray[Any]:
    rows = [np.atleast_2d(np.asarray(row, dtype=np.float32)) for row in x]
    counts = {len(row) for row in rows}
    if len(counts) > 1:
        raise DataError(
            f"{place}: the series have {' and '.join(map(str, sorted(counts)))} channels; give "
            "each of them the same channels"
        )
    return padded([list(row) for row in rows])


def checked(found: NDArray[np.float32], place: str) -> NDArray[np.float32]:
    """Return series that all hold values.

    Raises:
        DataError: one holds none.
    """
    empty = np.flatnonzero(np.isnan(found).all((1, 2)))
    if len(empty):
        raise DataError(
            f"{place}: {len(empty)} series hold no value at all (first: number {empty[0] + 1}); "
            "drop them"
        )
    return found


def joined(parts: Sequence[NDArray[Any]], place: str, end: float = np.nan) -> NDArray[Any]:
    """Return the examples of several parts as one array, the shorter ones padded with `end`.

    Args:
        parts: (rows, channels, length) each.

    Raises:
        DataError: they differ in channels.
    """
    counts = {part.shape[1] for part in parts}
    if len(counts) > 1:
        raise DataError(
            f"{place}: the rows of one part have {min(counts)} channels, of another {max(counts)}"
        )
    longest = max(part.shape[2] for part in parts)
    room = [((0, 0), (0, 0), (0, longest - part.shape[2])) for part in parts]
    pairs = zip(parts, room, strict=True)
    return np.concatenate([np.pad(part, each, constant_values=end) for part, each in pairs])


def raw_series(
    arrays: NDArray[Any], frame: pd.DataFrame, name: str, target: str, about: Mapping[str, Any]
) -> Raw:
    """Return series as rows; `frame` is what is known beside them, the target among it."""
    return Raw(name, frame, (target,), arrays, modality="series", about=about)


def read_ts(path: Path) -> Raw:
    """Return the series of a .ts file (of sktime and the UCR archive).

    Raises:
        DataError: the file is damaged, or its series have no labels.
    """
    try:
        found, labels = from_ts(path.read_text(encoding="utf-8-sig"))
    except (ValueError, OSError) as error:
        raise DataError(f"{path}: {error}") from None
    if not labels:
        raise DataError(f"{path}: its series have no labels (@classLabel true) to learn from")
    frame = tidy(pd.DataFrame({"label": labels}), str(path))
    return raw_series(checked(found, str(path)), frame, path.stem, "label", {"form": "ts"})


def from_table(frame: pd.DataFrame, target: str | None, place: str, name: str) -> Raw:
    """Return the series of a wide or a long table.

    Raises:
        DataError: it is neither, or a series is damaged; the message names the row or the id.
    """
    names = [str(column) for column in frame.columns]
    if target is not None and target not in names:
        raise DataError(f"there is no column {target!r} to predict{nearest(target, names)}")
    label = target or names[-1]
    steps = _steps([column for column in names if column != label])
    try:
        if steps:
            about: dict[str, Any] = {"form": "wide", "columns": steps}
            found, beside = from_wide(_columns(frame), steps), frame
            used = {column for each in steps for column in each}
        else:
            about = _long(frame, label, place)
            found, firsts = from_long(
                _columns(frame), about["key"], about["time"], about["columns"]
            )
            _constant(frame, about["key"], label, place)
            beside = frame.iloc[firsts].reset_index(drop=True)
            used = {about["time"], *about["columns"]}
    except ValueError as error:
        raise DataError(f"{place}: {error}") from None
    kept = [column for column in names if column not in used]
    return raw_series(checked(found, place), beside[kept], name, label, about)


def _steps(names: Sequence[str]) -> list[list[str]]:
    """Return the columns of each channel of a wide table; none if it is not wide."""
    found: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        if match := re.fullmatch(r"(.*?)(\d+)", name):
            found.setdefault(match[1], []).append((int(match[2]), name))
    channels = [columns for columns in found.values() if len(columns) >= FEWEST_STEPS]
    return [[name for _, name in sorted(columns)] for columns in channels]


def _long(frame: pd.DataFrame, label: str, place: str) -> dict[str, Any]:
    """Return which columns of a long table are what: an id, time, then values."""
    names = [str(column) for column in frame.columns if column != label]
    if len(names) < 3:
        raise DataError(
            f"{place}: neither a wide table of series (numbered columns: t0, t1, t2 ...) nor a "
            f"long one (id, time, values ..., {label}): beside {label!r} it has {', '.join(names)}"
        )
    key = next((name for name in names if name.lower() in IDS), names[0])
    rest = [name for name in names if name != key]
    time = next((name for name in rest if name.lower() in TIMES), rest[0])
    if frame[key].isna().any():
        row = int(np.flatnonzero(frame[key].isna())[0])
        raise DataError(f"{place}: row {row + 1} has no {key!r}, which says whose step it is")
    if frame[key].nunique() == len(frame):
        raise DataError(
            f"{place}: {key!r} differs in every row, so each series has one step; a long table has "
            "an id, the time, values and the target, in one row a step"
        )
    numbers = [n for n in rest if n != time and pd.api.types.is_numeric_dtype(frame[n].dtype)]
    columns = [n for n in numbers if n.lower() != "split"]
    if not columns:
        raise DataError(f"{place}: no column of numbers beside {key!r}, {time!r} and {label!r}")
    return {"form": "long", "key": key, "time": time, "columns": columns}


def _constant(frame: pd.DataFrame, key: str, label: str, place: str) -> None:
    """Raise DataError where a series has several values of the target."""
    counts = frame.groupby(key, sort=False)[label].nunique(dropna=False)
    if (counts > 1).any():
        raise DataError(
            f"{place}: the series {counts.index[counts > 1][0]!r} has {counts.max()} different "
            f"values of {label!r}; a series has one target"
        )


def read_new(data: Any, spec: Mapping[str, Any]) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Return new series as training has seen them, and no file names.

    Raises:
        DataError: they cannot be read, or are none.
    """
    how = spec["series"]
    try:
        if isinstance(data, pd.DataFrame):
            return from_columns(_columns(read_rows(data)), how), ()
        if not isinstance(data, str | Path):
            return to_series(data, "new data"), ()
        path = Path(data).expanduser()
        if is_table(path):
            return from_columns(_columns(read_rows(path)), how), ()
        if path.suffix.lower() == TS:
            return from_ts(path.read_text(encoding="utf-8-sig"))[0], ()
    except (ValueError, OSError) as error:
        raise DataError(f"new data: {error}") from None
    from archwright.data.arrays import new_array

    return to_series(new_array(path, "series"), str(path)), ()


def _columns(frame: pd.DataFrame) -> dict[str, Any]:
    return {str(name): column for name, column in frame.items()}


def read_any(path: Path, target: str | None) -> Raw | None:
    """Return the series of a table or a .ts file; None for files of other kinds."""
    if path.suffix.lower() == TS:
        return read_ts(path)
    if is_table(path):
        return from_table(read_table(path), target, str(path), path.name.split(".")[0] or "data")
    return None
