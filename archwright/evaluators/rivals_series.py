"""The rivals for series: MiniRocket with ridge regression, and the nearest by warped time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from archwright.core.space import op
from archwright.evaluators.rivals import Contest, Made, Make
from archwright.evaluators.train import Split, predict
from archwright.nets.build import build
from archwright.nets.fit_ridge import channels
from archwright.nets.ops_sequence import standardised
from archwright.nets.prepare import prepare
from archwright.spaces.series import PLACES

Array = NDArray[Any]

FEATURES = 10_000
"""Of MiniRocket, as in its paper."""

BAND = 0.1
"""How far, as a share of the length, the warped time may be from the true one."""

TRIED, PROBED, LEAST_FEATURES = 16, 100, 500
"""Series that are tried, and their length for warping, to see how much there is time for."""

PIECE = 2e7
"""Numbers that warping holds at a time."""


def of_series(contest: Contest) -> list[Make]:
    """Return what makes the rivals for series: MiniRocket, and for classes the nearest series."""
    of_classes = contest.split.signature.kind in ("classification", "ordinal")
    return [_rocket, _nearest] if of_classes else [_rocket]


@dataclass(eq=False)
class MiniRocket:
    """MiniRocket (arXiv:2012.08791) and ridge regression, as the space `series` has them.

    Args:
        features: How many; 10,000 in the paper.
        places: Of a series that are looked at, at least.
    """

    split: Split
    features: int = FEATURES
    places: int = PLACES
    net: Any = None

    @property
    def classes_(self) -> Array:
        return np.arange(self.split.signature.outputs)

    def fit(self, rows: Array, y: Array) -> None:
        how = {"own": False, "changes": False, "places": self.places}
        self.net = build(op("rocket", features=self.features, **how), self.split.signature)
        widths = self.split.signature.widths
        prepare(self.net, self.split.x, self.split.y, torch.from_numpy(rows), widths)

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


def _rocket(contest: Contest) -> Made:
    """Return MiniRocket, with fewer features where the time asks for it."""
    split = contest.split
    few = split.train.numpy()[:TRIED]
    probe = MiniRocket(split, LEAST_FEATURES)
    probe.fit(few, split.y[few].numpy())
    started = time.perf_counter()
    probe.predict(few)
    each = (time.perf_counter() - started) / (len(few) * LEAST_FEATURES)
    affordable = contest.seconds / (each * (len(split.train) + len(split.valid)))
    features = int(max(LEAST_FEATURES, min(FEATURES, affordable)))
    note = f"{features:,} features to save time" if features < FEATURES else ""
    model = MiniRocket(split, features)
    return Made("MiniRocket + ridge", model, lambda rows: rows, note, alone=False)


def _nearest(contest: Contest) -> Made:
    """Return the nearest neighbour, of series made shorter where the time asks for it."""
    split = contest.split
    mean, std = channels(split.x[split.train].float())

    def table(rows: Array, shorter: int) -> Array:
        x, _ = standardised(split.x[torch.from_numpy(rows)].float(), mean, std, False)
        return torch.nn.functional.avg_pool1d(x, shorter, ceil_mode=True).numpy()

    length = split.signature.shape[1]
    some = table(split.train.numpy()[:TRIED], max(1, length // PROBED))
    started = time.perf_counter()
    warped(some, some)
    each = (time.perf_counter() - started) / (len(some) ** 2 * some.shape[2] ** 2)
    needed = each * len(split.train) * len(split.valid) * length**2
    shorter = max(1, int(np.ceil((needed / max(contest.seconds, 0.1)) ** 0.5)))
    note = f"each {shorter} steps averaged to save time" if shorter > 1 else ""
    made = Nearest(lambda rows: table(rows, shorter), split.signature.outputs)
    return Made("1-NN DTW", made, lambda rows: rows, note, alone=False)
