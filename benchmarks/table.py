"""Turns the committed files of benchmarks/ into the README's tables.

Usage: python benchmarks/table.py [--write]

Prints the tables; with --write they also replace what stands between their marks in README.md. It
knows the form of the files that benchmarks write, and measures nothing.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HEADER = ("data and budget", "metric", "archwright", "goal", "others, same split")

SEARCHES = {
    "CIFAR-10": ("nb201-cifar10-oracle", "queries"),
    "CIFAR-100": ("nb201-cifar100-oracle", "queries"),
    "Macro": ("macro-cifar10-oracle", "queries"),
    "test accuracy": ("nb201-cifar10-honest", "accuracy_30"),
}
"""The columns of the table of strategies: where it was measured, and what."""

Report = Mapping[str, Any]


def table(report: Report) -> str:
    """Return the records of a benchmark as a Markdown table, and a line on where it was run."""
    return _drawn(HEADER, map(_row, report["records"]), f"Medians on {_origin(report)}")


def searches(report: Report) -> str:
    """Return a table with one row a strategy, the quickest first, and how it was measured."""
    values: dict[str, dict[str, float]] = {}
    shown = {where: name for name, where in SEARCHES.items()}
    for record in report["records"]:
        case, _, strategy = record["case"].partition("/")
        if (case, record["metric"]) in shown:
            values.setdefault(strategy, {})[shown[case, record["metric"]]] = record["value"]
    names = [name for name in SEARCHES if any(name in row for row in values.values())]
    order = sorted(values, key=lambda name: tuple(values[name].get(column, 0) for column in names))
    rows = [(each, *(_search(values[each], column) for column in names)) for each in order]
    seeds = min(record["seeds"] for record in report["records"] if record["metric"] == "queries")
    return _drawn(("strategy", *names), rows, f"Means of {seeds} searches; {_origin(report)}")


def replace(readme: str, mark: str, text: str) -> str:
    """Return the README with `text` between the marks of that name.

    Raises:
        ValueError: the marks are not there.
    """
    marks = re.compile(f"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)", re.DOTALL)
    if not marks.search(readme):
        raise ValueError(f"README.md: the marks <!-- {mark} --> and <!-- /{mark} --> are missing")
    return marks.sub(lambda found: f"{found[1]}{text}{found[2]}", readme)


def tables() -> dict[str, str]:
    """Return what the README shows of the committed files, by the name of the marks."""
    found = {}
    drawn = (
        ("results", "main_job", table),
        ("search", "search", searches),
        ("speed", "speed", table),
        ("modalities", "modalities", table),
        ("race", "race", table),
    )
    for mark, name, draw in drawn:
        path = ROOT / "benchmarks" / f"{name}.json"
        found[mark] = draw(json.loads(path.read_text(encoding="utf-8")))
    return found


def _drawn(header: Sequence[str], rows: Iterable[Sequence[str]], below: str) -> str:
    every = [header, ("---",) * len(header), *rows]
    return "\n".join([*(f"| {' | '.join(row)} |" for row in every), "", below]) + "\n"


def _search(row: Mapping[str, float], column: str) -> str:
    """Return one digit of trainings, two of an accuracy in per cent."""
    if column not in row:
        return "-"
    return f"{row[column]:.1f}" if SEARCHES[column][1] == "queries" else f"{row[column]:.2f}"


def _row(record: Mapping[str, Any]) -> tuple[str, ...]:
    rivals = [f"{name} {_number(value)}" for name, value in record.get("rivals", {}).items()]
    rivals += [f"{name} nothing" for name in record.get("nothing at the deadline", ())]
    return (
        record["case"],
        record["metric"].replace("_", " "),
        f"{_value(record)} ({_spread(record)})",
        _goal(record),
        ", ".join(rivals) or "-",
    )


def _value(record: Mapping[str, Any]) -> str:
    return f"**{_number(record['value'])}**"


def _spread(record: Mapping[str, Any]) -> str:
    seeds = record.get("seeds", 1)
    if "spread" not in record:
        return f"{seeds} seed{'s' * (seeds != 1)}"
    low, high = map(_number, record["spread"])
    return f"{low} to {high}, {seeds} seed{'s' * (seeds != 1)}"


def _goal(record: Mapping[str, Any]) -> str:
    if record.get("goal") is None:
        return "-"
    higher = record["better"] == "higher"
    kept = record["value"] >= record["goal"] if higher else record["value"] <= record["goal"]
    sign, apart = "≥" if higher else "≤", abs(record["value"] - record["goal"])
    told = "kept" if kept else "**missed**"
    if not kept and apart <= record.get("noise", 0.0):
        told = "within noise"
    return f"{sign} {_number(record['goal'])} {told}"


def _origin(report: Report) -> str:
    """Return where the records come from: each machine, the command, each commit."""
    places = [record.get("machine", report["machine"]) for record in report["records"]]
    machines = {
        f"{at['cpu']}, {at['cores']} core{'s' * (at['cores'] != 1)}, {at['memory_gb']:g} GB"
        for at in places
    }
    commits = {record.get("commit", report["commit"])[:10] for record in report["records"]}
    return (
        f"{' and '.join(sorted(machines))}; "
        f"`{report['command']}`, commit{'s' * (len(commits) > 1)} {', '.join(sorted(commits))}."
    )


def _number(value: float) -> str:
    """Return four digits after the point for shares, and few digits that count otherwise."""
    if value == 0:
        return "0"
    if abs(value) < 0.001:
        return f"{value:.0e}"
    if abs(value) <= 1:
        return f"{value:.4f}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def main() -> None:
    """Print the tables; write them into the README on request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="refresh README.md")
    write = parser.parse_args().write
    readme = ROOT / "README.md"
    changed = readme.read_text(encoding="utf-8")
    for mark, text in tables().items():
        print(text)
        changed = replace(changed, mark, text)
    if write:
        readme.write_text(changed, encoding="utf-8")


if __name__ == "__main__":
    main()
