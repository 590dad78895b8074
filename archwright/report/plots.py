"""The report's charts as plotly figures: plain dictionaries, drawn by the browser.

Colours are names of CSS variables (`--accent`), which `report.js` looks up, so that a figure suits
light and dark. Text from the user's data goes through `plain`, since plotly reads markup in text.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.core.objective import WORDS
from archwright.core.trial import History, Trial
from archwright.report.record import Record
from archwright.report.words import SHARES, compact, number, plural, score

Figure = dict[str, Any]

MOST = 2000
"""Points that a chart holds at most."""

CURVES = 8
ORIGINS = {
    "portfolio": ("known-good start", "--second"),
    "random": ("drawn at random", "--muted"),
    "scored": ("drawn by zero-cost scores", "--muted"),
    "mutation": ("mutated from a parent", "--accent"),
}


@dataclass(frozen=True)
class Plot:
    """A figure, the words above and below it, and its height in pixels."""

    name: str
    title: str
    caption: str
    figure: Figure
    height: int = 320


def plain(text: object, most: int = 40) -> str:
    """Return text that plotly shows as it is, cut at `most` characters."""
    words = str(text)
    return html.escape(words if len(words) <= most else f"{words[: most - 1]}…", quote=False)


def curves(record: Record) -> Plot | None:
    """Return the learning curves of the best trials, the winner's on top."""
    metric = record.aim.metric
    best = [trial for trial in record.history.ranked() if trial.curve][:CURVES]
    if record.winner.curve and record.winner.number not in {trial.number for trial in best}:
        best = [*best[: CURVES - 1], record.winner]
    name = metric if any(metric in point for t in best for point in t.curve) else "train_loss"
    traces, seen = [], []
    for trial in sorted(best, key=lambda trial: trial.number == record.winner.number):
        points = [p for p in trial.curve if "epoch" in p and math.isfinite(p.get(name, math.nan))]
        if points:
            won = trial.number == record.winner.number
            traces.append(_curve(trial, [p["epoch"] for p in points], [p[name] for p in points]))
            width = {"color": "--accent", "width": 3} if won else {"color": "--muted", "width": 1.2}
            traces[-1] |= {"line": width, "opacity": 1.0 if won else 0.6}
            seen += traces[-1]["y"]
    if not traces:
        return None
    words = WORDS.get(name, "training loss")
    caption = f"{_capital(words)} on validation rows" if name == metric else _capital(words)
    caption += f" of the {len(traces)} best trials while they were trained; the winner is bold."
    y = _axis(name, f"{words} (validation)" if name == metric else words, seen, record.aim.maximise)
    caption += _cut_off(y, seen, "far worse point")
    layout = {"xaxis": {"title": {"text": "epoch"}}, "yaxis": y}
    return Plot("curves", "Learning curves", caption, {"data": traces, "layout": layout})


def against_cost(record: Record, cost: str) -> Plot | None:
    """Return the aim against a cost of all finished trials, with the Pareto front."""
    metric = record.aim.metric
    trials = _measured(record, cost)
    if len(trials) < 2:
        return None
    front = History(trials).front(cost)
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": "Pareto front",
        "x": [t.metrics[cost] for t in front],
        "y": [t.metrics[metric] for t in front],
        "line": {"color": "--second", "width": 2, "shape": "hv"},
        "hoverinfo": "skip",
    }
    shown = _thinned(trials)
    dots = _dots("trials", shown, [t.metrics[cost] for t in shown], record)
    dots["marker"] = {"color": "--muted", "size": 7, "opacity": 0.7}
    star = _dots("winner", [record.winner], [record.winner.metrics.get(cost)], record)
    star["marker"] = {"color": "--accent", "size": 16, "symbol": "star"}
    words = WORDS[cost]
    caption = (
        "Each dot is a trial. On the line are those that no other beats in both: "
        f"nothing found is better for as few {words}."
        if cost != "latency_ms"
        else "Milliseconds for one example on this machine and one thread; left is faster."
    )
    y = _axis(metric, _label(metric), [t.metrics[metric] for t in trials], record.aim.maximise)
    x = {"title": {"text": words}, "type": "log", **_ticks([t.metrics[cost] for t in trials])}
    title = f"{_label(metric)} against {words}"
    layout = {"xaxis": x, "yaxis": y}
    return Plot(f"against-{cost}", title, caption, {"data": [dots, line, star], "layout": layout})


