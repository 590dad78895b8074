"""Successive halving (Jamieson and Talwalkar, 2016, arXiv:1502.07943)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from random import Random

from archwright.core.space import Node
from archwright.core.trial import History, Proposal, State, Trial
from archwright.strategies.base import Strategy
from archwright.strategies.inner import check
from archwright.strategies.random import RandomSearch
from archwright.strategies.rungs import (
    Rung,
    Shares,
    climb,
    levels,
    newcomers,
    places,
    promote,
)

Fresh = Callable[[Sequence[Rung], int], list[Proposal]]
"""Proposes so many new architectures on the lowest of these rungs."""


@dataclass(frozen=True)
class SuccessiveHalving:
    """Tries many architectures shortly, goes on with the best of them, again and again.

    When a bracket is over, or only waits for running trials, the next one begins, so that no worker
    is idle. That also makes it an anytime algorithm, other than in the paper.

    Args:
        then: Proposes new architectures.
        rungs: How many, or their shares of `fidelity`.
        eta: How far apart rungs are when they are only counted.
        width: How many architectures begin together; so many that one is left, unless given.
        fidelity: That of the highest rung.
    """

    then: Strategy = field(default_factory=RandomSearch)
    rungs: Shares = 3
    eta: int = 3
    width: int = 0
    fidelity: float = 1.0

    def __post_init__(self) -> None:
        levels(self.fidelity, self.eta, self.rungs)

    def check(self, space: Node) -> None:
        """Raise SpaceError if the inner strategy cannot serve the space."""
        check(self.then, space)

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        rungs = climb(space, history, levels(self.fidelity, self.eta, self.rungs))
        width = self.width or round(rungs[-1].fidelity / rungs[0].fidelity)
        same = repeat(Bracket(rungs, width))
        return halve(same, n, lambda here, count: newcomers(self.then, here, count, rng))


@dataclass(frozen=True)
class Bracket:
    """So many architectures that begin together on the lowest of these rungs."""

    rungs: Sequence[Rung]
    width: int

    def due(self, members: Sequence[Trial]) -> list[Proposal]:
        """Return the promotions that are due among the members; none while a rung is waited for."""
        count, start = len(members), self.rungs[0].fidelity
        for high in self.rungs[1:]:
            if any(trial.state is State.RUNNING for trial in members):
                return []
            done = [trial for trial in members if trial.state is State.DONE]
            best = sorted(done, key=lambda trial: (trial.losses, trial.number))
            up = best[: max(1, places(count, start, high.fidelity))]
            lacking = [trial for trial in up if high.find(trial.arch) is None]
            if lacking:
                return [promote(trial, high.fidelity) for trial in lacking]
            members = [there for trial in up if (there := high.find(trial.arch)) is not None]
        return []


def halve(brackets: Iterable[Bracket], n: int, fresh: Fresh) -> list[Proposal]:
    """Return what these brackets, one after the other, have to do next.

    Which trial belongs to which bracket follows from the order in which they began.
    """
    asked: list[Proposal] = []
    taken: dict[float, int] = {}
    for bracket in brackets:
        lowest = bracket.rungs[0]
        first = taken.get(lowest.fidelity, 0)
        members = lowest.entrants[first : first + bracket.width]
        taken[lowest.fidelity] = first + bracket.width
        lacking = bracket.width - len(members)
        found = fresh(bracket.rungs, min(lacking, n - len(asked))) if lacking else []
        if not found:  # the bracket is full, or will never be
            asked += bracket.due(members)
        asked += found
        if len(asked) >= n or (lacking and not found):
            break
    return asked[:n]
