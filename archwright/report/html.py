"""Renders a record as one HTML file that needs no network: `report.html`, `.css` and `.js`.

The charts are drawn by plotly.js, which is put into the file. All text of the user's data is
escaped: by jinja2 in the page, and as JSON without `<` in the figures.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from archwright.core.objective import WORDS
from archwright.core.truth import asked
from archwright.report import plots, tables
from archwright.report.choices import importances, lineage
from archwright.report.drawing import MOST, boxes
from archwright.report.insights import explored
from archwright.report.mistakes import calibration_error, confusion
from archwright.report.outlooks import by_step
from archwright.report.plots import Plot
from archwright.report.record import Record
from archwright.report.summary import noun, one, promises, summary
from archwright.report.words import number, plural, score, shape

HERE = Path(__file__).parent


def render(record: Record) -> str:
    """Return the report, a whole HTML page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs

    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    charts = _charts(record)
    texts = {name: Markup((HERE / f"report.{name}").read_text("utf-8")) for name in ("css", "js")}
    return environment.get_template("report.html").render(
        **texts,
        plotly=Markup(get_plotlyjs()),
        figures=Markup(_json({plot.name: plot.figure for plot in charts.values()})),
        charts=charts,
        record=record,
        task=record.task,
        number=number,
        plural=plural,
        words=WORDS,
        **_winner(record),
        **_search(record),
        **_answers(record),
        **_data(record),
    )


def write(record: Record, path: Path) -> None:
    """Write the report to `path`, whole or not at all."""
    text = render(record)
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _charts(record: Record) -> dict[str, Plot]:
    made = [
        plots.curves(record),
        plots.against_cost(record, "params"),
        plots.against_cost(record, "latency_ms"),
        plots.progress(record),
    ]
    names = record.task.classes
    if record.task.modality == "forecast" and record.task.outcomes:
        made.append(by_step(record))
    elif record.task.kind == "regression" and not record.task.outcomes:
        made += plots.residuals(record)
    elif 0 < len(names) <= tables.MOST_CLASSES:
        made.append(plots.heat(confusion(record.target, record.answers), names))
    return {plot.name: plot for plot in made if plot is not None}


def _winner(record: Record) -> dict[str, Any]:
    task, outputs = record.task, record.task.outputs
    used = sum(column.used for column in task.columns)
    if task.modality == "text":
        given = one(record)
    elif used:
        given = plural(used, "column")
    else:
        given = f"{one(record)}, {shape(task.arrays[0].shape[1:])}"
    numbers = f"{outputs:,} numbers" if outputs > 1 else f"{task.target_name}, a number"
    gives = numbers if task.kind == "regression" else f"{outputs:,} probabilities"
    if task.kind == "multitask":
        gives = asked(task.kind, 0, 0, task.widths)
    return {
        "summary": summary(record),
        "promises": promises(record),
        "boxes": boxes(record.layers),
        "undrawn": tables.more(len(record.layers), MOST, "layer"),
        "given": given,
        "gives": gives,
    }


def _search(record: Record) -> dict[str, Any]:
    metric = record.aim.metric
    steps = lineage(record.history, record.winner)
    return {
        "standings": tables.standings(record),
        "ensemble": record.metrics.get("ensemble", {"members": [], "why": ""}),
        "baseline": record.metrics.get("baseline", {"why": ""}),
        "both": tables.both(record),
        "metrics": [WORDS[name] for name in tables.metric_names(record)],
        "importances": importances(record.history),
        "steps": [(s, score(metric, s.trial.metrics.get(metric, math.nan))) for s in steps],
        "failures": tables.failures(record),
        "origins": plots.ORIGINS,
        "explored": explored(record.history),
    }


def _answers(record: Record) -> dict[str, Any]:
    many = len(record.task.classes) > tables.MOST_CLASSES
    known = bool(record.task.classes)
    return {
        "noun": noun(record),
        "one": one(record),
        "mistakes": tables.mistakes(record),
        "shown_columns": tables.shown_columns(record),
        "classes": tables.classes(record),
        "values": tables.values(record),
        "targets": tables.targets(record),
        "ranked": record.task.kind in ("regression", "multitask"),
        "pairs": tables.pairs(record) if many else [],
        "calibration": calibration_error(record.target, record.answers) if known else None,
    }


def _data(record: Record) -> dict[str, Any]:
    columns = record.task.columns
    return {
        "parts": tables.parts(record),
        "columns": columns[: tables.MOST_ROWS],
        "further": tables.more(len(columns), tables.MOST_ROWS, "column"),
        "versions": tables.versions(record.metrics),
    }


def _json(figures: Mapping[str, plots.Figure]) -> str:
    """Return JSON that can stand in a script element: no `<`, and null for what is no number."""
    text = json.dumps(_finite(figures), ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _finite(value: Any) -> Any:
    match value:
        case dict():
            return {key: _finite(each) for key, each in value.items()}
        case list() | tuple():
            return [_finite(each) for each in value]
        case float():
            return value if math.isfinite(value) else None
    return value
