"""What is promised beside accuracy: an early start, bounded memory and disk, the end in time."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archwright.measure.memory import in_use
from benchmarks import pictures, runs
from benchmarks.runs import Case, Failure

FIRST_STEP = """
import sys, time
started = time.monotonic()
from archwright.cli import main
import archwright.train.fit as fit

trainer = fit.trainer

def watched(*args, **kwargs):
    for loss in trainer(*args, **kwargs):
        print("first step after", time.monotonic() - started, file=sys.stderr, flush=True)
        import os
        os._exit(0)

fit.trainer = watched
import archwright.train.plan
archwright.train.plan.trainer = watched
sys.argv[1:] = ["search", sys.argv[1], "--budget", "60s", "--out", sys.argv[2]]
main()
"""
"""Runs the command, and leaves it at the end of the first training step, wherever that is."""


def first_step(data: Path, work: Path) -> float:
    """Return the seconds from the start of the command to the end of its first training step."""
    run = work / "first-step"
    runs.clear(run)
    words, log = [sys.executable, "-c", FIRST_STEP, str(data), str(run)], work / "first-step.log"
    started = time.monotonic()
    with log.open("wb") as out:  # a pipe would be waited for until the last of its children ends
        process = subprocess.Popen(
            words, env=runs.environment(), stdout=out, stderr=out, start_new_session=True
        )
        process.wait()
    seconds = time.monotonic() - started
    runs.kill(process)  # the server of workers, which would be in the way of what is next
    if "first step after" not in log.read_text(encoding="utf-8"):
        raise Failure(f"no training step was made; its output is in {log}")
    return seconds


@dataclass(frozen=True)
class Long:
    """A long search.

    Args:
        peak: Most memory in use, as a share of the forecast.
        growth: Megabytes of memory in use from the tenth trial to the last.
        disk: Megabytes of the run folder at the end.
    """

    peak: float
    growth: float
    disk: float


def long_run(data: Path, trials: int, work: Path) -> Long:
    """Run so many trials; watch the memory of the command and of all its processes."""
    run = work / "long"
    runs.clear(run)
    words = ["search", str(data), "--trials", str(trials), "--strategy", "evolution"]
    words += ["--epochs", "8", "--out", str(run)]
    seen: list[float] = []
    with runs.running(words, work / "long.log") as process:
        while process.poll() is None:
            seen.append(in_use(process.pid))
            time.sleep(0.25)
        if process.returncode:
            raise Failure(f"exit code {process.returncode}; its output is in {work / 'long.log'}")
    metrics = json.loads((run / "result" / "metrics.json").read_text(encoding="utf-8"))
    forecast = 1e9 * metrics["forecast"]["peak_memory_gb"]
    searching = [each for each in seen if each > 0.5 * max(seen)]
    tenth = len(searching) * 10 // trials
    late = searching[-len(searching) // 10 - 1]
    disk = sum(p.stat().st_size for p in run.rglob("*") if p.is_file())
    return Long(max(seen) / forecast, (late - searching[tenth]) / 1e6, disk / 1e6)


def thirty(data: Path, work: Path, scale: float) -> Iterator[Case]:
    """Yield searches of different data with budgets from 30 s to 10 min: an hour in all."""
    tables = data / "tabular"
    sources = [
        ("digits", pictures.digits(work / "digits.npz"), ()),
        ("adult", tables / "adult.parquet", ("--target", "income")),
        ("california", tables / "california_housing.parquet", ("--target", "median_house_value")),
        ("wine", tables / "wine_quality.parquet", ()),
        ("mnist", data / "images" / "mnist.npz", ()),
        ("covtype", tables / "covtype_15120.parquet", ()),
    ]
    budgets = [30] * 12 + [60] * 8 + [120] * 5 + [300] * 3 + [600] * 2
    for i, seconds in enumerate(budgets):
        name, path, options = sources[i % len(sources)]
        yield Case(name, path, max(20.0, seconds * scale), options)
