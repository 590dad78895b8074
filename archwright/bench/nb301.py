"""The DARTS space, predicted: 1,218 networks of NAS-Bench-301 and a model of them.

As in NAS-Bench-301 (Siems et al., 2020, arXiv:2008.09777), a surrogate benchmark stands in for the
10^18 networks that nobody trained: what it answers is predicted, not measured. Ours is fitted to
the few networks that NAS-Bench-Suite-Zero (arXiv:2210.03230) published, not to 60,000; how well it
does under cross-validation is among the table's facts.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from archwright.bench.table import SHAPE, Answer, Protocol, Table, find
from archwright.core.architecture import Architecture
from archwright.errors import DataError
from archwright.spaces.darts import OPS, STATES, darts

FILE = "nb101_500_nb301_1218_zero_cost.parquet"
"""Writes operations as numbers, in the order of DARTS without `none`: a regression of its parameter
counts on counts of operations confirms that, but for the two poolings, which have none."""

FOLDS = 5
ALPHAS = (10.0, 30.0, 100.0, 300.0)
WORK = (0, 0, 0, 2, 2, 1, 1)
"""Convolutions that an operation does one after the other."""
REACH = (2, 2, 0, 4, 8, 4, 8)
"""By how much an operation widens the field that is seen."""

Cell = Sequence[tuple[int, int]]
"""Source and operation of two edges a state."""
Predict = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def encode(cells: Sequence[Cell]) -> NDArray[np.float64]:
    """Return the features of a network's two cells.

    Counts of operations, which operation lies on which edge, depths, and how much work and reach
    the paths to each state have.
    """
    return np.array([value for cell in cells for value in (*_edges(cell), *_paths(cell))])


def fit(features: NDArray[np.float64], values: NDArray[np.float64]) -> Predict:
    """Return the mean of a linear model and a support vector machine with a smooth kernel.

    Both are of scikit-learn, but predict by themselves: a row at a time, its checks take longer
    than the model.
    """
    from sklearn.linear_model import RidgeCV
    from sklearn.svm import SVR

    centre, spread = features.mean(0), features.std(0)
    spread[spread == 0] = 1.0
    scaled, gamma = (features - centre) / spread, 1 / features.shape[1]
    linear = RidgeCV(ALPHAS).fit(scaled, values)
    smooth = SVR(C=1.0, epsilon=0.05, gamma=gamma).fit(scaled, values)
    known, weights = smooth.support_vectors_, smooth.dual_coef_[0]

    def predict(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        x = (rows - centre) / spread
        squares = (x**2).sum(1)[:, None] + (known**2).sum(1) - 2 * x @ known.T
        curved = np.exp(-gamma * squares) @ weights + smooth.intercept_
        found: NDArray[np.float64] = (x @ linear.coef_ + linear.intercept_ + curved) / 2
        return found

    return predict


def agreement(features: NDArray[np.float64], values: NDArray[np.float64]) -> dict[str, float]:
    """Return how well networks are predicted that the model was not fitted to."""
    from scipy.stats import spearmanr
    from sklearn.metrics import r2_score

    fold = np.random.default_rng(0).permutation(len(values)) % FOLDS
    found = np.empty(len(values))
    for k in range(FOLDS):
        found[fold == k] = fit(features[fold != k], values[fold != k])(features[fold == k])
    return {
        "cross_validated_spearman": round(float(spearmanr(found, values).statistic), 3),
        "cross_validated_r2": round(float(r2_score(values, found)), 3),
    }


def nb301(folder: Path | str | None, dataset: str = "cifar10") -> Table:
    """Return the table. No optimum is known. Honest feedback is what a model of one half of the
    networks predicts; what a model of the other half predicts is reported.

    Raises:
        DataError: the file is absent, damaged or another one.
    """
    path = find(folder, FILE)
    features, values = _read(path)
    half = np.arange(len(values)) % 2 == 0
    models = {
        "predicted": fit(features, values),
        "predicted_by_one_half": fit(features[half], values[half]),
        "predicted_by_other_half": fit(features[~half], values[~half]),
    }

    @lru_cache(maxsize=100_000)
    def look_up(arch: Architecture) -> Answer:
        row = encode(read_cells(arch))[None]
        return {name: round(float(model(row)[0]), 4) for name, model in models.items()}

    halves = Protocol({1.0: "predicted_by_one_half"}, "predicted_by_other_half")
    return Table(
        name=f"nb301/{dataset}",
        space=darts(SHAPE),
        look_up=look_up,
        protocols={"oracle": Protocol({1.0: "predicted"}, "predicted"), "honest": halves},
        facts=lambda: {
            "networks": len(values),
            "accuracies": "predicted, not measured",
            "best_measured": round(float(values.max()), 4),
            **agreement(features, values),
        },
    )


def read_cells(arch: Architecture) -> list[Cell]:
    """Return the normal and the reduction cell as the file writes them."""
    answers, cells = arch.answers, list[Cell]()
    for name in ("normal", "reduction"):
        cell: list[tuple[int, int]] = []
        for state in range(STATES):
            edge = f"cells/{name}/{state}"
            sources = map(int, str(answers[f"{edge}/from"]).split("+"))
            ops = (OPS.index(str(answers[f"{edge}/{k}"])) for k in range(2))
            cell += list(zip(sources, ops, strict=True))
        cells.append(cell)
    return cells


def _read(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return features and validation accuracies of the networks in the file."""
    import pandas as pd

    try:
        frame = pd.read_parquet(path)
        rows = frame[frame["space"] == "nb301"]
        values = rows["val_accuracy"].to_numpy(float)
        return np.array([encode(ast.literal_eval(each)) for each in rows["arch"]]), values
    except (OSError, ValueError, SyntaxError, KeyError, TypeError, IndexError) as error:
        raise DataError(
            f"{path}: damaged, or another table ({_first_line(error)}); get it anew"
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _edges(cell: Cell) -> list[int]:
    """Return how often each operation is used, and which one lies on which edge."""
    first = [sum(range(2, 2 + state)) for state in range(STATES)]
    placed = [[0] * len(OPS) for _ in range(sum(range(2, 2 + STATES)))]
    counts = [0] * len(OPS)
    for k, (source, op) in enumerate(cell):
        placed[first[k // 2] + source][op] += 1
        counts[op] += 1
    return [*counts, *(value for row in placed for value in row)]


def _paths(cell: Cell) -> list[float]:
    """Return what describes the way from the inputs to each state, and how inputs are used."""
    depth, work, reach = [0, 0], [0, 0], [0, 0]
    for k in range(STATES):
        pair = cell[2 * k : 2 * k + 2]
        depth.append(1 + max(depth[source] for source, _ in pair))
        work.append(max(work[source] + WORK[op] for source, op in pair))
        reach.append(max(reach[source] + REACH[op] for source, op in pair))
    sources = [source for source, _ in cell]
    early = [op for source, op in cell if source < 2]
    deep = [float(value) for each in (depth, work, reach) for value in each[2:]]
    summed = [float(f(each[2:])) for each in (depth, work, reach) for f in (max, sum)]
    return [
        *deep,
        *summed,
        *(sources.count(0), sources.count(1), len(set(range(2, 2 + STATES)) - set(sources))),
        *(sum(op in (3, 4) for op in early), early.count(2), sum(op < 2 for op in early)),
    ]
