"""Measures how well zero-cost scores rank NAS-Bench-201; `make bench-zerocost` runs all of it.

Usage: python benchmarks/zerocost.py [--data FOLDER] [--cells 300] [--out FILE]

Cells are drawn with seed 0 from those that the benchmark's table has all scores of (it has none for
cells with parts that no output depends on), built and scored by our own code on a mini-batch of
CIFAR-10, and compared with their mean test accuracy. The goal of each score is the correlation of
the table's own score on the same cells, less what is allowed; the joined ones have no goal.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from archwright.core.ranks import combine, spearman, weights
from benchmarks import records
from benchmarks.records import ROOT, Aim, Record, record
from benchmarks.runs import Failure

COMMITTED = ROOT / "benchmarks" / "zerocost.json"
CELLS, EXAMPLES, SEED, DRAWS = 300, 1000, 0, 200
TRAINED = 20
"""Cells whose accuracy the weights are learnt from; the others are then ranked."""

ALLOWED = 0.07
TABLE = {
    "params": "params",
    "macs": "flops",
    "l2_norm": "l2_norm",
    "grad_norm": "grad_norm",
    "snip": "snip",
    "plain": "plain",
    "grasp": "grasp",
    "fisher": "fisher",
    "synflow": "synflow",
    "jacob_cov": "jacov",
    "epe_nas": "epe_nas",
    "nwot": "nwot",
    "zen": "zen",
}
"""What the table calls our scores; those that it has not have no goal."""

NAMES = (*TABLE, "zico", "swap", "expressivity", "progressivity", "trainability")
JOINED = {
    "nwot+jacob_cov+macs": ("nwot", "jacob_cov", "macs"),
    "az_nas": ("expressivity", "progressivity", "trainability", "macs"),
}

Columns = dict[str, np.ndarray[Any, Any]]


@dataclass(frozen=True)
class Cells:
    """Cells of the table: their operations, test accuracies, and the table's own scores."""

    ops: tuple[tuple[str, ...], ...]
    accuracy: np.ndarray[Any, Any]
    theirs: Columns


def draw(data: Path, count: int) -> Cells:
    """Return cells drawn from those that have all scores.

    Raises:
        Failure: the table is absent.
    """
    table = _npz(data / "nas" / "nb201.npz")
    own = table["zero_cost_c10"]
    complete = np.flatnonzero(np.isfinite(own).all(1))
    rows = np.random.default_rng(SEED).choice(complete, min(count, len(complete)), replace=False)
    names = [str(name) for name in table["op_names"]]
    ops = tuple(tuple(names[k] for k in table["ops"][row]) for row in rows)
    order = [str(name) for name in table["zero_cost_names"]]
    theirs = {ours: own[rows, order.index(name)] for ours, name in TABLE.items()}
    return Cells(ops, table["c10_test_200"][rows], theirs)


