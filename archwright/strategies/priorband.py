"""PriorBand (Mallik et al., 2023, arXiv:2306.12370)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from archwright.core.architecture import Architecture, decode, mutate
from archwright.core.space import Node
from archwright.core.trial import History, Proposal, State, Trial
from archwright.strategies.base import Strategy
from archwright.strategies.halving import halve
from archwright.strategies.hyperband import brackets
from archwright.strategies.inner import check
from archwright.strategies.random import RandomSearch
from archwright.strategies.rungs import Rung, Shares, climb, levels, newcomers

AGAIN = 0.5
"""The chance of one more change after each: half of the children differ in one answer."""


@dataclass(frozen=True)
class PriorBand:
    """Hyperband whose new architectures come from known-good ones, from the best, or from chance.

    The higher the rung that a bracket begins on, the dearer a trial, and the less is left to
    chance: 1 / (1 + eta^rung). What remains is shared between the prior and the best so far by how
    likely each makes the best trials of the rung, so that a misleading prior is soon forgotten.

    The paper draws from normal distributions; here a draw is the centre with a few answers mutated,
    and likelihood falls by `AGAIN` with each answer that differs. The best so far takes part as
    soon as a rung has `eta` finished trials; in the paper, after a first full bracket.

    Args:
        prior: Known-good architectures; tried as they are first. None: the best so far alone.
        then: Proposes what is left to chance.
        rungs: How many, or their shares of `fidelity`.
        eta: How far apart rungs are when they are only counted.
        fidelity: That of the highest rung.
    """

    prior: tuple[Architecture, ...] = ()
    then: Strategy = field(default_factory=RandomSearch)
    rungs: Shares = 3
    eta: int = 3
    fidelity: float = 1.0

    def __post_init__(self) -> None:
        levels(self.fidelity, self.eta, self.rungs)

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        rungs = climb(space, history, levels(self.fidelity, self.eta, self.rungs))
        return halve(brackets(rungs), n, lambda here, count: self._fresh(rungs, here, count, rng))

    def check(self, space: Node) -> None:
        """Raise SpaceError if the prior is foreign, or the inner strategy cannot serve."""
        check(self.then, space)
        for arch in self.prior:
            decode(space, arch)

    def _fresh(
        self, rungs: Sequence[Rung], here: Sequence[Rung], n: int, rng: Random
    ) -> list[Proposal]:
        new = [arch for arch in self.prior if not any(rung.find(arch) for rung in rungs)]
        first = [Proposal(arch, here[0].fidelity, None, "portfolio") for arch in new[:n]]
        return [*first, *(p for _ in range(n - len(first)) for p in self._draw(rungs, here, rng))]

    def _draw(self, rungs: Sequence[Rung], here: Sequence[Rung], rng: Random) -> list[Proposal]:
        """Return one proposal; none when it is `then`'s turn, and that has none."""
        by_chance = 1 / (1 + self.eta ** (len(rungs) - len(here)))
        best = leaders(rungs, self.eta)
        centres = [*self.prior, *(trial.arch for trial in best[:1])]
        if not centres or rng.random() < by_chance:
            return newcomers(self.then, here, 1, rng)
        shares = [1 / max(1, len(self.prior))] * len(self.prior) + [1.0] * len(best[:1])
        weights = [
            share * likelihood(best, centre) for share, centre in zip(shares, centres, strict=True)
        ]
        centre = rng.choices(centres, weights)[0]
        arch = mutate(here[0].space, centre, rng)
        while rng.random() < AGAIN:
            arch = mutate(here[0].space, arch, rng)
        return [Proposal(arch, here[0].fidelity, _number(rungs, centre), "mutation")]


def leaders(rungs: Sequence[Rung], eta: int) -> list[Trial]:
    """Return the best 1 / `eta` of the highest rung with `eta` finished trials; none before."""
    for rung in reversed(rungs):
        if len(rung.best) >= eta:
            return rung.best[: len(rung.best) // eta]
    return []


def likelihood(best: Sequence[Trial], centre: Architecture) -> float:
    """Return how likely draws around `centre` make these trials, the better the more it counts."""
    return (
        sum(
            (len(best) - place) * AGAIN ** distance(trial.arch, centre)
            for place, trial in enumerate(best)
        )
        or 1.0
    )


def distance(one: Architecture, other: Architecture) -> int:
    """Return how many holes are answered differently, or by one of them alone."""
    paths = one.answers.keys() | other.answers.keys()
    return sum(one.answers.get(path) != other.answers.get(path) for path in paths)


def _number(rungs: Sequence[Rung], arch: Architecture) -> int | None:
    """Return the number of the finished trial of an architecture, of the highest rung."""
    for rung in reversed(rungs):
        known = rung.find(arch)
        if known is not None and known.state is State.DONE:
            return known.number
    return None
