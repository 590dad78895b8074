"""Columns or arrays -> histories of series on an even grid of time, and windows of them.

Training and an exported `model.py` read new data by these same functions, which are copied there as
they stand. So this imports nothing but numpy and the standard library, and raises ValueError. It
knows neither splits nor networks.
"""

from __future__ import annotations

import csv
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import numpy as np

from archwright.data.assemble import floats, moment_of, times

DAY = 86_400.0
TURNS = {"minute": 3_600.0, "hour": DAY, "weekday": 7 * DAY, "yearday": 365.2425 * DAY}
"""Seconds after which each part of the calendar comes again."""

MONDAY = 4 * DAY
"""1970 began on a Thursday; weeks are counted from this moment."""

MOST_GAPS = 0.5
"""Where more of the grid would be gaps, rows are taken as they come."""


class History(NamedTuple):
    """One series; no data class, since these cannot be made in a `model.py` that is not imported.

    Args:
        moments: (steps,) seconds since 1970, or plain numbers, evenly apart in the sense of `unit`.
        values: (1 + covariates, steps), the value to forecast first; NaN is a gap.
    """

    name: str
    moments: np.ndarray
    values: np.ndarray


def histories(columns: Mapping[str, Any], how: Mapping[str, Any]) -> list[History]:
    """Return the histories in a table: one for each target, or for each series and target.

    Args:
        how: `form`, `time`, `key`, `targets`, `covariates`, `unit` and `count`, as
            `preprocess.json` holds them.

    Raises:
        ValueError: a column is missing, a value is no number, or time stands still or goes back.
    """
    time, key = how["time"], how["key"]
    named = [name for name in (time, key, *how["targets"], *how["covariates"]) if name]
    missing = [name for name in named if name not in columns]
    if missing:
        raise ValueError(f"missing column {missing[0]!r} of the histories that are gone on with")
    found = {name: floats(columns[name], name) for name in (*how["targets"], *how["covariates"])}
    rows = len(next(iter(found.values())))
    moments = times(columns[time], time) if time else np.arange(rows, dtype=np.float64)
    made = []
    for name, own in grouped(columns[key] if key else None, rows).items():
        rising(moments[own], own, name, time)
        for target in how["targets"]:
            values = np.stack([found[each][own] for each in (target, *how["covariates"])])
            told = series_name(name, target, how)
            made.append(History(told, *on_grid(moments[own], values, how)))
    return made


def grouped(keys: Any, rows: int) -> dict[str, np.ndarray]:
    """Return the row numbers of each series; of all rows, without a name, where no column tells."""
    if keys is None:
        return {"": np.arange(rows)}
    found: dict[str, list[int]] = {}
    for row, value in enumerate(keys):
        found.setdefault(str(value), []).append(row)
    return {name: np.array(own) for name, own in found.items()}


def series_name(key: str, target: str, how: Mapping[str, Any]) -> str:
    """Return what one series is called."""
    if not how["key"]:
        return target
    return key if len(how["targets"]) == 1 else f"{key} {target}"


def rising(moments: np.ndarray, rows: np.ndarray, name: str, time: str) -> None:
    """Raise ValueError where time stands still or goes back; the message names the row."""
    late = np.flatnonzero(np.diff(moments) <= 0)
    if not len(late):
        return
    at = int(late[0]) + 1
    same = moments[at] == moments[at - 1]
    how = "has the same time as the row before" if same else "goes back in time"
    whose = f"series {name!r}: " if name else ""
    raise ValueError(
        f"{whose}row {int(rows[at]) + 1} {how} (column {time!r}); sort the rows by time, and leave "
        "one for each moment of a series; where rows belong to several series, say by which column"
    )


def rhythm(moments: np.ndarray, dates: bool) -> tuple[str, float]:
    """Return the unit of time from step to step, and how many of them a step is.

    The unit is `month`, `weekday` (Monday to Friday), `second`, or `number` where times are none.
    """
    steps = np.diff(moments)
    if not len(steps):
        return ("second", DAY) if dates else ("number", 1.0)
    values, counts = np.unique(np.round(steps, 6), return_counts=True)
    usual = float(values[counts.argmax()])
    if not dates:
        return "number", usual
    for months, low, high in ((1, 28, 31), (3, 90, 92), (12, 365, 366)):
        if steps.min() >= low * DAY and steps.max() <= high * DAY:
            return "month", float(months)
    weekday = (moments - MONDAY) // DAY % 7
    if usual == DAY and len(moments) >= 10 and weekday.max() <= 4:
        return "weekday", 1.0
    return "second", usual


