"""Anytime curves of comparisons, as one self-contained HTML file."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from archwright.bench.compare import Comparison
from archwright.bench.protocols import SECONDS
from archwright.bench.statistics import Values, band, iqm
from archwright.bench.summary import after, at

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COLOURS = (
    *("#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2", "#be185d", "#4d7c0f"),
    *("#78350f", "#475569", "#9333ea", "#0f766e"),
)
POINTS = 60
"""Of a curve, evenly spaced on its logarithmic axis."""

FADED = 0.15


def draw(comparisons: Sequence[Comparison], path: Path) -> Path:
    """Write the anytime curves of some comparisons; return the path."""
    parts, library = [], True
    for comparison in comparisons:
        for figure in figures(comparison):
            how = {"full_html": False, "config": {"responsive": True, "displaylogo": False}}
            parts.append(figure.to_html(include_plotlyjs=library, **how))
            library = False
    title = html.escape("archwright bench: " + ", ".join(each.table for each in comparisons))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<body>\n{''.join(parts)}\n</body></html>\n",
        encoding="utf-8",
    )
    return path


def figures(comparison: Comparison) -> list[Figure]:
    """Return the anytime curves, and the share of searches at the goal where it is known."""
    from plotly.graph_objects import Figure

    timed = comparison.terms.protocol == "timed"
    x, across = _axis(comparison), "simulated seconds" if timed else "networks trained"
    curves = Figure(layout=_layout(comparison, across, "test accuracy (%), interquartile mean"))
    hits = Figure(layout=_layout(comparison, across, "share of searches at the optimum"))
    for i, (name, runs) in enumerate(comparison.runs.items()):
        colour = COLOURS[i % len(COLOURS)]
        rows = np.array([[after(r, k) if timed else at(r, int(k)) for k in x] for r in runs])
        kept = ~np.isnan(rows).any(0)  # from where on every search has something to report
        curves.add_traces(_curve(name, colour, x[kept], band(rows[:, kept], iqm)))
        reached = [np.mean([0 < run.hit <= k for run in runs]) for k in x]
        hits.add_scatter(x=x, y=reached, name=html.escape(name), line={"color": colour})
    return [curves, hits] if comparison.has_optimum else [curves]


def _axis(comparison: Comparison) -> NDArray[np.float64]:
    every = [run for runs in comparison.runs.values() for run in runs]
    if comparison.terms.protocol == "timed":
        return np.geomspace(min(run.clock[0] for run in every), SECONDS, POINTS)
    longest = max(len(run.reported) for run in every)
    return np.unique(np.geomspace(1, longest, POINTS).round())


def _layout(comparison: Comparison, across: str, up: str) -> dict[str, Any]:
    title = f"{comparison.table}, {comparison.terms.protocol}"
    return {
        "title": {"text": html.escape(title)},
        "template": "plotly_white",
        "xaxis": {"type": "log", "title": {"text": across}},
        "yaxis": {"title": {"text": up}, "automargin": True},
        "legend": {"orientation": "h", "yanchor": "top", "y": -0.2},
        "margin": {"l": 10, "r": 10, "t": 50, "b": 10},
        "height": 560,
    }


def _curve(
    name: str, colour: str, x: Values, values: tuple[Values, Values, Values]
) -> list[dict[str, Any]]:
    """Return a line and the band of its interval."""
    middle, low, high = values
    shown = html.escape(name)
    around = {
        "type": "scatter",
        "x": [*x, *x[::-1]],
        "y": [*high, *low[::-1]],
        "fill": "toself",
        "fillcolor": colour,
        "opacity": FADED,
        "line": {"width": 0},
        "hoverinfo": "skip",
        "legendgroup": shown,
        "showlegend": False,
    }
    line = {
        "type": "scatter",
        "x": list(x),
        "y": list(middle),
        "name": shown,
        "legendgroup": shown,
        "line": {"color": colour, "width": 2},
    }
    return [around, line]
