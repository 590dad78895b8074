"""Trials and histories: the only memory a strategy has."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from archwright.core.architecture import Architecture

Curve = tuple[Mapping[str, float], ...]


class State(enum.Enum):
    """Where a trial stands; a finished trial never changes again."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Proposal:
    """What a strategy wants evaluated.

    Args:
        arch: The architecture.
        fidelity: The share of the full recipe that it is trained for, in (0, 1].
        parent: The number of the trial that it was made from, if any.
        origin: How it came about: `portfolio`, `random`, `mutation` ...
    """

    arch: Architecture
    fidelity: float = 1.0
    parent: int | None = None
    origin: str = "random"


@dataclass(frozen=True)
class Result:
    """What an evaluation found.

    Args:
        metrics: Raw values by metric name.
        curve: One mapping per epoch: `epoch`, `train_loss`, `loss` and the objective's metric.
        artefacts: Whatever else was made, such as trained weights; never stored in the study.
    """

    metrics: Mapping[str, float]
    curve: Curve = ()
    artefacts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Trial:
    """A proposal and what became of it; `losses` are minimised and empty unless it is done."""

    number: int
    proposal: Proposal
    state: State = State.RUNNING
    losses: tuple[float, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    curve: Curve = ()
    seconds: float = 0.0
    error: str = ""

    @property
    def arch(self) -> Architecture:
        return self.proposal.arch


@dataclass(frozen=True)
class History:
    """All trials of a study in order of number."""

    trials: Sequence[Trial] = ()

    def __len__(self) -> int:
        return len(self.trials)

    @cached_property
    def done(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.state is State.DONE]

    @cached_property
    def failed(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.state is State.FAILED]

    @cached_property
    def running(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.state is State.RUNNING]

    @cached_property
    def seen(self) -> frozenset[tuple[str, float]]:
        """Key and fidelity of everything proposed so far."""
        return frozenset((trial.arch.key, trial.proposal.fidelity) for trial in self.trials)

    def ranked(self) -> list[Trial]:
        """Return the finished trials of the highest fidelity reached, best first."""
        top = max((trial.proposal.fidelity for trial in self.done), default=1.0)
        level = [trial for trial in self.done if trial.proposal.fidelity == top]
        return sorted(level, key=lambda trial: (trial.losses, trial.number))

    def best(self) -> Trial:
        """Return the finished trial with the lowest losses at the highest fidelity reached.

        Raises:
            ValueError: nothing has finished yet.
        """
        if not self.done:
            raise ValueError("no trial has finished yet")
        return self.ranked()[0]

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
