"""The rivals for series: MiniRocket with ridge regression, and the nearest by warped time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from archwright.core.space import op
from archwright.evaluators.rivals import Make
from archwright.evaluators.train import Split, predict
from archwright.nets.build import build
from archwright.nets.fit_ridge import channels
from archwright.nets.ops_sequence import standardised
from archwright.nets.prepare import prepare

Array = NDArray[Any]

FEATURES = 10_000
"""Of MiniRocket, as in its paper."""

BAND = 0.1
"""How far, as a share of the length, the warped time may be from the true one."""

MOST_CELLS, PIECE = 1e9, 2e7
"""Cells of all tables that warping fills, at most: some seconds; longer series are made shorter.
Numbers that are held for it at a time."""


def of_series(regression: bool) -> list[Make]:
    """Return what makes the rivals for series: MiniRocket, and for classes the nearest series."""
    return [_rocket] if regression else [_rocket, _nearest]


@dataclass(eq=False)
class MiniRocket:
    """MiniRocket (arXiv:2012.08791) and ridge regression, as the space `series` has them."""

    split: Split
    net: Any = None
    classes_: Array = field(default_factory=lambda: np.empty(0, dtype=int))

    def fit(self, rows: Array, y: Array) -> None:
        tree = op("rocket", own=False, features=FEATURES, changes=False)
        self.net = build(tree, self.split.signature)
        self.classes_ = np.arange(self.split.signature.outputs)
        prepare(self.net, self.split.x, self.split.y, torch.from_numpy(rows))

    def predict(self, rows: Array) -> Array:
        return predict(self.net, self.split, torch.from_numpy(rows))

    predict_proba = predict


@dataclass(eq=False)
class Nearest:
    """The class of the nearest training series, by dynamic time warping in a band.

    Args:
        table: From row numbers to standardised series, (rows, channels, length).
    """

    table: Callable[[Array], Array]
    classes: int
    known: Array = field(default_factory=lambda: np.empty(0))
    y: Array = field(default_factory=lambda: np.empty(0, dtype=int))

    @property
    def classes_(self) -> Array:
        return np.arange(self.classes)

    def fit(self, rows: Array, y: Array) -> None:
        self.known, self.y = self.table(rows), y

    def predict_proba(self, rows: Array) -> Array:
        """Return mostly the nearest class: one neighbour knows no odds."""
        new = self.table(rows)
        few = max(1, int(PIECE / (len(self.known) * new.shape[2])))
        parts = [new[i : i + few] for i in range(0, len(new), few)]
        found = np.concatenate([warped(part, self.known).argmin(1) for part in parts])
        odds = np.full((len(rows), self.classes), 0.1 / self.classes)
        odds[np.arange(len(rows)), self.y[found]] += 0.9
        return odds


def warped(some: Array, others: Array) -> Array:
    """Return squared distances under dynamic time warping, (some, others).

    The time of one may lag behind the other's by `BAND` of the length. All pairs are worked out at
    once, a step of time after the other (Sakoe and Chiba, 1978).

    Args:
        some, others: (rows, channels, length).
    """
    length = some.shape[2]
    reach = max(1, round(BAND * length))
    best = np.full((len(some), len(others), length + 1), np.inf, dtype=np.float32)
    best[:, :, 0] = 0
    for i in range(length):
        low, high = max(0, i - reach), min(length, i + reach + 1)
        apart = some[:, None, :, i, None] - others[None, :, :, low:high]
        cost = np.square(apart).sum(2)
        before = np.minimum(best[:, :, low:high], best[:, :, low + 1 : high + 1])
        best[:, :, : low + 1] = np.inf
        for j in range(low, high):
            along = np.minimum(before[:, :, j - low], best[:, :, j])
            best[:, :, j + 1] = cost[:, :, j - low] + along
        best[:, :, high + 1 :] = np.inf
    return best[:, :, length]


def _rocket(split: Split, seed: int) -> tuple[str, Any, Callable[[Array], Array]]:
    return "MiniRocket + ridge", MiniRocket(split), lambda rows: rows


def _nearest(split: Split, seed: int) -> tuple[str, Any, Callable[[Array], Array]]:
    pairs = len(split.train) * (len(split.train) + len(split.valid))
    length = split.signature.shape[1]
    cells = pairs * split.signature.shape[0] * length * max(3, 2 * BAND * length)
    shorter = max(1, int(np.ceil((cells / MOST_CELLS) ** 0.5)))
    mean, std = channels(split.x[split.train].float())

    def table(rows: Array) -> Array:
        x, _ = standardised(split.x[torch.from_numpy(rows)].float(), mean, std, False)
        return torch.nn.functional.avg_pool1d(x, shorter, ceil_mode=True).numpy()

    name = "1-NN DTW" + (f" (every {shorter} steps averaged)" if shorter > 1 else "")
    return name, Nearest(table, split.signature.outputs), lambda rows: rows
