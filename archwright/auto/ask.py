"""The strategy of a run, set up: what was chosen, around the known-good starts."""

from __future__ import annotations

import inspect
import math
import time
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import torch

from archwright import registry
from archwright.auto.bounds import Limits, limits
from archwright.auto.choose import AUTO, Choice, Situation, choose
from archwright.auto.forecast import ABOVE_DEFAULT, Setup
from archwright.auto.job import Job
from archwright.auto.options import Options
from archwright.auto.past import past
from archwright.core.architecture import Architecture
from archwright.core.space import Node, Value, size
from archwright.core.trial import History, State, Trial
from archwright.errors import SpaceError, nearest
from archwright.evaluators.train import Split
from archwright.evaluators.zerocost import ZeroCost
from archwright.strategies import warm
from archwright.strategies.base import Strategy
from archwright.strategies.optuna_sampler import SAMPLERS
from archwright.strategies.portfolio import Portfolio
from archwright.strategies.rungs import levels
from archwright.strategies.surrogate import SurrogateSearch

DRAWN = 5
"""Random trials beside the known-good starts before a model is believed: as many as the report
needs to say what random search would have reached."""

PAST = 4
"""At most so many starts are taken from earlier runs."""

SCORING_SHARE = 0.05
"""Of the time for the search, for scoring untrained networks."""

SCORING_STEPS = 10
"""Training steps that scoring one network is taken to cost where no clock may be looked at; 6 were
measured for the default network, on digits as on MNIST."""

DRY = 65
"""Trials of a rehearsal: five brackets of successive halving."""


@dataclass(frozen=True, eq=False)
class Scores:
    """Zero-cost scores, for a strategy; none for a network that would be refused.

    Holds one mini-batch and not the data, since strategies remember what they were given.
    """

    zero_cost: ZeroCost
    limits: Limits
    threads: int

    @staticmethod
    def of(split: Split, limits: Limits, threads: int, seed: int) -> Scores:
        """Return what scores networks on some training rows of a split."""
        x, y = ZeroCost(split, seed=seed).rows
        rows = torch.arange(len(x))
        some = replace(split, x=x, y=y, train=rows, valid=rows)
        return Scores(ZeroCost(some, seed=seed), limits, threads)

    def __call__(self, space: Node, arch: Architecture) -> dict[str, float]:
        torch.set_num_threads(self.threads)  # sums depend on it in the last bit
        return {} if self.limits(space, arch) else self.zero_cost(space, arch)


def find(name: str) -> Any:
    """Return what makes the strategy of that name.

    Raises:
        SpaceError: there is none.
    """
    optuna = [f"{registry.OPTUNA}{sampler}" for sampler in SAMPLERS]
    known = [*registry.names("strategies"), *optuna]
    if name not in known:
        raise SpaceError(f"no such strategy: {name!r}{nearest(name, [AUTO, *known])}")
    return registry.find("strategies", name)


def spread(name: str, space: Node) -> float:
    """Return what a trial costs on average, as a share of one of the highest fidelity.

    Found in a rehearsal whose losses are drawn at random.

    Raises:
        SpaceError: no such strategy.
    """
    if name == AUTO or "rungs" not in takes(find(name)):
        return 1.0
    strategy, history = find(name)(fidelity=1.0), History()
    for number in range(DRY):
        rng = Random(number)
        for proposal in strategy.ask(space, history, 1, rng):
            trial = Trial(len(history), proposal, State.DONE, (rng.random(),))
            history = history.add(trial)
    return sum(trial.proposal.fidelity for trial in history.trials) / len(history)


def decided(
    space: Node, default: Architecture, splits: tuple[Split, ...], setup: Setup, options: Options
) -> Choice:
    """Return which strategy searches, and from where it starts.

    Raises:
        RunError: an earlier run to start from cannot be read.
    """
    pasts = tuple(past(run) for run in options.warm_start)
    starts = warm.starts(space, pasts, PAST)
    if options.strategy != AUTO:
        return Choice(options.strategy, past=starts)
    timed = math.isfinite(setup.search_seconds)
    scorable = registry.MODALITIES[splits[0].modality].scorable
    situation = Situation(
        size=size(space),
        trials=setup.trials,
        seconds=setup.search_seconds * setup.workers / setup.trials if timed else 0.0,
        workers=setup.workers,
        scorable=_scorable(space, default, splits, setup) if scorable else 0,
        exploring=options.exploration is not None,
    )
    return replace(choose(situation), past=starts)