def on_grid(
    moments: np.ndarray, values: np.ndarray, how: Mapping[str, Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Return moments and values with a gap, NaN, for each step that is missing.

    Where times do not lie on a grid, or most of it would be gaps, rows are taken as they come.
    """
    places = _places(moments, how)
    even = np.round(places)
    fits = len(places) and np.abs(places - even).max() < 0.05 and (np.diff(even) > 0).all()
    if not fits or len(places) < MOST_GAPS * (even[-1] + 1) or even[-1] + 1 == len(places):
        return moments, values
    whole = int(even[-1]) + 1
    made = np.full((len(values), whole), np.nan)
    made[:, even.astype(int)] = values
    grid = np.concatenate([moments[:1], later(float(moments[0]), how, whole - 1)])
    grid[even.astype(int)] = moments
    return grid, made


def _places(moments: np.ndarray, how: Mapping[str, Any]) -> np.ndarray:
    """Return how many steps after the first one each moment is."""
    match how["unit"]:
        case "month":
            months = _dates(moments).astype("datetime64[M]").astype(int)
            return np.asarray((months - months[0]) / how["count"])
        case "weekday":
            days = _dates(moments).astype("datetime64[D]")
            return np.asarray(np.busday_count(days[0], days), dtype=np.float64)
    return np.asarray((moments - moments[0]) / how["count"])


def later(moment: float, how: Mapping[str, Any], steps: int) -> np.ndarray:
    """Return the moments of the `steps` steps after one."""
    ahead = np.arange(1, steps + 1)
    if how["unit"] == "month":
        return _months_later(moment, ahead * int(how["count"]))
    if how["unit"] == "weekday":
        day = _dates(np.array([moment])).astype("datetime64[D]")[0]
        found = np.busday_offset(day, ahead, roll="backward").astype("datetime64[s]")
        return np.asarray(found.astype(np.float64) + moment % DAY)
    return np.asarray(moment + ahead * how["count"])


def _months_later(moment: float, months: np.ndarray) -> np.ndarray:
    """Return the same day of later months; the last day of a month stays the last."""
    day = _dates(np.array([moment])).astype("datetime64[D]")[0]
    month = day.astype("datetime64[M]")
    last = (day + 1).astype("datetime64[M]") != month
    into = (day - month.astype("datetime64[D]")).astype(int)
    ends = (month + months + 1).astype("datetime64[D]") - 1
    same = np.minimum((month + months).astype("datetime64[D]") + into, ends)
    found = ends if last else same
    return np.asarray(found.astype("datetime64[s]").astype(np.float64) + moment % DAY)


def _dates(moments: np.ndarray) -> np.ndarray:
    return np.asarray(np.floor(moments).astype("int64").astype("datetime64[s]"))


def calendar(moments: np.ndarray, parts: Sequence[str]) -> np.ndarray:
    """Return the turns of the calendar as sine and cosine, (2 x parts, steps)."""
    found = [np.zeros((0, len(moments)))]
    for part in parts:
        angle = 2 * np.pi * ((moments - MONDAY) % TURNS[part]) / TURNS[part]
        found.append(np.stack([np.sin(angle), np.cos(angle)]))
    return np.concatenate(found)


def filled(values: np.ndarray) -> np.ndarray:
    """Return (channels, steps) with gaps filled in a straight line, at the ends by the nearest.

    A channel without any value stays as it is.
    """
    made = np.array(values, dtype=np.float64)
    at = np.arange(made.shape[1])
    for channel in made:
        there = np.flatnonzero(np.isfinite(channel))
        if 0 < len(there) < len(channel):
            channel[:] = np.interp(at, there, channel[there])
    return made


def begun(history: History) -> History:
    """Return the history from the first value of what is forecast on.

    Raises:
        ValueError: there is none.
    """
    there = np.flatnonzero(np.isfinite(history.values[0]))
    if not len(there):
        raise ValueError(f"series {history.name!r} holds no value at all; drop it")
    first = int(there[0])
    return History(history.name, history.moments[first:], history.values[:, first:])


def scale_of(values: np.ndarray) -> list[float]:
    """Return mean and deviation of the known values; 0 and 1 of none."""
    known = values[np.isfinite(values)]
    if not len(known):
        return [0.0, 1.0]
    std = float(known.std())
    return [float(known.mean()), std if std > 1e-9 * max(1.0, abs(float(known.mean()))) else 1.0]


def scales(history: History, how: Mapping[str, Any]) -> np.ndarray:
    """Return mean and deviation of each channel, (channels, 2): its own where training had none."""
    own = how["scales"].get(history.name) or scale_of(history.values[0])
    return np.array([own, *how["beside"]], dtype=np.float64)


def standard(history: History, how: Mapping[str, Any]) -> np.ndarray:
    """Return all channels of a history, gaps filled, (channels, steps) float32.

    Those of the calendar, which is known beforehand, are the horizon ahead: so that a window's last
    steps tell the days that are to be forecast.
    """
    scale, ahead = scales(history, how), how["horizon"]
    known = filled((history.values - scale[:, :1]) / scale[:, 1:])
    known[np.isnan(known)] = 0.0  # a covariate that this series lacks
    after = later(float(history.moments[-1]), how, ahead)
    moments = np.concatenate([history.moments, after])[ahead:]
    made = np.concatenate([known, calendar(moments, how["parts"])])
    return made.astype(np.float32)


def windows(raw: Iterable[History], spec: Mapping[str, Any]) -> np.ndarray:
    """Return the end of each history as the network takes it, (series, channels, length) float32.

    NaN stands before the beginning of a history that is shorter.
    """
    how = spec["forecast"]
    rows = [standard(begun(history), how) for history in raw]
    if not rows:
        raise ValueError("there is no series to forecast")
    made = np.full((len(rows), len(rows[0]), how["length"]), np.nan, dtype=np.float32)
    for row, values in zip(made, rows, strict=True):
        part = values[:, -how["length"] :]
        row[:, how["length"] - part.shape[1] :] = part
    return made


def restored(answers: np.ndarray, raw: Iterable[History], spec: Mapping[str, Any]) -> np.ndarray:
    """Return forecasts in the unit of each series, (series, horizon)."""
    scale = np.array([scales(begun(history), spec["forecast"])[0] for history in raw])
    return np.asarray(answers.reshape(len(scale), -1) * scale[:, 1:] + scale[:, :1])


def labels(raw: Iterable[History], spec: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Return the name of each series, and the moments that are forecast, as text."""
    how = spec["forecast"]
    return [(each.name, moment_texts(begun(each), how)) for each in raw]


def moment_texts(history: History, how: Mapping[str, Any]) -> list[str]:
    """Return the moments after a history as text: dates, numbers, or 1, 2 ... without a time."""
    if not how["time"]:
        return [str(step) for step in range(1, how["horizon"] + 1)]
    return texts_of(later(float(history.moments[-1]), how, how["horizon"]), how)


def texts_of(moments: np.ndarray, how: Mapping[str, Any]) -> list[str]:
    """Return moments as text: numbers, or dates, with the time of day where steps are no days."""
    if not how["dates"]:
        return [f"{moment:.10g}" for moment in moments]
    whole = not (moments % DAY).any() and (how["unit"] != "second" or not how["count"] % DAY)
    text = _dates(moments).astype("datetime64[D]" if whole else "datetime64[s]").astype(str)
    return [each.replace("T", " ") for each in text]


def write_forecasts(
    out: TextIO,
    spec: Mapping[str, Any],
    answers: np.ndarray,
    named: Sequence[tuple[str, list[str]]],
) -> None:
    """Write forecasts as CSV: a row for each moment ahead, with a column for each target.

    Where there are several series, a row for each of them and each moment.
    """
    how = spec["forecast"]
    targets, key, time = how["targets"], how["key"], how["time"] or "step"
    writer = csv.writer(out, lineterminator="\n")
    if key:
        count = len(targets)
        writer.writerow([key, time, *targets])
        for first in range(0, len(named), count):
            name = named[first][0]
            name = name if count == 1 else name[: -len(targets[0]) - 1]
            for step, moment in enumerate(named[first][1]):
                numbers = [f"{value:.6g}" for value in answers[first : first + count, step]]
                writer.writerow([name, moment, *numbers])
        return
    writer.writerow([time, *(name for name, _ in named)])
    for step, moment in enumerate(named[0][1]):
        writer.writerow([moment, *(f"{value:.6g}" for value in answers[:, step])])


def from_rows(array: Any, names: Sequence[str] = ()) -> list[History]:
    """Return the series of an array (series, steps), NaN before and after what is shorter.

    Raises:
        ValueError: another shape, or no numbers.
    """
    values = np.asarray(array)
    values = values[None] if values.ndim == 1 else values
    if values.ndim != 2 or values.dtype.kind not in "buif" or not values.size:
        raise ValueError(
            f"an array of shape {values.shape} of {values.dtype}; histories are numbers, one row a "
            "series: (series, steps)"
        )
    known = np.where(np.isfinite(values), values, np.nan).astype(np.float64)
    told = list(names) or [str(i + 1) for i in range(len(known))]
    made = []
    for name, row in zip(told, known, strict=True):
        there = np.flatnonzero(np.isfinite(row))
        part = row[None, : there[-1] + 1 if len(there) else 0]
        made.append(begun(History(name, np.arange(part.shape[1], dtype=np.float64), part)))
    return made


def load_rows(path: Path) -> tuple[np.ndarray, list[str]]:
    """Return the series in an npy or npz file (`x`, `train` or the only array), and their names.

    Raises:
        ValueError: the file is damaged, or holds no series.
    """
    try:
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return loaded, []
            arrays = {name.lower(): loaded[name] for name in loaded.files}
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path}: damaged, or no arrays of numbers ({error})") from None
    names = [str(each) for each in arrays.pop("id", ())]
    found = [arrays[name] for name in ("x", "train") if name in arrays]
    if not found and len(arrays) != 1:
        raise ValueError(f"{path}: found {', '.join(arrays) or 'nothing'}; name the series x")
    return (found or list(arrays.values()))[0], names


def are_dates(values: Iterable[Any]) -> bool:
    """Whether moments are dates: their first one is, and is no number."""
    first = next(iter(values), None)
    try:
        return float(first) != float(first)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return not np.isnan(moment_of(first))
