"""Runs the cases of a benchmark one after the other; its file is written after each."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from archwright.errors import ArchwrightError
from benchmarks import records
from benchmarks.records import Record
from benchmarks.runs import Failure

Cases = Mapping[str, Callable[[], list[Record]]]


def drive(command: str, out: Path, cases: Cases, chosen: Iterable[str]) -> int:
    """Measure the chosen cases; return 1 if one could not be measured, 2 if it makes no sense.

    Records of other cases stay in the file, unless they come from another machine: then all of
    them have to be measured.

    Args:
        command: What is run to get this file.
        cases: Every case there is, in order.
    """
    names, made, old = list(chosen), records.report(command), records.read(out)
    if old and {records.group(one) for one in old["records"]} <= set(names):
        old = None
    try:
        records.merge(old, made, cases)
    except ValueError as error:
        print(f"{out}: {error}", file=sys.stderr)
        return 2
    lost = 0
    for name in names:
        found = _measured(name, cases)
        lost += not found
        made["records"] += found
        records.write(out, records.merge(old, made, cases))
    return int(lost > 0)


def _measured(name: str, cases: Cases) -> list[Record]:
    """Return the records of a case; none if it could not be measured."""
    started = time.monotonic()
    print(f"{name} ...", file=sys.stderr)
    try:
        found = cases[name]()
    except (Failure, ArchwrightError) as error:
        print(f"{name}: not measured: {error}", file=sys.stderr)
        return []
    for one in found:
        value = "never" if one["value"] is None else f"{one['value']:.6g}"
        goal = "" if one["goal"] is None else f", goal {one['goal']:.6g}"
        print(f"  {one['case']} {one['metric']}: {value}{goal}", file=sys.stderr)
    print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    return found
