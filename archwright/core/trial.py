"""Trials and histories: the only memory a strategy has."""

from __future__ import annotations

import enum
from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from archwright.core.architecture import Architecture

Curve = tuple[Mapping[str, float], ...]


class State(enum.Enum):
    """Where a trial stands; a finished trial never changes again.

    One that was stopped went well until its learning curve left no hope; see `surrogates.stopping`.
    """

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True)
class Proposal:
    """What a strategy wants evaluated.

    Args:
        arch: The architecture.
        fidelity: The share of the full recipe that it is trained for, in (0, 1].
        parent: The number of the trial that it was made from, if any.
        origin: How it came about: `portfolio`, `random`, `scored` (drawn from the best by zero-cost
            scores), `mutation`, `crossover`, `neighbour`, `model`, `promotion`, `grid`.
    """

    arch: Architecture
    fidelity: float = 1.0
    parent: int | None = None
    origin: str = "random"

    @property
    def explores(self) -> bool:
        """Whether it was drawn, rather than made from what the trials have shown."""
        return self.origin in ("random", "scored")


@dataclass(frozen=True)
class Result:
    """What an evaluation found.

    Args:
        metrics: Raw values by metric name.
        curve: One mapping per point: `epoch`, `share` of the schedule, `train_loss` and the
            objective's metric.
        artefacts: Whatever else was made, such as trained weights; never stored in the study.
        stopped: Why it was not trained to the end, if so; then the objective's metric is what it
            was expected to end at.
    """

    metrics: Mapping[str, float]
    curve: Curve = ()
    artefacts: Mapping[str, object] = field(default_factory=dict)
    stopped: str = ""


@dataclass(frozen=True)
class Trial:
    """A proposal and what became of it; `losses` are minimised and empty unless it is done.

    Args:
        metrics: As measured; of a trial that was stopped, only what needs no training.
        expected: The losses that a trial that was stopped would have ended at, by its curve.
        error: The reason why it failed or was stopped.
    """

    number: int
    proposal: Proposal
    state: State = State.RUNNING
    losses: tuple[float, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    curve: Curve = ()
    seconds: float = 0.0
    error: str = ""
    expected: tuple[float, ...] = ()

    @property
    def arch(self) -> Architecture:
        return self.proposal.arch


@dataclass(frozen=True)
class History:
    """All trials of a study in order of number.

    What is derived from them is kept; `add` hands it on, so that a history of 10,000 trials that
    grows by one does not look at all of them again.
    """

    trials: Sequence[Trial] = ()

    def __len__(self) -> int:
        return len(self.trials)

    def add(self, trial: Trial) -> History:
        """Return this history with one trial more; its number is the length until now."""
        grown = History((*self.trials, trial))
        kept, new = self.__dict__, grown.__dict__
        for state in State:
            name = state.value
            if name in kept:
                new[name] = [*kept[name], trial] if trial.state is state else kept[name]
        if "seen" in kept:
            new["seen"] = kept["seen"] | {_known(trial)}
        if "_levels" in kept:
            new["_levels"] = _ranked(kept["_levels"], trial)
        return grown

    @cached_property
    def done(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.state is State.DONE]

    @cached_property
    def stopped(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.state is State.STOPPED]

    @cached_property
    def failed(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.state is State.FAILED]

    @cached_property
    def running(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.state is State.RUNNING]

    @cached_property
    def seen(self) -> frozenset[tuple[str, float]]:
        """Key and fidelity of everything proposed so far."""
        return frozenset(_known(trial) for trial in self.trials)

    def believed(self) -> History:
        """Return this history with what was stopped as done, with the losses that were expected.

        It is what strategies see, so that none is blind to where trials are stopped, or waits for
        a result that never comes.
        """
        return History(tuple(map(_believed, self.trials))) if self.stopped else self

    def ranked(self, fidelity: float | None = None) -> list[Trial]:
        """Return the finished trials of a fidelity, best first; of the highest if none is given."""
        level = max(self._levels, default=1.0) if fidelity is None else fidelity
        return list(self._levels.get(level, ()))

    @cached_property
    def _levels(self) -> Mapping[float, list[Trial]]:
        """The finished trials by fidelity, best first."""
        found: dict[float, list[Trial]] = {}
        for trial in self.done:
            found.setdefault(trial.proposal.fidelity, []).append(trial)
        return {level: sorted(trials, key=_order) for level, trials in found.items()}

    def best(self) -> Trial:
        """Return the finished trial with the lowest losses at the highest fidelity reached.

        Raises:
            ValueError: nothing has finished yet.
        """
        if not self.done:
            raise ValueError("no trial has finished yet")
        return self._levels[max(self._levels)][0]

    def front(self, cost: str) -> list[Trial]:
        """Return the trials that no other beats in both first loss and the metric `cost`."""
        chosen: list[Trial] = []
        for trial in sorted(self.done, key=lambda t: (t.metrics[cost], t.losses)):
            if not chosen or trial.losses < chosen[-1].losses:
                chosen.append(trial)
        return chosen

    def lineage(self, number: int) -> list[Trial]:
        """Return the trial `number` and its ancestors, the oldest first."""
        line = [self.trials[number]]
        while (parent := line[0].proposal.parent) is not None:
            line.insert(0, self.trials[parent])
        return line


def _believed(trial: Trial) -> Trial:
    if trial.state is not State.STOPPED:
        return trial
    return replace(trial, state=State.DONE, losses=trial.expected)


def _known(trial: Trial) -> tuple[str, float]:
    return trial.arch.key, trial.proposal.fidelity


def _order(trial: Trial) -> tuple[tuple[float, ...], int]:
    return trial.losses, trial.number


def _ranked(levels: Mapping[float, list[Trial]], trial: Trial) -> Mapping[float, list[Trial]]:
    """Return `levels` as they are with one trial more."""
    if trial.state is not State.DONE:
        return levels
    level = trial.proposal.fidelity
    grown = list(levels.get(level, ()))
    insort(grown, trial, key=_order)
    return {**levels, level: grown}
