"""Fits preprocessing to training rows, and to nothing else.

What it returns is plain JSON: the `spec` that `nets.preprocess` applies and that is stored as
`preprocess.json`. It knows columns and arrays, no tasks, files or networks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from archwright import registry
from archwright.errors import DataError
from archwright.nets import (
    fit_text,
    preprocess,
    preprocess_audio,
    preprocess_forecast,
    preprocess_series,
)
from archwright.nets.preprocess import BUCKETS, DATE_PARTS

Spec = dict[str, Any]


@dataclass(frozen=True)
class Inputs:
    """How the raw inputs of one modality become what its networks take.

    Args:
        fit: From inputs, the rows that may be looked at and `Task.about` to the spec's part.
        array: From inputs and the spec to an array of examples, in the smallest type that does.
        shape: Of one example, by the spec.
        more: What else a `Signature` is to say, by the spec.
    """

    fit: Callable[[Any, Any, Mapping[str, Any]], Spec]
    array: Callable[[Any, Mapping[str, Any]], np.ndarray[Any, Any]]
    shape: Callable[[Mapping[str, Any]], tuple[int, ...]]
    more: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda spec: {}


MOST_LEVELS = 100_000
"""Categories of a column that are told apart at most, the most frequent ones."""

DATE_SAMPLE = 200
DAYS = (
    *("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d"),
    *("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%m/%d/%y", "%d.%m.%y", "%Y-%m", "%Y"),
)
DATE_FORMATS = tuple(
    day + time for day in DAYS for time in ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
)
"""Tried in this order on dates that are not ISO 8601; the first that reads the most is kept."""


def fit_table(frame: pd.DataFrame, types: Mapping[str, str]) -> Spec:
    """Return the part of a spec that turns rows like these into numbers.

    Args:
        frame: The training rows.
        types: Each input column's type; identifiers and constants are left out.

    Raises:
        DataError: no column is left, or a column holds nothing of its type.
    """
    used = {name: kind for name, kind in types.items() if kind not in ("identifier", "constant")}
    if not used:
        raise DataError("no column is left to learn from: all are identifiers or constant")
    columns = [{"name": name, "type": kind} for name, kind in used.items()]
    for column in columns:
        try:
            column |= FITS[column["type"]](frame[column["name"]])
        except ValueError as error:
            raise DataError(f"column {column['name']!r}: {error}; give it another type") from error
    return {"modality": "table", "columns": columns}


def fit_image(image: Mapping[str, Any]) -> Spec:
    """Return the part of a spec that says which images the network takes.

    Args:
        image: `Task.about`: `channels`, `height`, `width`, `mode`, `layout` and `dtype`.
    """
    return {"modality": "image", "image": dict(image)}


def fit_series(inputs: Any, rows: Any, about: Mapping[str, Any]) -> Spec:
    """Return the part of a spec that says which series the network takes.

    Args:
        inputs: (examples, channels, length), NaN for gaps and past the end.
        rows: Whose means are taken, of each channel.
        about: `Task.about`: `form`, and the names of columns where series came from a table.
    """
    _, channels, length = inputs.shape
    means = [_mean(inputs[rows, channel]) for channel in range(channels)]
    sizes = {"channels": channels, "length": length, "means": means}
    return {"modality": "series", "series": {**about, **sizes}}


def fit_audio(inputs: Any, rows: Any, about: Mapping[str, Any]) -> Spec:
    """Return the part of a spec that says which clips the network takes.

    Args:
        inputs: (clips, 1, samples) int16.
        about: `Task.about`: `rate`.
    """
    return {"modality": "audio", "audio": {**about, "length": inputs.shape[2]}}


def _mean(values: np.ndarray[Any, Any]) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean(dtype=np.float64)) if len(known) else 0.0


def target(
    name: str,
    kind: str,
    classes: Sequence[str],
    outcomes: Sequence[str],
    levels: Sequence[Sequence[str]] = (),
) -> Spec:
    """Return the part of a spec that names what is predicted, see `data.task.Task`."""
    found = {"classes": list(classes), "outcomes": list(outcomes)}
    return {"target": name, "kind": kind, **found, "levels": list(map(list, levels))}


def shape(spec: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the shape of one example, as `Signature` takes it."""
    inputs: Inputs = registry.load(registry.MODALITIES[spec["modality"]].inputs)
    return inputs.shape(spec)


def width(spec: Mapping[str, Any]) -> int:
    """Return how many numbers `preprocess.table` makes of a row."""
    return sum(WIDTHS[column["type"]](column) for column in spec["columns"])


def categories(spec: Mapping[str, Any]) -> tuple[int, ...]:
    """Return how many codes each categorical column has, 0 (unseen or missing) included."""
    return tuple(1 + len(c["levels"]) for c in spec["columns"] if c["type"] == "categorical")


def _numeric(values: pd.Series[Any]) -> Spec:
    found = preprocess.numbers(values)
    _check(found, values, "number")
    present = found[~np.isnan(found)]
    median = float(np.median(present)) if len(present) else 0.0
    filled = np.where(np.isnan(found), median, found)
    return {"median": median, **_scale(filled, found)}


