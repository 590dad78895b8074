"""NAS-Bench-Macro (Su et al., 2021, arXiv:2103.11922): all 6,561 chains, trained three times."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from archwright.bench.table import SHAPE, Answer, Protocol, Table, arrays, find
from archwright.core.architecture import Architecture
from archwright.core.space import Node
from archwright.errors import DataError
from archwright.spaces.macro import macro as macro_space
from archwright.spaces.macro import of_digits

FILE = "nas_bench_macro_cifar10.npz"
DIGITS = {"identity": "0", "mb3": "1", "mb6": "2"}
LAYERS = 8


def macro(folder: Path | str | None, dataset: str = "cifar10") -> Table:
    """Return the table. It holds no validation accuracies: honest feedback is one training's
    accuracy, and the mean of the two other trainings is reported.

    Raises:
        DataError: the file is absent, damaged or another one.
    """
    path = find(folder, FILE)
    held = arrays(path, ("arch", "acc", "params", "flops"))
    if len(held["arch"]) != len(DIGITS) ** LAYERS:
        raise DataError(f"{path}: {len(held['arch'])} networks instead of 6,561; get it anew")
    accuracy = held["acc"].astype(float)
    means = np.round(accuracy.mean(1), 4)
    first, others = np.round(accuracy[:, 0], 4), np.round(accuracy[:, 1:].mean(1), 4)
    rows = {
        str(arch): {"test": test, "one_training": one, "other_trainings": rest}
        for arch, test, one, rest in zip(
            held["arch"], means.tolist(), first.tolist(), others.tolist(), strict=True
        )
    }
    costs = {
        str(arch): {"params": float(params), "macs": float(flops)}
        for arch, params, flops in zip(held["arch"], held["params"], held["flops"], strict=True)
    }

    def look_up(arch: Architecture) -> Answer:
        return rows[digits(arch)]

    def scores(space: Node, arch: Architecture) -> Mapping[str, float]:
        return costs[digits(arch)]

    return Table(
        name=f"macro/{dataset}",
        space=macro_space(SHAPE),
        look_up=look_up,
        protocols={
            "oracle": Protocol({1.0: "test"}, "test"),
            "honest": Protocol({1.0: "one_training"}, "other_trainings"),
        },
        optima=tuple(
            of_digits(str(held["arch"][row])) for row in np.flatnonzero(means == means.max())
        ),
        optimum=float(means.max()),
        scores=scores,
        facts=lambda: {"networks": len(rows), "accuracies": "measured"},
    )


def digits(arch: Architecture) -> str:
    """Return the eight digits that the benchmark writes."""
    answers = arch.answers
    return "".join(DIGITS[str(answers[f"layers/{i}"])] for i in range(LAYERS))
