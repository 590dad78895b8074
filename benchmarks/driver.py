"""What benchmarks are asked, and how their cases run: one by one, the file written after each."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from archwright.errors import ArchwrightError
from benchmarks import records, runs
from benchmarks.records import Record
from benchmarks.runs import Failure

Cases = Mapping[str, Callable[[], list[Record]]]

SEEDS = 3
"""Repetitions of each case; with fewer, or scaled, it is a dry run."""


def asked(
    words: Sequence[str] | None,
    about: str | None,
    names: Iterable[str],
    committed: Path,
    flag: str = "--budget-scale",
) -> argparse.Namespace:
    """Return `data`, `out`, `only`, `seeds`, `scale`, and `dry`: whether it is a dry run.

    Args:
        about: What `--help` says.
        names: Of the cases.
        committed: The file that a dry run must not write to.
        flag: How the scale is called.
    """
    parser = runs.parser(about)
    parser.add_argument("--only", action="append", choices=names, help="this case; repeatable")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="repetitions of each case")
    parser.add_argument(flag, dest="scale", type=float, default=1.0, help="of every budget")
    found = parser.parse_args(words)
    found.dry = (found.seeds, found.scale) != (SEEDS, 1.0)
    if found.dry and (found.out is None or found.out.resolve() == committed):
        parser.error(f"--seeds or {flag} make a dry run: name another file with --out")
    if found.seeds < 1 or found.scale <= 0:
        parser.error(f"--seeds and {flag} must be above zero")
    return found


def drive(command: str, out: Path, cases: Cases, chosen: Iterable[str]) -> int:
    """Measure the chosen cases; return 1 if one could not be measured.

    Records of other cases stay in the file; each says where it comes from.

    Args:
        command: What is run to get this file.
        cases: Every case there is, in order.
    """
    made, old, lost = records.report(command), records.read(out), 0
    for name in chosen:
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