def progress(record: Record) -> Plot | None:
    """Return each trial's score in order, coloured by origin, and the best so far."""
    metric = record.aim.metric
    trials = _measured(record, metric)
    if not trials:
        return None
    traces = []
    shown = _thinned(trials)
    for origin in dict.fromkeys(trial.proposal.origin for trial in trials):
        name, colour = ORIGINS.get(origin, (origin, "--third"))
        group = [trial for trial in shown if trial.proposal.origin == origin]
        traces.append(_dots(plain(name), group, [t.number for t in group], record))
        traces[-1]["marker"] = {"color": colour, "size": 7}
    xs, ys = _best_so_far(trials, record)
    line = {"color": "--ink", "width": 2, "shape": "hv"}
    best = {"type": "scatter", "mode": "lines", "name": "best so far", "x": xs, "y": ys}
    traces.append({**best, "line": line, "hoverinfo": "skip"})
    y = _axis(metric, _label(metric), [t.metrics[metric] for t in trials], record.aim.maximise)
    caption = "Each dot is a trial, in order; the line is the best so far."
    caption += _cut_off(y, [t.metrics[metric] for t in trials], "far worse trial")
    layout = {"xaxis": {"title": {"text": "trial"}}, "yaxis": y}
    return Plot("progress", "How the search went", caption, {"data": traces, "layout": layout})


def heat(matrix: NDArray[np.int64], classes: tuple[str, ...]) -> Plot:
    """Return the confusion matrix; the colour is the share of the row."""
    shares = matrix / np.maximum(matrix.sum(1, keepdims=True), 1)
    names = [plain(name, 16) for name in classes]
    data: Figure = {
        "type": "heatmap",
        "z": shares.round(4).tolist(),
        "customdata": matrix.tolist(),
        "colorscale": [[0, "--soft"], [1, "--accent"]],
        "zmin": 0,
        "zmax": 1,
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": "row %{y}, column %{x}: %{customdata}<extra></extra>",
    }
    if len(classes) <= 12:
        data["text"] = [[str(n) if n else "" for n in row] for row in matrix.tolist()]
        data["texttemplate"] = "%{text}"
    places = list(range(len(names)))
    ticks = {"tickmode": "array", "tickvals": places, "ticktext": names, "showgrid": False}
    layout = {
        "xaxis": {"title": {"text": "predicted"}, "constrain": "domain", **ticks},
        "yaxis": {"title": {"text": "true"}, "autorange": "reversed", **ticks},
    }
    caption = (
        "Rows are the truth, columns what the network said; the diagonal is right. "
        "Numbers count test examples, the colour is their share of the row."
    )
    height = min(760, max(300, 140 + 34 * len(classes)))
    figure = {"data": [data], "layout": layout}
    return Plot("confusion", "What was taken for what", caption, figure, height)


def residuals(record: Record) -> list[Plot]:
    """Return predicted against true values, and the histogram of the errors."""
    true, guessed = record.target, record.answers
    rows = np.linspace(0, len(true) - 1, min(MOST, len(true)), dtype=int)
    low, high = float(min(true.min(), guessed.min())), float(max(true.max(), guessed.max()))
    dots = {
        "type": "scatter",
        "mode": "markers",
        "name": "test rows",
        "x": _floats(true[rows]),
        "y": _floats(guessed[rows]),
        "marker": {"color": "--accent", "size": 5, "opacity": 0.5},
    }
    ideal: Figure = {"type": "scatter", "mode": "lines", "name": "exact", "x": [low, high]}
    ideal |= {"y": [low, high], "line": {"color": "--muted", "dash": "dash"}, "hoverinfo": "skip"}
    axes: Figure = {"xaxis": {"title": {"text": "true"}}, "yaxis": {"title": {"text": "predicted"}}}
    cut = "" if len(rows) == len(true) else f" ({len(rows):,} of {len(true):,} shown)"
    caption = f"Each dot is a test row{cut}; on the dashed line it would be exact."
    first = {"data": [dots, ideal], "layout": axes}
    counts, edges = np.histogram(
        guessed - true, bins=max(10, min(40, round(2 * math.sqrt(len(true)))))
    )
    bars = {
        "type": "bar",
        "x": _floats((edges[:-1] + edges[1:]) / 2),
        "y": counts.tolist(),
        "width": float(edges[1] - edges[0]),
        "marker": {"color": "--accent"},
        "hovertemplate": "%{y} rows about %{x:.4g} off<extra></extra>",
    }
    axes = {
        "xaxis": {"title": {"text": "predicted minus true"}},
        "yaxis": {"title": {"text": "rows"}},
    }
    second = {"data": [bars], "layout": {**axes, "bargap": 0, "showlegend": False}}
    off = f"Half of the test rows are off by less than {number(_median(guessed - true))}."
    return [
        Plot("predicted", "Predicted against true", caption, first),
        Plot("residuals", "Errors", off, second),
    ]


