"""Turns raw values into the float32 numbers that a network takes.

This is the one implementation of preprocessing: training calls it, and its functions are copied as
they stand into the exported `model.py`. So it imports nothing but numpy and the standard library,
and knows neither pandas nor torch. Every number it needs is in the `spec` that `nets.fit` makes.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np

NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
CODE = re.compile(r"[+-]?0[0-9]")
MISSING = {"", "?", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "-NaN", "-nan", "NaT"}
MISSING |= {"null", "NULL"}
TRUTH = {"1": "true", "yes": "true", "y": "true", "t": "true", "on": "true"}
TRUTH |= {"0": "false", "no": "false", "n": "false", "f": "false", "off": "false"}
DATE_PARTS = (
    *("year", "month", "day", "weekday", "hour"),
    *("year sine", "year cosine", "week sine", "week cosine", "day sine", "day cosine", "seconds"),
)
"""The numbers of a date. Sines and cosines go round once a year, week or day, so that December is
next to January, Sunday to Monday, and midnight to one o'clock."""
EPOCH = datetime(1970, 1, 1)
BUCKETS = 32
LARGEST = 1e150
"""Numbers beyond this are cut, so that their squares do not overflow."""
FARTHEST = 1e6
"""Standardised numbers beyond this are cut, so that none overflows in float32."""


def table(columns: Mapping[str, Any], spec: Mapping[str, Any]) -> np.ndarray:
    """Return the network's input, (rows, width) float32; whole-number categories come last.

    Args:
        columns: One sequence of raw values per name: a dict of lists of text, or a data frame.
            Columns that the network does not use are ignored.
        spec: What `preprocess.json` holds.

    Raises:
        ValueError: a column is missing, or holds nothing of the kind it held in training.
    """
    names = [column["name"] for column in spec["columns"]]
    missing = [name for name in names if name not in columns]
    if missing:
        lost = ", ".join(map(repr, missing))
        raise ValueError(f"missing column {lost}; the network needs these: {', '.join(names)}")
    ordered = sorted(spec["columns"], key=lambda column: bool(column["type"] == "categorical"))
    blocks = [BLOCKS[column["type"]](columns[column["name"]], column) for column in ordered]
    return np.concatenate(blocks, axis=1, dtype=np.float32)


def images(array: np.ndarray, spec: Mapping[str, Any]) -> np.ndarray:
    """Return the network's input, (rows, channels, height, width) float32, brightness unchanged.

    Args:
        array: Images as numbers, (rows, channels, height, width), (rows, height, width, channels)
            or, in grey, (rows, height, width).
        spec: What `preprocess.json` holds.

    Raises:
        ValueError: the images have another size or another scale than those in training.
    """
    image = spec["image"]
    channels, height, width = wanted = tuple(image[k] for k in ("channels", "height", "width"))
    array = np.asarray(array)
    if array.shape[1:] == (height, width) and channels == 1:
        array = array[:, None]
    channels_last = array.shape[1:] == (height, width, channels)
    if channels_last and (image["layout"] == "nhwc" or array.shape[1:] != wanted):
        array = np.moveaxis(array, 3, 1)
    if array.shape[1:] != wanted:
        size = " x ".join(map(str, wanted))
        raise ValueError(f"images of shape {array.shape[1:]}; the network takes {size} (C x H x W)")
    if image["dtype"] == "uint8" and array.dtype.kind == "f" and 0 < array.max(initial=0) <= 1:
        raise ValueError("the images range from 0 to 1, those in training from 0 to 255")
    return np.ascontiguousarray(array, dtype=np.float32)


