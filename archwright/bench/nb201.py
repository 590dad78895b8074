"""NAS-Bench-201 (Dong and Yang, 2020, arXiv:2001.00326): all 15,625 cells, trained.

Accuracies are means over the benchmark's seeds. The zero-cost scores were measured on CIFAR-10 by
NAS-Bench-Suite-Zero (arXiv:2210.03230), and serve for CIFAR-100 too.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.bench.table import SHAPE, Answer, Protocol, Table, arrays, find
from archwright.core.architecture import Architecture
from archwright.core.space import Node
from archwright.errors import DataError
from archwright.spaces.cell201 import EDGES, OPS, cell201, of_ops

FILE = "nb201.npz"
SHORT, LONG = 12, 200
"""The epochs of the two trainings of each cell."""

COLUMNS = ("ops", "op_names", "params_cifar10", "mflops_cifar10")
COSTS = ("c10_cost12_s",)
ZERO_COST = ("zero_cost_c10", "zero_cost_names")
NAMES = {"jacov": "jacob_cov", "flops": "macs"}
"""What we call scores that the benchmark calls otherwise."""

ACCURACIES = {
    "cifar10": {"test": "c10_test_200", "val_200": "c10_val_200", "val_12": "c10_val_12"},
    "cifar100": {"test": "c100_test_200", "val_12": "c100_val_12"},
}


def nb201(folder: Path | str | None, dataset: str) -> Table:
    """Return the table of one data set.

    Raises:
        DataError: the file is absent, damaged or another one.
    """
    path, accuracies = find(folder, FILE), ACCURACIES[dataset]
    held = arrays(path, (*COLUMNS, *COSTS, *ZERO_COST, *accuracies.values()))
    if held["ops"].shape != (len(OPS) ** len(EDGES), len(EDGES)):
        raise DataError(f"{path}: {len(held['ops'])} cells instead of 15,625; get it anew")
    places = [list(map(str, held["op_names"])).index(name) for name in OPS]
    rows = {tuple(map(int, ops)): row for row, ops in enumerate(held["ops"])}
    number = dict(zip(OPS, places, strict=True))
    values = {name: held[column] for name, column in accuracies.items()}
    if dataset == "cifar10":
        values["seconds_12"] = held["c10_cost12_s"]
        values["seconds_200"] = held["c10_cost12_s"] * (LONG / SHORT)
    columns = {name: np.round(column.astype(float), 4).tolist() for name, column in values.items()}

    def ops(arch: Architecture) -> tuple[int, ...]:
        answers = arch.answers
        return tuple(number[str(answers[f"cells/cell/{i}"])] for i in range(len(EDGES)))

    def look_up(arch: Architecture) -> Answer:
        row = rows[ops(arch)]
        return {name: column[row] for name, column in columns.items()}

    known = _scores(held)
    nothing = number["none"]

    def scores(space: Node, arch: Architecture) -> Mapping[str, float]:
        return known[rows[_pruned(ops(arch), nothing)]]

    best = np.flatnonzero(values["test"] == values["test"].max())
    names = held["op_names"]
    return Table(
        name=f"nb201/{dataset}",
        space=cell201(SHAPE),
        look_up=look_up,
        protocols=_protocols(values),
        optima=tuple(of_ops(*(str(names[i]) for i in held["ops"][row])) for row in best),
        optimum=round(float(values["test"].max()), 4),
        scores=scores,
        facts=lambda: {"networks": len(rows), "accuracies": "measured"},
    )


def _protocols(values: Mapping[str, NDArray[Any]]) -> dict[str, Protocol]:
    """Return what each protocol tells: of the seeds' mean, of a short training, of both lengths."""
    found = {
        "oracle": Protocol({1.0: "test"}, "test"),
        "honest": Protocol({1.0: "val_12"}, "test"),
    }
    if "val_200" in values:
        share = SHORT / LONG
        found["timed"] = Protocol(
            {share: "val_12", 1.0: "val_200"}, "test", {share: "seconds_12", 1.0: "seconds_200"}
        )
    return found


def _scores(held: Mapping[str, NDArray[Any]]) -> list[dict[str, float]]:
    """Return the scores of each cell; none where its output is not reached.

    Sums of logarithms that are impossibly low stand for a logarithm of zero; they are kept, since
    they rank where they should.
    """
    names = [NAMES.get(str(name), str(name)) for name in held["zero_cost_names"]]
    return [
        {name: value for name, value in zip(names, row, strict=True) if value == value}
        for row in held["zero_cost_c10"].astype(float).tolist()
    ]


def _pruned(ops: tuple[int, ...], nothing: int) -> tuple[int, ...]:
    """Return the cell without what no output depends on; such cells are the ones with scores."""
    fed, wanted = {0}, {3}
    for (source, target), each in sorted(zip(EDGES, ops, strict=True)):
        if source in fed and each != nothing:
            fed.add(target)
    for (source, target), each in sorted(zip(EDGES, ops, strict=True), reverse=True):
        if target in wanted and each != nothing:
            wanted.add(source)
    return tuple(
        each if source in fed and target in wanted else nothing
        for (source, target), each in zip(EDGES, ops, strict=True)
    )
