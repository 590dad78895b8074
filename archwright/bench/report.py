"""A comparison for people, as a table, and for programs, as the content of a benchmark file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archwright.bench.compare import Comparison
from archwright.bench.summary import Record, records

if TYPE_CHECKING:
    from rich.table import Table as Shown

CERTAIN = 0.05
DETAILS = (
    *(f"queries_{each}" for each in ("iqm", "median")),
    *(f"accuracy_{each}" for each in ("iqm", 10, 20, 50, 100)),
)
"""Left out of the table, which is to fit a terminal, unless it is the main number."""


def content(comparisons: Sequence[Comparison], command: str) -> dict[str, Any]:
    """Return machine, version, command, facts and records, all of them JSON."""
    from archwright import __version__
    from archwright.train.remember import processor  # loads torch

    return {
        "machine": {"cpu": processor(), "cores": os.cpu_count()},
        "version": __version__,
        "command": command,
        "facts": {each.table: dict(each.facts) for each in comparisons},
        "records": [one for each in comparisons for one in records(each)],
    }


def table(comparison: Comparison) -> Shown:
    """Return a table of one row a strategy, in the order of its main number."""
    from rich.box import SIMPLE
    from rich.table import Table as Shown

    rows: dict[str, list[Record]] = {}
    for one in records(comparison):
        rows.setdefault(one["case"].rsplit("/", 1)[1], []).append(one)
    first = next(iter(rows.values()))
    head, seeds = f"{comparison.table}, {comparison.terms.protocol}", first[0]["seeds"]
    style: Any = {"box": SIMPLE, "padding": (0, 1, 0, 0), "pad_edge": False}  # 80 columns are few
    shown = Shown(title=f"{head}: {seeds} seeds", caption=caption(comparison), **style)
    shown.add_column("strategy", no_wrap=True)
    columns = [i for i, one in enumerate(first) if i == 0 or one["metric"] not in DETAILS]
    for i in columns:
        words = first[i]["metric"].split("_")
        shown.add_column(" ".join(words), justify="right", min_width=max(map(len, words)))
    sign = 1 if first[0]["better"] == "lower" else -1
    for name, found in sorted(rows.items(), key=lambda row: sign * row[1][0]["value"]):
        shown.add_row(name, *(cell(found[i], spread=i == 0) for i in columns))
    return shown


def caption(comparison: Comparison) -> str:
    """Return what a reader has to know: where the values are from, what the brackets are."""
    facts = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in comparison.facts.items())
    tested = f"; * differs from {comparison.reference} (Wilcoxon, Holm, p < {CERTAIN})"
    return f"{facts}; [95 % bootstrap interval]{tested if comparison.reference else ''}"


def cell(one: Record, *, spread: bool) -> str:
    """Return a value, starred where it differs from the reference for certain."""
    if one["value"] is None:
        return "never"
    star = "*" if one.get("p", 1.0) < CERTAIN else ""
    low, high = (number(each) for each in one["spread"])
    return f"{number(one['value'])}{star}{f' [{low}, {high}]' if spread else ''}"


def number(value: float) -> str:
    return f"{value:.2f}" if abs(value) < 100 else f"{value:.1f}"