def _boolean(values: pd.Series[Any]) -> Spec:
    found = preprocess.each(values, preprocess.truth)
    known = sorted({word for word in found if word is not None})
    if len(known) > 2:
        raise ValueError(f"{len(known)} different values where a boolean has two")
    ones = np.array([np.nan if word is None else known.index(word) for word in found], dtype=float)
    present = ones[~np.isnan(ones)]
    mean = float(present.mean()) if len(present) else 0.0
    return {"values": known, "mean": mean, "std": 1.0, "missing": bool(np.isnan(ones).any())}


def _datetime(values: pd.Series[Any]) -> Spec:
    form = _date_format(values)
    found = preprocess.moments(values, form)
    _check(found[:, -1], values, "date")
    present = found[~np.isnan(found[:, -1])]
    kept = [i for i in range(len(DATE_PARTS)) if len(present) and np.ptp(present[:, i]) > 0]
    kept = kept or [len(DATE_PARTS) - 1]
    scale = _scale(present[:, kept] if len(present) else np.zeros((1, len(kept))), found)
    return {"format": form, "parts": [DATE_PARTS[i] for i in kept], **scale}


def _date_format(values: pd.Series[Any]) -> str | None:
    """Return the format that reads the most of these; None is ISO 8601, and wins a draw."""
    if values.dtype.kind == "M":
        return None
    some = values.dropna().drop_duplicates()
    some = some.iloc[:: max(1, len(some) // DATE_SAMPLE)]

    def unread(form: str | None) -> int:
        return int(np.isnan(preprocess.moments(some, form)[:, -1]).sum())

    least, best = unread(None), None
    for form in DATE_FORMATS:
        if least and (left := unread(form)) < least:
            least, best = left, form
    return best


def _text(values: pd.Series[Any]) -> Spec:
    found = np.array(preprocess.each(values, preprocess.words)).reshape(-1, BUCKETS)
    return {**_scale(found, found), "missing": False}


def _categorical(values: pd.Series[Any]) -> Spec:
    """Levels by frequency; those in too few rows to learn from share code 0."""
    counts = Counter(word for word in preprocess.each(values, preprocess.text) if word is not None)
    least = max(2, len(values) // 10_000)
    ordered = sorted(counts, key=lambda level: (-counts[level], level))
    return {"levels": [level for level in ordered if counts[level] >= least][:MOST_LEVELS]}


def _scale(filled: np.ndarray[Any, Any], found: np.ndarray[Any, Any]) -> Spec:
    mean, std = filled.mean(0), filled.std(0)
    still = std <= 1e-12 * np.maximum(1e-12, np.abs(mean))
    std = np.where(still, 1.0, std)
    return {"mean": mean.tolist(), "std": std.tolist(), "missing": bool(np.isnan(found).any())}


def _check(found: np.ndarray[Any, Any], values: pd.Series[Any], kind: str) -> None:
    present = values.dropna()
    if len(present) and np.isnan(found).all() and any(preprocess.each(present, preprocess.text)):
        raise ValueError(f"no value is a {kind}; the first is {present.iloc[0]!r}")


FITS = {
    "numeric": _numeric,
    "boolean": _boolean,
    "datetime": _datetime,
    "text": _text,
    "categorical": _categorical,
}
WIDTHS: dict[str, Callable[[Mapping[str, Any]], int]] = {
    "numeric": lambda column: 1 + column["missing"],
    "boolean": lambda column: 1 + column["missing"],
    "datetime": lambda column: len(column["parts"]) + column["missing"],
    "text": lambda column: BUCKETS,
    "categorical": lambda column: 1,
}
TABLE = Inputs(
    fit=lambda inputs, rows, about: fit_table(inputs.iloc[rows], about),
    array=lambda inputs, spec: preprocess.table({str(n): c for n, c in inputs.items()}, spec),
    shape=lambda spec: (width(spec),),
    more=lambda spec: {"categories": categories(spec)},
)
IMAGE = Inputs(
    fit=lambda inputs, rows, about: fit_image(about),
    array=lambda inputs, spec: np.require(inputs, requirements="C"),
    shape=lambda spec: tuple(spec["image"][side] for side in ("channels", "height", "width")),
)
SERIES = Inputs(
    fit=fit_series,
    array=preprocess_series.series,
    shape=lambda spec: (spec["series"]["channels"], spec["series"]["length"]),
)
TEXT = Inputs(
    fit=fit_text.fit_text,
    array=fit_text.array,
    shape=fit_text.shape,
    more=lambda spec: {"categories": fit_text.sizes(spec), "encoder": fit_text.encoder(spec)},
)
AUDIO = Inputs(
    fit=fit_audio,
    array=lambda inputs, spec: preprocess_audio.sampled(inputs, spec["audio"]["length"]),
    shape=lambda spec: (1, spec["audio"]["length"]),
    more=lambda spec: {"rate": spec["audio"]["rate"]},
)
FORECAST = Inputs(
    fit=preprocess_forecast.told,
    array=preprocess_forecast.views,
    shape=preprocess_forecast.shape,
    more=preprocess_forecast.more,
)
