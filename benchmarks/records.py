"""What a benchmark's file holds: the machine, the commit, and one record a measurement.

It knows the form of the file and how to merge a rerun into it; it measures nothing.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
Record = dict[str, Any]
Report = dict[str, Any]
Pick = Callable[[Sequence[float]], float]


@dataclass(frozen=True)
class Aim:
    """What is measured, which direction is better, and what was promised (nothing, if None)."""

    metric: str
    better: str
    goal: float | None


def record(
    case: str,
    aim: Aim,
    values: Sequence[float],
    pick: Pick = statistics.median,
    rivals: Mapping[str, float] | None = None,
) -> Record:
    """Return a record of one value a seed; `pick` says which of them stands for all."""
    made: Record = {
        "case": case,
        "metric": aim.metric,
        "value": float(pick(values)),
        "spread": [float(min(values)), float(max(values))],
        "seeds": len(values),
        "better": aim.better,
        "goal": aim.goal,
    }
    return made | ({"rivals": dict(rivals)} if rivals else {})


def group(one: Mapping[str, Any]) -> str:
    """Return the case that a record came from, as `--only` names it."""
    return str(one["case"]).split("/")[0]


def report(command: str) -> Report:
    """Return a file without records, made here and now."""
    return {"machine": machine(), "commit": commit(), "command": command, "records": []}


def merge(old: Report | None, new: Report, known: Iterable[str]) -> Report:
    """Return `new` with the records of `old` that it does not measure again.

    A record that is kept from another commit or another machine says so in a field of its own.

    Args:
        old: What the file holds now, if there is one.
        known: Every case there is, in order; records of others are dropped.
    """
    order = list(known)
    again = {group(one) for one in new["records"]}
    kept = [one for one in (old or {}).get("records", []) if group(one) in set(order) - again]
    for field in ("commit", "machine"):
        if old and old[field] != new[field]:
            kept = [{field: old[field], **one} for one in kept]
    records = sorted([*new["records"], *kept], key=lambda one: order.index(group(one)))
    return {**new, "records": records}


def write(path: Path, content: Report) -> None:
    """Write the file as a whole, so that an interruption leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(path)


def read(path: Path) -> Report | None:
    """Return what the file holds; None if there is none."""
    if not path.is_file():
        return None
    found: Report = json.loads(path.read_text(encoding="utf-8"))
    return found


def machine() -> dict[str, Any]:
    """Return the processor's name, the cores that may be used, and the memory."""
    from archwright.train.remember import processor  # loads torch

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    cores = len(os.sched_getaffinity(0))
    return {"cpu": processor(), "cores": cores, "memory_gb": round(memory / 2**30, 1)}


def commit() -> str:
    """Return the commit that is measured, with a mark if the package differs from it."""
    head = _git("rev-parse", "HEAD")
    return f"{head}+changes" if _git("status", "--porcelain", "--", "archwright") else head


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()
