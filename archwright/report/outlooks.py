"""Forecasts as pictures: what was seen, what came, and what was said; and errors by step ahead."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.core.truth import Truth
from archwright.data.forecasting import places
from archwright.data.histories import later, texts_of
from archwright.measure.scores import scores
from archwright.report.curves import path_of
from archwright.report.mistakes import ValueScore
from archwright.report.plots import Figure, Plot
from archwright.report.record import Record
from archwright.report.words import number

WIDE, HIGH = 260, 120
SEEN, CAME, SAID = "#9ca3af", "#2563eb", "#dc2626"

BEFORE = 2
"""So many horizons of what was seen are drawn."""


def data_uris(record: Record, places: NDArray[np.int64]) -> list[str]:
    """Return a `data:image/svg+xml` URI for each of some test windows, each on a scale of its own.

    Args:
        places: Positions among the test rows.
    """
    how, inputs = record.task.read, record.task.inputs
    flat: NDArray[Any] = np.asarray(inputs)[0]
    ends = record.task.splits.test[places] + how["length"]
    before = min(how["length"], max(BEFORE * how["horizon"], 24))
    came = record.target[places].reshape(len(places), -1)
    said = record.answers[places].reshape(len(places), -1)
    return [
        _drawn(flat[end - before : end], one, other)
        for end, one, other in zip(ends, came, said, strict=True)
    ]


def _drawn(seen: NDArray[Any], came: NDArray[Any], said: NDArray[Any]) -> str:
    whole = np.concatenate([seen, came, said])
    low, high = np.nanmin(whole), np.nanmax(whole)
    last = len(seen) + len(came) - 1

    def line(values: NDArray[Any], first: int, colour: str) -> str:
        across = (first + np.arange(len(values))) / last * WIDE
        down = HIGH - 4 - (values - low) / ((high - low) or 1.0) * (HIGH - 8)
        return f'<path d="{path_of(across, down)}" fill="none" stroke="{colour}"/>'

    joint = seen[-1:]  # so that what comes begins where what was seen ends
    lines = [
        line(seen, 0, SEEN),
        line(np.concatenate([joint, came]), len(seen) - 1, CAME),
        line(np.concatenate([joint, said]), len(seen) - 1, SAID),
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDE}" height="{HIGH}">'
    text = f'{head}<rect width="100%" height="100%" fill="#fff"/>{"".join(lines)}</svg>'
    return f"data:image/svg+xml;base64,{base64.b64encode(text.encode()).decode()}"


def apart(record: Record, order: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return the first of some places among the test rows that share no step to be forecast.

    Windows overlap, and the worst of them would all be of one event.
    """
    ends, horizon = record.task.splits.test, record.task.read["horizon"]
    kept: list[int] = []
    for place in order:
        if all(abs(int(ends[place]) - int(ends[other])) >= horizon for other in kept):
            kept.append(int(place))
        if len(kept) == most:
            break
    return np.array(kept, dtype=np.int64)


def where(record: Record, place: int) -> str:
    """Return which series a test window is of, and the first moment that is forecast."""
    how = record.task.read
    series, steps = places(record.task.splits.test[[place]], how)
    name, (_first, moment) = list(how["begins"].items())[int(series[0])]
    step = int(steps[0])
    if not how["time"]:
        return f"{name}, from step {step + 1:,}"
    moments = later(moment, how, step) if step else np.array([moment])
    return f"{name}, from {texts_of(moments[-1:], how)[0]}"


def by_series(record: Record) -> list[ValueScore]:
    """Return the scores of each series, the worst first; nothing of one."""
    names = _series(record)
    if len(record.task.read["begins"]) == 1:
        return []
    found = []
    for name in dict.fromkeys(names):
        mine = names == name
        pair = record.target[mine].ravel(), record.answers[mine].ravel()
        each = scores(Truth("regression", pair[0]), pair[1])
        found.append(ValueScore(str(name), each["rmse"], each["mae"], each["r2"]))
    return sorted(found, key=lambda each: -each.rmse)


def _series(record: Record) -> NDArray[Any]:
    """Return the name of the series that each test window is of."""
    names = np.array(list(record.task.read["begins"]))
    return np.asarray(names[places(record.task.splits.test, record.task.read)[0]])


def by_step(record: Record) -> Plot | None:
    """Return the error of each step ahead; nothing where one step is all."""
    if record.answers.ndim == 1:
        return None
    apart = record.answers - record.target
    errors = np.sqrt(np.mean(apart**2, axis=0))
    steps = list(range(1, len(errors) + 1))
    line: Figure = {"type": "scatter", "mode": "lines", "x": steps, "y": [float(e) for e in errors]}
    line |= {"line": {"color": "--accent", "width": 2}, "name": "RMSE"}
    layout: Figure = {
        "xaxis": {"title": {"text": "steps ahead"}},
        "yaxis": {"title": {"text": "RMSE, in deviations of the series"}, "rangemode": "tozero"},
        "showlegend": False,
    }
    caption = (
        f"Root mean square error over the test windows: {number(float(errors[0]))} at the first "
        f"step, {number(float(errors[-1]))} at the last."
    )
    return Plot("steps", "Error by step ahead", caption, {"data": [line], "layout": layout})
