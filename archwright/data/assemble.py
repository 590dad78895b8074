"""Columns of a table, or the text of a .ts file -> series, as one array padded by NaN.

Training and an exported `model.py` read new data by these same functions, which are copied there as
they stand. So this imports nothing but numpy and the standard library, and raises ValueError.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

GAPS = ("", "?", "na", "nan", "null", "none", "n/a")


def padded(series: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
    """Return (rows, channels, longest) float32, NaN past the end of what is shorter.

    Args:
        series: The channels of each row; they may differ in length.
    """
    longest = max((len(channel) for row in series for channel in row), default=0)
    made = np.full((len(series), len(series[0]) if series else 0, longest), np.nan, np.float32)
    for i, row in enumerate(series):
        for k, channel in enumerate(row):
            made[i, k, : len(channel)] = channel
    return made


def from_wide(columns: Mapping[str, Any], channels: Sequence[Sequence[str]]) -> np.ndarray:
    """Return one series a row of a table.

    Args:
        channels: The names of each channel's columns, in the order of time.

    Raises:
        ValueError: a column is missing, or holds what is no number.
    """
    missing = [name for names in channels for name in names if name not in columns]
    if missing:
        raise ValueError(f"missing column {missing[0]!r}; a series needs all of its steps")
    found = [[floats(columns[name], name) for name in names] for names in channels]
    longest = max(map(len, found))
    for names in found:
        names += [np.full(len(names[0]), np.nan)] * (longest - len(names))
    return np.array(found, dtype=np.float32).transpose(2, 0, 1).copy()


def from_long(
    columns: Mapping[str, Any], key: str, time: str, channels: Sequence[str]
) -> tuple[np.ndarray, list[int]]:
    """Return one series for each value of `key`, in the order of their first rows, and these rows.

    Args:
        key: The column that tells series apart.
        time: Numbers or dates that rise within each series.
        channels: The columns of values.

    Raises:
        ValueError: a column is missing, or the time of a series stands still or goes back.
    """
    missing = [name for name in (key, time, *channels) if name not in columns]
    if missing:
        raise ValueError(f"missing column {missing[0]!r} of a table of series")
    rows: dict[Any, list[int]] = {}
    for row, value in enumerate(columns[key]):
        rows.setdefault(value, []).append(row)
    moments = times(columns[time], time)
    values = np.stack([floats(columns[name], name) for name in channels])
    for value, own in rows.items():
        late = np.flatnonzero(np.diff(moments[own]) <= 0)
        if len(late):
            row = own[late[0] + 1]
            same = moments[row] == moments[own[late[0]]]
            how = "has the same time as the row before" if same else "goes back in time"
            raise ValueError(
                f"series {value!r}: row {row + 1} {how} ({time!r} is {list(columns[time])[row]}); "
                "sort the rows of each series by time, and leave one for each moment"
            )
    made = padded([list(values[:, own]) for own in rows.values()])
    return made, [own[0] for own in rows.values()]


def from_columns(columns: Mapping[str, Any], how: Mapping[str, Any]) -> np.ndarray:
    """Return the series of a table of the form that training had.

    Args:
        how: `form`, and the names of columns, as `preprocess.json` holds them.

    Raises:
        ValueError: training had no table, or this one does not do.
    """
    if how["form"] == "wide":
        return from_wide(columns, how["columns"])
    if how["form"] == "long":
        return from_long(columns, how["key"], how["time"], how["columns"])[0]
    raise ValueError("a table, where training had arrays or a .ts file; give such a one")


def from_ts(text: str) -> tuple[np.ndarray, list[str]]:
    """Return the series of a .ts file, and their classes or values (none where it has none).

    Dimensions stand between colons, values between commas, `?` is a missing one; series may differ
    in length.

    Raises:
        ValueError: there is no @data, a value is no number, or series differ in dimensions.
    """
    head, mark, body = text.partition("@data")
    if not mark:
        raise ValueError("no line says @data; this is no .ts file")
    facts = {words[0].lower(): words[1:] for line in head.splitlines() if (words := line.split())}
    if facts.get("@timestamps", ["false"])[0].lower() == "true":
        raise ValueError("series with time stamps are not read; write their values alone")
    labels = [facts.get(name, ["false"])[0].lower() for name in ("@classlabel", "@targetlabel")]
    labelled = "true" in labels or ("@classlabel" not in facts and "@targetlabel" not in facts)
    rows: list[list[np.ndarray]] = []
    known: list[str] = []
    first = head.count("\n") + 1
    for number, line in enumerate(body.splitlines(), first):
        if not line.strip() or line.startswith(("#", "%")):
            continue
        parts = line.strip().split(":")
        known += [parts.pop().strip()] if labelled else []
        rows.append([floats(part.split(","), f"of line {number}") for part in parts])
        if len(rows[-1]) != len(rows[0]):
            raise ValueError(
                f"line {number} has {len(rows[-1])} dimensions, the first series {len(rows[0])}"
            )
    if not rows:
        raise ValueError("there is no series below @data")
    return padded(rows), known


def floats(values: Iterable[Any], where: str) -> np.ndarray:
    """Return numbers as float64, NaN where one is missing or infinite.

    Raises:
        ValueError: a value is no number; the message says where.
    """
    listed = list(values.to_numpy(object) if hasattr(values, "to_numpy") else values)
    try:
        made = np.array(listed, dtype=np.float64)
    except (ValueError, TypeError):
        words = ["" if value is None else str(value).strip() for value in listed]
        known = ["nan" if word.lower() in (*GAPS, "<na>") else word for word in words]
        odd = [
            word
            for word in known
            if not re.fullmatch(r"nan|[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?inf", word.lower())
        ]
        if odd:
            raise ValueError(f"column {where!r} holds {odd[0]!r}, which is no number") from None
        made = np.array(known, dtype=np.float64)
    made[np.isinf(made)] = np.nan
    return made


def times(values: Iterable[Any], where: str) -> np.ndarray:
    """Return times as numbers that can be compared.

    Raises:
        ValueError: one is neither a number nor a date.
    """
    listed = list(values.to_numpy(object) if hasattr(values, "to_numpy") else values)
    try:
        made = np.array(listed, dtype=np.float64)
    except (ValueError, TypeError):
        made = np.array([moment_of(value) for value in listed], dtype=np.float64)
    unknown = np.flatnonzero(np.isnan(made))
    if len(unknown):
        row = int(unknown[0])
        raise ValueError(
            f"row {row + 1}: {where!r} is {listed[row]!r}, neither a number nor a date"
        )
    return made


def moment_of(value: Any) -> float:
    """Return seconds since 1970 of a date or its text (ISO 8601), or NaN."""
    try:
        when = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
        return (when.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds()
    except ValueError:
        return float("nan")
