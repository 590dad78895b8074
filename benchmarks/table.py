"""Turns benchmarks/main_job.json into the README's table of results.

Usage: python benchmarks/table.py [--write]

Prints the table; with --write it also replaces what stands between the two marks in README.md. It
knows the form of the file that benchmarks write, and measures nothing.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MARKS = re.compile(r"(<!-- results -->\n).*?(<!-- /results -->)", re.DOTALL)
HEADER = ("data and budget", "metric", "archwright", "goal", "others, same split")


def table(report: Mapping[str, Any]) -> str:
    """Return the records of a benchmark as a Markdown table, and a line on where it was run."""
    rows = [HEADER, ("---",) * len(HEADER), *(_row(each) for each in report["records"])]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([*lines, "", _origin(report)]) + "\n"


def replace(readme: str, text: str) -> str:
    """Return the README with `text` between its marks.

    Raises:
        ValueError: the marks are not there.
    """
    if not MARKS.search(readme):
        raise ValueError("README.md: the marks <!-- results --> and <!-- /results --> are missing")
    return MARKS.sub(lambda found: f"{found[1]}{text}{found[2]}", readme)


def _row(record: Mapping[str, Any]) -> tuple[str, ...]:
    rivals = record.get("rivals", {}).items()
    return (
        record["case"],
        record["metric"].replace("_", " "),
        f"{_value(record)} ({_spread(record)})",
        _goal(record),
        ", ".join(f"{name} {_number(value)}" for name, value in rivals) or "-",
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
    sign = "≥" if higher else "≤"
    return f"{sign} {_number(record['goal'])} {'kept' if kept else '**missed**'}"


def _origin(report: Mapping[str, Any]) -> str:
    machine = report["machine"]
    commits = {record.get("commit", report["commit"])[:10] for record in report["records"]}
    return (
        f"Medians on {machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']:g} GB; "
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
    """Print the table; write it into the README on request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="refresh README.md")
    write = parser.parse_args().write
    report = json.loads((ROOT / "benchmarks" / "main_job.json").read_text(encoding="utf-8"))
    text = table(report)
    print(text, end="")
    if write:
        readme = ROOT / "README.md"
        changed = replace(readme.read_text(encoding="utf-8"), text)
        readme.write_text(changed, encoding="utf-8")


if __name__ == "__main__":
    main()