def pictures(data: Path, count: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return training pictures of CIFAR-10, (count, 3, 32, 32) bytes, and their classes."""
    from PIL import Image

    found = _npz(data / "images" / "cifar10_jpeg_train.npz")
    bytes_, offsets, classes = found["data"], found["offsets"], found["y"]
    rows = np.random.default_rng(SEED).permutation(len(classes))[:count]
    read = [Image.open(io.BytesIO(bytes_[offsets[i] : offsets[i + 1]].tobytes())) for i in rows]
    x = np.stack([np.asarray(image.convert("RGB")) for image in read]).transpose(0, 3, 1, 2)
    return np.ascontiguousarray(x), classes[rows].astype(np.int64)


def score(ops: Sequence[str], measured: Any, space: Any) -> dict[str, float]:
    """Return the scores of one cell, and the processor seconds that they took."""
    import torch

    from archwright.spaces.cell201 import of_ops

    torch.set_num_threads(1)
    started = time.process_time()
    found: dict[str, float] = measured(space, of_ops(*ops))
    return {**found, "seconds": time.process_time() - started}


def measure(cells: Cells, data: Path, workers: int) -> Columns:
    """Return our scores by name, one for each cell."""
    import torch

    from archwright.core.scale import scale
    from archwright.evaluators.train import Split
    from archwright.evaluators.zerocost import ZeroCost
    from archwright.nets.site import Signature
    from archwright.spaces.cell201 import cell201

    x, y = map(torch.from_numpy, pictures(data, EXAMPLES))
    everything = torch.arange(len(x))
    split = Split(Signature((3, 32, 32), 10), x, y, everything, everything[:0], "image")
    space = scale(cell201((3, 32, 32)), cells=5, channels=16)
    one = partial(score, measured=ZeroCost(split, NAMES, SEED), space=space)
    with ProcessPoolExecutor(workers) as pool:
        found = []
        for each in pool.map(one, cells.ops):
            found.append(each)
            print(f"\r{len(found)} of {len(cells.ops)} cells", end="", file=sys.stderr)
    print(file=sys.stderr)
    return {name: np.array([each[name] for each in found]) for name in found[0]}


def judge(cells: Cells, ours: Columns) -> list[Record]:
    """Return one record for each score, for each joined one, and for the seconds of a cell."""
    made = [_judged(name, ours[name], cells.accuracy, cells.theirs.get(name)) for name in NAMES]
    for name, parts in JOINED.items():
        made.append(_judged(name, combine({part: ours[part] for part in parts}), cells.accuracy))
    every = {name: ours[name] for name in NAMES}
    learnt = weights({k: v[:TRAINED] for k, v in every.items()}, -cells.accuracy[:TRAINED])
    for name, worth in (("all_equal", None), ("all_learnt", learnt)):
        value = combine(every, worth)[TRAINED:]
        made.append(_judged(name, value, cells.accuracy[TRAINED:]))
    seconds = list(ours["seconds"])
    return [*made, record("seconds/cell", Aim("cpu_seconds", "lower", None), seconds)]


def _judged(name: str, score: Any, accuracy: Any, theirs: Any = None) -> Record:
    """Return the correlation with accuracy, its bootstrap interval, and the table's own."""
    value = spearman(score, accuracy)
    rng = np.random.default_rng(SEED)
    picks = [rng.integers(0, len(accuracy), len(accuracy)) for _ in range(DRAWS)]
    spread = np.quantile([spearman(score[p], accuracy[p]) for p in picks], [0.025, 0.975])
    table = None if theirs is None else spearman(theirs, accuracy)
    goal = None if table is None else table - ALLOWED
    made = record(f"{name}/cells", Aim("spearman", "higher", goal), [value])
    made |= {"spread": [float(edge) for edge in spread], "cells": len(accuracy)}
    if table is None:
        return made
    agreement = {"difference": value - table, "agreement": spearman(score, theirs)}
    return {**made, **agreement, "rivals": {"the table's own": table}}


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print and write; 1 if there is nothing to measure with."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    data = os.environ.get("ARCHWRIGHT_DATA", ROOT.parent / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(data), help="the folder of real data")
    parser.add_argument("--cells", type=int, default=CELLS)
    parser.add_argument("--out", type=Path, default=COMMITTED)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    asked = parser.parse_args(words)
    if asked.cells != CELLS and asked.out.resolve() == COMMITTED:
        parser.error(f"a dry run of {asked.cells} cells needs an --out of its own")
    try:
        cells = draw(asked.data, asked.cells)
        found = judge(cells, measure(cells, asked.data, asked.workers))
    except Failure as error:
        print(f"zerocost: not measured: {error}", file=sys.stderr)
        return 1
    records.write(asked.out, {**records.report("make bench-zerocost"), "records": found})
    print("\n".join(map(_line, found)))
    return 0


def _line(one: Record) -> str:
    line = f"{one['case']:<28}{one['metric']:<12}{one['value']:7.3f}"
    if "difference" not in one:
        return line
    far = f"   further than {ALLOWED}" if abs(one["difference"]) > ALLOWED else ""
    table = one["rivals"]["the table's own"]
    return f"{line}   table {table:6.3f}   agreement {one['agreement']:6.3f}{far}"


def _npz(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    if not path.is_file():
        raise Failure(f"{path}: there is no such file; name its folder in ARCHWRIGHT_DATA")
    with np.load(path) as found:
        return {name: found[name] for name in found.files}


if __name__ == "__main__":
    sys.exit(main())
