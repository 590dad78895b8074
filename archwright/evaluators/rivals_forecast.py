"""The rivals of forecasts: the last season once more, exponential smoothing, and DLinear."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from archwright.core.space import op
from archwright.evaluators.rivals import Contest, Made, Make
from archwright.evaluators.train import Split, predict
from archwright.nets.build import build
from archwright.train.fit import Batches, Plan, fit
from archwright.train.recipe import forecast_recipe

Array = NDArray[Any]

LOOK, KERNEL = 336, 25
"""Steps that DLinear looks back, and averages its trend over, as in its paper."""

ETS_STEPS, ETS_SEASONS, MOST_SEASON = 480, 10, 24
"""Smoothing is fitted to so many last steps at most, or so many seasons if that is more; it has no
season of more steps than this, as in the R package that it follows."""

ETS_LEAST, ETS_WINDOWS = 6.0, 64
"""With fewer seconds than this smoothing is left out: to load statsforecast alone takes some. It is
asked about so many windows at least, and between two looks at the clock."""

MISSING = "AutoETS is not shown: install statsforecast (archwright[forecast])"
SKIPPED = f"AutoETS is shown where there are {ETS_LEAST:.0f} s for it"


def of_forecasts(contest: Contest) -> list[Make]:
    """Return what makes the rivals for forecasts; exponential smoothing where it is installed."""
    return [_naive, _dlinear, *([_smoothing] if find_spec("statsforecast") else [])]


@dataclass(frozen=True)
class SeasonalNaive:
    """Says the last season again and again; the last value where there is no season."""

    split: Split

    def fit(self, rows: Array, y: Array) -> None:
        """Nothing is learnt."""

    def predict(self, rows: Array) -> Array:
        season, ahead = self.split.signature.season, self.split.signature.outputs
        past = self.split.x[torch.from_numpy(rows), 0].numpy()
        last = past[:, -season:]
        last = np.where(np.isnan(last), past[:, -1:], last)  # of a history shorter than a season
        return np.tile(last, -(-ahead // season))[:, :ahead].astype(np.float64)


@dataclass(eq=False)
class DLinear:
    """DLinear (arXiv:2205.13504), looking back as in its paper, without its biases.

    It is trained by the recipe of the searched networks.

    Args:
        seconds: That training may take.
    """

    split: Split
    seed: int
    seconds: float = float("inf")
    recipe_steps: int = 0
    steps: int = 0
    net: nn.Module = field(default_factory=nn.Identity)

    def fit(self, rows: Array, y: Array) -> None:
        split, recipe = self.split, forecast_recipe(len(rows))
        look = min(LOOK, split.signature.shape[1])
        body = op("linear_ahead", kernel=KERNEL)
        tree = op("outlook", look=look, norm="none", calendar=False, body=body)
        torch.manual_seed(self.seed)
        self.net = build(tree, split.signature)
        data = Batches(split.x, split.y, torch.from_numpy(rows))
        self.recipe_steps = recipe.steps(len(rows))
        how: dict[str, Any] = {"seed": self.seed, "watch": lambda *_: None}
        plan = Plan(threads=torch.get_num_threads())
        steps, seconds = self.recipe_steps, self.seconds
        self.steps = fit(self.net, data, recipe, plan, steps=steps, seconds=seconds, **how)

    def predict(self, rows: Array) -> Array:
        return predict(self.net, self.split, torch.from_numpy(rows))


@dataclass(eq=False)
class Smoothing:
    """AutoETS of statsforecast, chosen and fitted at the end of each series' training steps.

    At later origins the same model goes on from what came before them, and is not fitted anew. It
    sees the standardised values, so its parts are added and never multiplied. Windows for which
    there is no time are NaN.

    Args:
        inputs: All series in a row, as `Task.inputs` has them.
        seconds: That fitting may take, and as much again answering.
    """

    split: Split
    inputs: Array
    seconds: float = float("inf")
    models: dict[int, Any] = field(default_factory=dict)
    spent: float = 0.0

    @cached_property
    def begins(self) -> Array:
        """Where the steps before the first one of each series are: there, the room ends."""
        gap = np.isnan(self.inputs[0])
        return np.flatnonzero(gap[:-1] & ~gap[1:])

    def fit(self, rows: Array, y: Array) -> None:
        if self.seconds < ETS_LEAST:
            return
        started = time.perf_counter()
        from statsforecast.models import AutoETS

        season = self.split.signature.season
        season = season if season <= MOST_SEASON else 1
        series, self.models = self._series(rows), {}
        numbers = np.unique(series)
        for done, number in enumerate(np.random.default_rng(0).permutation(numbers)):
            spent = time.perf_counter() - started
            if done and spent * (done + 1) / done > self.seconds:
                return
            past = self._past(int(rows[series == number].max()))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the many forms it tries, some do not converge
                self.models[int(number)] = AutoETS(season_length=season).fit(past)

    def predict(self, rows: Array) -> Array:
        ahead = self.split.signature.outputs
        found = np.full((len(rows), ahead), np.nan)
        series, started = self._series(rows), time.perf_counter()
        order = np.random.default_rng(0).permutation(len(rows))
        for part in np.split(order, range(ETS_WINDOWS, len(rows), ETS_WINDOWS)):
            for i in part:
                if model := self.models.get(int(series[i])):
                    found[i] = model.forward(y=self._past(int(rows[i])), h=ahead)["mean"]
            if self.spent + time.perf_counter() - started > self.seconds:
                break
        self.spent += time.perf_counter() - started
        return found

    def _series(self, rows: Array) -> Array:
        """Return which series each window is of, from 1 on."""
        ends = rows + self.split.signature.shape[1]
        found: Array = np.searchsorted(self.begins, ends, side="left")
        return found

    def _past(self, row: int) -> Array:
        """Return the last steps before a window's end, also of what is before the window."""
        end = row + self.split.signature.shape[1]
        begin = int(self.begins[np.searchsorted(self.begins, end, side="left") - 1]) + 1
        most = max(ETS_STEPS, ETS_SEASONS * self.split.signature.season)
        return self.inputs[0, max(begin, end - most) : end].astype(np.float64)


def _naive(contest: Contest) -> Made:
    season = contest.split.signature.season
    name = f"seasonal naive ({season} steps)" if season > 1 else "last value (no season found)"
    note = SKIPPED if contest.seconds < ETS_LEAST else ""
    note = note if find_spec("statsforecast") else MISSING
    model = SeasonalNaive(contest.split)
    return Made(name, model, lambda rows: rows, note, alone=False, once=True)


def _dlinear(contest: Contest) -> Made:
    model = DLinear(contest.split, contest.seed, contest.seconds)
    return Made("DLinear", model, lambda rows: rows, alone=False, once=True)


def _smoothing(contest: Contest) -> Made:
    model = Smoothing(contest.split, contest.inputs, contest.seconds)
    return Made("AutoETS", model, lambda rows: rows, alone=False, once=True)
