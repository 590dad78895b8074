"""Asynchronous successive halving (Li et al., 2018, arXiv:1810.05934)."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from archwright.core.space import Node
from archwright.core.trial import History, Proposal
from archwright.strategies.base import Strategy
from archwright.strategies.inner import check
from archwright.strategies.random import RandomSearch
from archwright.strategies.rungs import Rung, Shares, climb, levels, newcomers, places, promote


@dataclass(frozen=True)
class Asha:
    """Promotes whatever belongs to the best of its rung as soon as it does; nothing waits.

    Differs from the paper in that the share that goes up is the ratio of the two fidelities, which
    is 1 / `eta` unless the rungs are given one by one, and in that `then` may be any strategy: it
    proposes what is new and sees the lowest rung, corrected by the higher ones.

    Args:
        then: Proposes new architectures.
        rungs: How many, or their shares of `fidelity`.
        eta: How far apart rungs are when they are only counted.
        fidelity: That of the highest rung.
    """

    then: Strategy = field(default_factory=RandomSearch)
    rungs: Shares = 3
    eta: int = 3
    fidelity: float = 1.0

    def __post_init__(self) -> None:
        levels(self.fidelity, self.eta, self.rungs)

    def check(self, space: Node) -> None:
        """Raise SpaceError if the inner strategy cannot serve the space."""
        check(self.then, space)

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        rungs = climb(space, history, levels(self.fidelity, self.eta, self.rungs))
        ready = [each for low, high in reversed([*pairwise(rungs)]) for each in _ready(low, high)]
        return [*ready, *newcomers(self.then, rungs, n - len(ready), rng)][:n]


def _ready(low: Rung, high: Rung) -> list[Proposal]:
    """Return who may go up and is not there yet; who failed there is there."""
    best = low.best[: places(low.finished, low.fidelity, high.fidelity)]
    return [promote(trial, high.fidelity) for trial in best if high.find(trial.arch) is None]
