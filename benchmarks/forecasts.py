"""The cases of forecasting: what is learnt, over which split, and what has to be beaten.

All errors are mean squares of standardised values, as in the literature: every series by mean and
deviation of its training part.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import runs
from benchmarks.records import Aim, Record, record
from benchmarks.runs import Case, Measured

SECONDS = 600

ETTH1_HOURS = {"train": 8_640, "validation": 2_880, "test": 2_880}
"""12, 4 and 4 months, as everybody splits them; what comes after them is left out."""

ETTH1_GOAL = 0.385


def etth1(bench: Any) -> list[Record]:
    """Temperature and load of a transformer, 96 hours ahead, by the literature's split and scale.

    The goal is that of the literature, and DLinear of the same runs.
    """
    path = bench.work / "etth1.parquet"
    hours = sum(ETTH1_HOURS.values())
    frame = pd.read_parquet(runs.real(bench.data, "timeseries/ETTh1.parquet"))[:hours]
    frame["split"] = np.repeat(list(ETTH1_HOURS), list(ETTH1_HOURS.values()))
    frame.to_parquet(path, index=False)
    found, rivals = _searched(bench, "forecast-etth1", path, 96)
    goal = min(ETTH1_GOAL, rivals["DLinear"])
    return [_record("forecast-etth1", found, rivals, goal)]


def exchange(bench: Any) -> list[Record]:
    """Rates of eight currencies, 96 days ahead; the last fifth of the days is the test."""
    path = bench.work / "exchange.parquet"
    with np.load(runs.real(bench.data, "timeseries/exchange_rate.npz")) as arrays:
        rates = arrays["x"]
    names = [f"currency{i}" for i in range(rates.shape[1])]
    pd.DataFrame(rates, columns=names).to_parquet(path, index=False)
    return _against_statistics(bench, "forecast-exchange", path, 96)


def m4(bench: Any) -> list[Record]:
    """The weekly series of the M4 competition, with its own test: the next 13 weeks of each."""
    path = runs.real(bench.data, "timeseries/m4_weekly.npz")
    return _against_statistics(bench, "forecast-m4", path, 13)


def _against_statistics(bench: Any, name: str, path: Path, horizon: int) -> list[Record]:
    """Return the record of a case whose goal is the better of seasonal naive and AutoETS."""
    found, rivals = _searched(bench, name, path, horizon)
    rivals["AutoETS"] = smoothing(path, horizon)
    naive = next(board for board in rivals if board.startswith(("seasonal naive", "last value")))
    goal = min(rivals[naive], rivals["AutoETS"])
    return [_record(name, found, rivals, goal)]


def smoothing(path: Path, horizon: int) -> float:
    """Return the error of AutoETS on all test windows, however long that takes."""
    from archwright.auto import splits
    from archwright.data import load
    from archwright.evaluators.rivals_forecast import Smoothing
    from archwright.measure.scores import scores

    task = load(path, horizon=horizon)
    split, _ = splits.final(task)
    model = Smoothing(split, np.asarray(task.inputs))
    model.fit(split.train.numpy(), np.empty(0))
    said = model.predict(split.valid.numpy())
    return _square(scores(split.truth(split.valid), said))


def _searched(
    bench: Any, name: str, path: Path, horizon: int
) -> tuple[list[Measured], dict[str, float]]:
    """Search with each seed; return the runs, and the mean errors of the rivals in all of them."""
    case = Case(name, path, SECONDS * bench.scale, ("--horizon", str(horizon)))
    found = []
    for seed in range(bench.seeds):
        one = runs.measure(case, seed, bench.work)
        boards = {board: f"{error:.4f}" for board, error in _boards(one).items()}
        told = f"{_square(one.metrics['test']):.4f} after {one.seconds:.0f} s; in the run {boards}"
        print(f"  {case.label}, seed {seed}: {told}", file=sys.stderr)
        found.append(one)
    every = [_boards(one) for one in found]
    shared = [board for board in every[0] if all(board in each for each in every)]
    return found, {board: statistics.mean(each[board] for each in every) for board in shared}


def _boards(one: Measured) -> dict[str, float]:
    """Return the errors of the rivals, those of other trials of the search left out."""
    rivals: Mapping[str, Mapping[str, float]] = one.metrics["rivals"]
    known = {name: board for name, board in rivals.items() if not name.startswith("trial ")}
    return {name: _square(board) for name, board in known.items()}


def _square(metrics: Mapping[str, float]) -> float:
    return float(metrics["rmse"]) ** 2


def _record(name: str, found: list[Measured], rivals: Mapping[str, float], goal: float) -> Record:
    values = [_square(one.metrics["test"]) for one in found]
    return record(name, Aim("test_mse", "lower", goal), values, rivals=rivals)