def _median(errors: NDArray[Any]) -> float:
    return float(np.median(np.abs(errors)))


def _curve(trial: Trial, x: list[float], y: list[float]) -> Figure:
    name = f"trial {trial.number}"
    rounded = [float(f"{value:.5g}") for value in y]
    return {"type": "scatter", "mode": "lines", "name": name, "x": x, "y": rounded}


def _dots(name: str, trials: Sequence[Trial], x: Sequence[Any], record: Record) -> Figure:
    metric = record.aim.metric
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": list(x),
        "y": [float(f"{t.metrics[metric]:.5g}") for t in trials],
        "text": [_hover(trial, metric) for trial in trials],
        "hoverinfo": "text",
    }


def _hover(trial: Trial, metric: str) -> str:
    text = f"trial {trial.number} · {plain(trial.proposal.origin)}"
    text += f"<br>{WORDS[metric]} {score(metric, trial.metrics[metric])}"
    if "params" in trial.metrics:
        text += f"<br>{compact(trial.metrics['params'])} parameters"
    if "latency_ms" in trial.metrics:
        text += f"<br>{number(trial.metrics['latency_ms'])} ms"
    return text


def _measured(record: Record, cost: str) -> list[Trial]:
    """Return the finished trials that have finite values of the aim and of `cost`."""
    names = (record.aim.metric, cost)
    known = [t for t in record.history.done if all(name in t.metrics for name in names)]
    return [t for t in known if all(math.isfinite(t.metrics[name]) for name in names)]


def _thinned(trials: Sequence[Trial]) -> list[Trial]:
    rows = np.linspace(0, len(trials) - 1, min(MOST, len(trials)), dtype=int)
    return [trials[row] for row in rows]


def _best_so_far(trials: Sequence[Trial], record: Record) -> tuple[list[int], list[float]]:
    xs: list[int] = []
    ys: list[float] = []
    least = math.inf
    for trial in trials:
        if (loss := record.aim.loss(trial.metrics)) < least:
            least = loss
            xs.append(trial.number)
            ys.append(trial.metrics[record.aim.metric])
    return [*xs, trials[-1].number], [*ys, ys[-1]]


def _label(metric: str) -> str:
    return _capital(WORDS[metric])


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def _axis(metric: str, title: str, values: Sequence[float], maximise: bool) -> Figure:
    """Return a y axis that shows what matters: no far outliers on the bad side, no rounding."""
    found: Figure = {"title": {"text": title}}
    if metric in SHARES:
        found["tickformat"] = ".1%" if max(values) - min(values) < 0.1 else ".0%"
    best = max(values) if maximise else min(values)
    bad = min(values) if maximise else max(values)
    usual = float(np.quantile(values, 0.25 if maximise else 0.75))
    reach = 2.5 * abs(best - usual)
    if math.isclose(best, bad, rel_tol=1e-4):  # all alike: the differences are rounding
        pad = 0.05 * abs(best) or 1.0
        found["range"] = [best - pad, best + pad]
    elif reach and abs(best - bad) > 1.3 * reach:
        pad = 0.06 * reach
        ends = [best - reach, best + pad] if maximise else [best - pad, best + reach]
        found["range"] = ends
        if metric in SHARES:
            found["tickformat"] = ".1%" if reach < 0.1 else ".0%"
    return found


def _cut_off(axis: Figure, values: Sequence[float], what: str) -> str:
    """Return a sentence on the values that the axis leaves out; empty where there are none."""
    low, high = axis.get("range", (-math.inf, math.inf))
    count = sum(not low <= value <= high for value in values)
    return f" Outside the view: {plural(count, what)}." if count else ""


def _ticks(values: Sequence[float]) -> Figure:
    """Return at least three round ticks for a logarithmic axis; a linear one for a short range."""
    low, high = min(values), max(values)
    if low <= 0:
        return {"type": "linear"}
    orders = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1,), (1, 3), (1, 2, 5), range(1, 10)):
        places = [step * 10.0**order for order in orders for step in steps]
        if sum(low <= place <= high for place in places) >= 3:
            break
    else:
        return {"type": "linear"}
    names = [compact(place) if place >= 1000 else f"{place:g}" for place in places]
    return {"tickmode": "array", "tickvals": places, "ticktext": names}


def _floats(values: NDArray[Any]) -> list[float]:
    return [float(f"{value:.6g}") for value in values.tolist()]