def _scorable(space: Node, default: Architecture, splits: tuple[Split, ...], setup: Setup) -> int:
    """Return how many untrained networks can be scored in the time that this may take."""
    if math.isinf(setup.search_seconds):
        rows = sum(len(split.train) for split in splits)
        steps = setup.trials * setup.recipe.steps(rows, setup.fidelity)
        return int(SCORING_SHARE * steps / SCORING_STEPS)
    scores = ZeroCost(splits[0])
    scores(space, default)  # warms up
    started = time.perf_counter()
    scores(space, default)
    each = ABOVE_DEFAULT * (time.perf_counter() - started)
    return int(SCORING_SHARE * setup.search_seconds / each)


def strategy(job: Job) -> Strategy:
    """Return the strategy: a quick first look, the known-good starts, then what was chosen.

    Strategies with rungs are given the starts on their lowest one, and a model to draw from.

    Raises:
        SpaceError: it has no exploration to adjust.
    """
    setup, make = job.setup, find(job.choice.strategy)
    lowest = _lowest(make, setup.fidelity)
    made: Strategy = make(**_settings(job, make, lowest), fidelity=setup.fidelity)
    if "rungs" not in takes(make):
        made = Portfolio(job.starts, made, setup.fidelity)
    if setup.first < lowest and not job.fitted(job.starts[0]):
        made = Portfolio(job.starts[:1], made, setup.first)
    return made


def dropped(job: Job, history: History) -> dict[str, list[Value]]:
    """Return the answers that the strategy has left out after these trials, by path, if it does."""
    made: Any = strategy(job)
    while made is not None and not hasattr(made, "dropped"):
        made = getattr(made, "then", None)
    found = {} if made is None else made.dropped(job.problem.space, history.believed())
    return {path: list(answers) for path, answers in found.items()}


def _settings(job: Job, make: Any, lowest: float) -> dict[str, Any]:
    """Return the settings of the strategy but its fidelity."""
    has, exploration = takes(make), job.options.exploration
    if make is SurrogateSearch:
        return _of_surrogate(job)
    found: dict[str, Any] = {}
    if "prior" in has:
        found["prior"] = job.starts
    elif "then" in has:
        then: Strategy = SurrogateSearch(**_of_surrogate(job), fidelity=lowest)
        found["then"] = Portfolio(job.starts, then, lowest) if "rungs" in has else then
    if "cost" in has:
        found["cost"] = next((m for m in job.options.bounds if m in ("params", "macs")), "params")
    if exploration is not None and "exploration" in has:
        found["exploration"] = exploration
    elif exploration is not None and "then" not in found:
        raise SpaceError(_nothing_to_adjust(job.choice.strategy))
    return found


def _of_surrogate(job: Job) -> dict[str, Any]:
    """Return the settings of the surrogate search but its fidelity."""
    found: dict[str, Any] = {"starts": len(job.starts) + DRAWN, "fits": limits(job).fits}
    if job.options.exploration is not None:
        found["exploration"] = job.options.exploration
    if job.choice.pool:
        scores = Scores.of(job.splits[0], limits(job), job.setup.plan.threads, job.options.seed)
        found |= {"scores": scores, "pool": job.choice.pool}
    return found


def _nothing_to_adjust(name: str) -> str:
    others = [
        other for other in registry.names("strategies") if "exploration" in takes(find(other))
    ]
    return (
        f"--exploration: the strategy {name!r} has no share of exploration to adjust;"
        f" leave it out, or give --strategy one of {', '.join(sorted(others))}"
    )


def _lowest(make: Any, fidelity: float) -> float:
    """Return the lowest fidelity that the strategy proposes."""
    if "rungs" not in takes(make):
        return fidelity
    made = make(fidelity=fidelity)
    return levels(fidelity, made.eta, made.rungs)[0]


def takes(make: Any) -> frozenset[str]:
    """Return the names of the settings that a strategy has."""
    return frozenset(inspect.signature(make).parameters)
