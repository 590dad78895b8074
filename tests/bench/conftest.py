"""Tables in the form of the real ones, with made-up accuracies; and the real ones, if there."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest

from archwright.bench.table import Protocol, Table
from archwright.core.architecture import Architecture
from archwright.core.space import Choice, op, seq

WORTH = {0: 0.0, 1: 1.0, 2: 2.0, 3: 3.0, 4: 0.5}
"""Of NAS-Bench-201's operations, by number."""


def cells(names: Sequence[str] = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3")) -> Any:
    """Return the arrays of a NAS-Bench-201 in which the best cell has a 3x3 on every edge."""
    ops = np.array(list(itertools.product(range(5), repeat=6)), np.int8)
    worth = np.array([sum(WORTH[each] for each in row) for row in ops.tolist()])
    noise = np.random.default_rng(0).normal(0, 0.1, len(ops))
    noise[-1] = noise[worth.argmax()] = 0.0
    accuracy = (50 + 2 * worth + np.where(worth == worth.max(), 1.0, noise)).astype(np.float32)
    scores = np.stack([worth, worth + noise], 1).astype(np.float32)
    scores[ops[:, 5] == 0] = np.nan  # where an edge leads nowhere, for the test of pruned cells
    return {
        "ops": ops,
        "op_names": np.array([*names, "avg_pool_3x3"]),
        "params_cifar10": np.ones(len(ops), np.int32),
        "mflops_cifar10": np.ones(len(ops), np.float32),
        "c10_test_200": accuracy,
        "c10_val_200": accuracy - 2,
        "c10_val_12": accuracy - 10 + noise.astype(np.float32),
        "c100_test_200": accuracy - 20,
        "c100_val_12": accuracy - 30,
        "c10_cost12_s": np.full(len(ops), 100, np.float32),
        "zero_cost_c10": scores,
        "zero_cost_names": np.array(["nwot", "flops"]),
    }


def chains() -> Any:
    """Return the arrays of a NAS-Bench-Macro whose best network is 22222222."""
    archs = ["".join(each) for each in itertools.product("012", repeat=8)]
    worth = np.array([sum(map(int, arch)) for arch in archs], float)
    noise = np.random.default_rng(0).normal(0, 0.1, (len(archs), 3))
    noise[-1] = 0.5
    return {
        "arch": np.array(archs),
        "acc": (70 + worth[:, None] + noise).astype(np.float32),
        "params": (1000 * worth).astype(np.int64),
        "flops": (2000 * worth).astype(np.int64),
    }


def two_cells(count: int = 80) -> pd.DataFrame:
    """Return networks of the DARTS space that are the better the more separable convolutions."""
    rng, rows = Random(0), []
    for _ in range(count):
        pair = [
            [
                (source, rng.randrange(7))
                for state in range(4)
                for source in rng.sample(range(state + 2), 2)
            ]
            for _ in range(2)
        ]
        good = sum(op in (3, 4) for cell in pair for _, op in cell)
        rows.append({"space": "nb301", "arch": str(pair), "val_accuracy": 90 + good / 4})
    other = {"space": "nb101", "arch": "(0, 1)", "val_accuracy": 50.0}
    return pd.DataFrame([other, *rows])


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of made-up tables."""
    place = tmp_path_factory.mktemp("nas tables")
    np.savez(place / "nb201.npz", **cells())
    np.savez(place / "nas_bench_macro_cifar10.npz", **chains())
    two_cells().to_parquet(place / "nb101_500_nb301_1218_zero_cost.parquet")
    return place


@pytest.fixture(scope="session")
def real() -> Path:
    """The folder of the real tables; skipped where it is absent."""
    default = Path(__file__).resolve().parents[3] / "shared" / "data"
    place = Path(os.environ.get("ARCHWRIGHT_DATA") or default) / "nas"
    if not place.is_dir():
        pytest.skip("the benchmark tables are absent; ARCHWRIGHT_DATA names the folder above nas/")
    return place


LAYER = Choice((op("identity"), op("mb3"), op("mb6")))
WORTHS = {"identity": 0.0, "mb3": 1.0, "mb6": 2.0}


@pytest.fixture
def tiny() -> Table:
    """Nine chains of two layers; the best, mb6 and mb6, has 94 % of the tests.

    Two short trainings cost what a full one does; they prefer mb3 in the first place.
    """

    def look_up(arch: Architecture) -> dict[str, float]:
        first, second = (WORTHS[str(arch.answers[path])] for path in ("one", "two"))
        test = 90 + 2 * first / 2 + 2 * second / 2
        short = 80 + (3 if first == 1 else first) + second
        return {"test": test, "val": test - 1, "short": short, "cost": 1000.0, "cheap": 500.0}

    return Table(
        name="tiny/none",
        space=seq(one=LAYER, two=LAYER),
        look_up=look_up,
        protocols={
            "oracle": Protocol({1.0: "test"}, "test"),
            "honest": Protocol({1.0: "short"}, "test"),
            "timed": Protocol({0.5: "short", 1.0: "val"}, "test", {0.5: "cheap", 1.0: "cost"}),
        },
        optima=(Architecture.of({"one": "mb6", "two": "mb6"}),),
        optimum=94.0,
        facts=lambda: {"networks": 9},
    )
