"""What a user asks for, checked and stored with the study so that it can be resumed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from archwright.auto.choose import AUTO
from archwright.core.objective import Objective
from archwright.errors import BudgetError, SpaceError

COUNTS = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9}
UNITS = {"params": COUNTS, "macs": COUNTS, "latency_ms": {"": 1.0, "ms": 1.0, "s": 1e3}}


EARLY_STOP = 0.05


@dataclass(frozen=True)
class Options:
    """Everything about a search but the data itself.

    Args:
        targets: The columns to predict; the last one unless named.
        budget: Seconds for everything; infinite only with `trials`.
        trials: How many trials to run, or None for as many as the budget allows.
        objective: What is optimised; by the kind of task unless named.
        bounds: Hard bounds by metric: `params`, `macs`, `latency_ms`.
        space: What `registry.MODALITIES` says unless named; a placeholder for own ones.
        strategy: How architectures are proposed; `auto` chooses by the run, see `auto.choose`.
        exploration: The share of proposals left to chance; by the strategy unless given.
        inherit: Begin the training of a child with its parent's weights, and train it for less.
        warm_start: Run folders of earlier searches, whose best architectures are tried early.
        seed: Of splits, proposals and weights.
        epochs: Passes over the data in the final training; by the size of the data unless given.
        folds: Folds of cross-validation; 1 is a hold-out.
        early_stop: A trial is stopped when its chance to be among the best three is below this; 0
            trains all to the end. See `auto.stopping` for where it holds.
        workers: Trials at once; more than one, or `isolate`, runs each in its own process. By the
            machine unless given, see `auto.forecast.workers`.
        ensemble: At most so many networks are handed over as one that averages them; 1 is off.
            Unless it is given, forecasts are the mean of two, see `auto.selection.partner`.
        storage: An Optuna storage URL instead of the SQLite file in the run folder.
        kind, types, test, split, modality, horizon, time, series, encoder: What `data.load` takes.
    """

    targets: tuple[str, ...] = ()
    budget: float = float("inf")
    trials: int | None = None
    objective: str | None = None
    bounds: Mapping[str, float] = field(default_factory=dict)
    space: str | None = None
    strategy: str = AUTO
    exploration: float | None = None
    inherit: bool = False
    warm_start: tuple[str, ...] = ()
    seed: int = 0
    epochs: int | None = None
    folds: int = 1
    early_stop: float = EARLY_STOP
    workers: int | None = None
    isolate: bool = False
    ensemble: int | None = None
    storage: str | None = None
    kind: str | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    test: str | None = None
    split: str | None = None
    modality: str | None = None
    horizon: int | None = None
    time: str | None = None
    series: str | None = None
    encoder: str | None = None

    def __post_init__(self) -> None:
        for name in ("folds", "workers", "trials", "epochs", "ensemble"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise BudgetError(f"--{name} {value} makes no sense; give 1 or more")
        for name, share in (("exploration", self.exploration), ("early-stop", self.early_stop)):
            if share is not None and not 0 <= share <= 1:
                raise BudgetError(f"--{name} {share:g} is no share; give a number from 0 to 1")
        if self.inherit and self.folds > 1:
            raise BudgetError("--inherit keeps the weights of one training; leave out --folds")
        if self.trials is None and self.budget == float("inf"):
            raise BudgetError("a search needs an end; give --budget 10m or --trials 40")

    @property
    def networks(self) -> int:
        """How many networks may be chosen for an ensemble, the winner included."""
        return self.ensemble or 1

    def conditions(self) -> tuple[Objective, ...]:
        """Return the hard bounds as objectives."""
        return tuple(Objective(metric, bound) for metric, bound in self.bounds.items())

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"budget": None if self.budget == float("inf") else self.budget}

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> Options:
        budget = float("inf") if stored["budget"] is None else stored["budget"]
        listed = {name: tuple(stored.get(name, ())) for name in ("targets", "warm_start")}
        return Options(**{**stored, "budget": budget, **listed})


def parse_bound(metric: str, text: str | float | None) -> dict[str, float]:
    """Return `{metric: number}` from `100k`, `2.5M`, `2ms` or a number; nothing from None.

    Raises:
        SpaceError: it cannot be read, or is not above zero.
    """
    if text is None:
        return {}
    units = UNITS[metric]
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", str(text).strip().lower())
    if not found or found[2] not in units or float(found[1]) <= 0:
        flag = f"--max-{metric.removesuffix('_ms')}"
        raise SpaceError(
            f"{flag} {text!r} cannot be read; write a number above zero,"
            f" if you like with one of the units {', '.join(filter(None, units))}"
        )
    return {metric: float(found[1]) * units[found[2]]}