def text(value: Any) -> str | None:
    """Return a raw value as text, or None where it is missing.

    3, 3.0, "3" and " 3.0 " are all "3", and True, "True" and "TRUE" are all "true": a category is
    the same whether it comes from a data frame or from the text of a CSV file. A number with
    leading zeros is a code, and stays as it is.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _shortest(value)
    word = str(value).strip()
    if word in MISSING:
        return None
    if word in ("True", "TRUE", "False", "FALSE"):
        return word.lower()
    if NUMBER.fullmatch(word) and not CODE.match(word):
        return str(int(word)) if word.isdigit() and len(word) < 99 else _shortest(float(word))
    return word


def _shortest(number: float) -> str | None:
    if number != number:
        return None
    return str(int(number)) if number.is_integer() else repr(float(number))


def number(value: Any) -> float:
    """Return a raw value as a number; NaN where it is missing, infinite or no number at all."""
    if type(value) is float:
        return value if abs(value) < np.inf else np.nan
    word = value.strip() if isinstance(value, str) else text(value) or ""
    if word in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return float(word.lower() == "true")
    found = float(word) if NUMBER.fullmatch(word) else np.nan
    return found if abs(found) < np.inf else np.nan


def numbers(values: Any) -> np.ndarray:
    """Return a column as float64, NaN where a value is missing."""
    array = np.asarray(values) if hasattr(values, "dtype") else None
    if array is not None and array.dtype.kind in "biuf":
        floats = array.astype(np.float64)
        floats[np.isinf(floats)] = np.nan
    else:
        floats = np.array(each(values, number), dtype=np.float64)
    return floats.clip(-LARGEST, LARGEST)


def truth(value: Any) -> str | None:
    """Return a raw value of a column with two values as text; "yes", "1" and True are "true"."""
    word = text(value)
    return None if word is None else TRUTH.get(word.lower(), word)


def moment(value: Any, form: str | None = None) -> tuple[float, ...]:
    """Return the `DATE_PARTS` of a date (in UTC if it has a zone), NaN each if it cannot be read.

    Args:
        value: A date and time, or its text: ISO 8601 or `form`, in the notation of `strptime`.
    """
    when = None if text(value) is None else value
    if when is not None and not isinstance(when, datetime):
        when = _parsed(str(value).strip(), form)
    if when is None:
        return (np.nan,) * len(DATE_PARTS)
    if when.tzinfo is not None:
        when = when.astimezone(UTC).replace(tzinfo=None)
    seconds = (when - EPOCH).total_seconds()
    clock = (when.hour + when.minute / 60) / 24
    year = (when.timetuple().tm_yday - 1 + clock) / 366
    rounds = (year, (when.weekday() + clock) / 7, clock)
    turns = [f(2 * math.pi * part) for part in rounds for f in (math.sin, math.cos)]
    return (when.year, when.month, when.day, when.weekday(), when.hour, *turns, seconds)


def _parsed(word: str, form: str | None) -> datetime | None:
    if form:
        try:
            return datetime.strptime(word, form)
        except ValueError:
            pass
    try:
        return datetime.fromisoformat(word)
    except ValueError:
        return None


def moments(values: Any, form: str | None) -> np.ndarray:
    """Return a column of dates as their parts, (rows, parts) float64."""
    found = each(values, lambda value: moment(value, form))
    return np.array(found, dtype=np.float64).reshape(-1, len(DATE_PARTS))


def words(value: Any) -> np.ndarray:
    """Return log(1 + count) of a text's words, each word counted in one of `BUCKETS` by its CRC."""
    counts = np.zeros(BUCKETS)
    for word in re.findall(r"\w+", (text(value) or "").lower()):
        counts[zlib.crc32(word.encode()) % BUCKETS] += 1
    return np.log1p(counts)


def each(values: Iterable[Any], convert: Callable[[Any], Any]) -> list[Any]:
    """Return `convert(value)` of every value, worked out once for equal ones."""
    listed = list(values.to_numpy(object) if hasattr(values, "to_numpy") else values)
    keys = list(zip(map(type, listed), listed, strict=True))  # 1 and True are equal, and differ
    try:
        known = {key: convert(key[1]) for key in set(keys)}
    except TypeError:  # lists and the like have no hash
        return [convert(value) for value in listed]
    return [known[key] for key in keys]


def _numeric(values: Any, column: Mapping[str, Any]) -> np.ndarray:
    found = numbers(values)
    _check(found, values, column, "a number")
    return _scaled(found[:, None], column, column["median"])


def _boolean(values: Any, column: Mapping[str, Any]) -> np.ndarray:
    known = {word: float(i) for i, word in enumerate(column["values"])}
    found = np.array([known.get(word, np.nan) for word in each(values, truth)], dtype=np.float64)
    _check(found, values, column, " or ".join(map(repr, column["values"])))
    return _scaled(found[:, None], column, column["mean"])


def _datetime(values: Any, column: Mapping[str, Any]) -> np.ndarray:
    found = moments(values, column["format"])
    _check(found[:, -1], values, column, f"a date ({column['format'] or 'like 2024-12-31 23:59'})")
    kept = [DATE_PARTS.index(part) for part in column["parts"]]
    return _scaled(found[:, kept], column, column["mean"])


def _text(values: Any, column: Mapping[str, Any]) -> np.ndarray:
    return _scaled(np.array(each(values, words)).reshape(-1, BUCKETS), column, 0.0)


def _categorical(values: Any, column: Mapping[str, Any]) -> np.ndarray:
    """0 is a missing value, and a category that was rare or unseen in training."""
    codes = {level: code for code, level in enumerate(column["levels"], start=1)}
    found = [codes.get(word, 0) for word in each(values, text)]
    return np.array(found, dtype=np.float32)[:, None]


def _scaled(found: np.ndarray, column: Mapping[str, Any], fill: Any) -> np.ndarray:
    """Fill gaps and standardise; one more 0/1 column tells gaps if there were any in training."""
    gaps = np.isnan(found)
    scaled = (np.where(gaps, fill, found) - column["mean"]) / column["std"]
    scaled = np.clip(scaled, -FARTHEST, FARTHEST)
    return np.concatenate([scaled, gaps[:, :1]], axis=1) if column["missing"] else scaled


def _check(found: np.ndarray, values: Any, column: Mapping[str, Any], kind: str) -> None:
    """A few odd values count as missing; a column of nothing else is a mistake."""
    if len(found) and np.isnan(found).all():
        odd = next((value for value in values if text(value) is not None), None)
        if odd is not None:
            name = column["name"]
            raise ValueError(f"column {name!r}: no value is {kind}; the first is {odd!r}")


BLOCKS = {
    "numeric": _numeric,
    "boolean": _boolean,
    "datetime": _datetime,
    "text": _text,
    "categorical": _categorical,
}
