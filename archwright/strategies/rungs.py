"""Rungs: the fidelities that multi-fidelity strategies climb, and what a rung is asked.

Losses are only ever compared within a rung. Knows no strategy by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random

from archwright.core.architecture import Architecture
from archwright.core.graph import canonical_key
from archwright.core.space import Node
from archwright.core.trial import History, Proposal, State, Trial
from archwright.errors import SpaceError
from archwright.strategies.base import Strategy
from archwright.strategies.inner import at

Shares = int | tuple[float, ...]
"""How many rungs, each `eta` times the one below; or each rung's share of the highest fidelity."""


@dataclass(frozen=True)
class Rung:
    """The trials of one fidelity, in order of number."""

    space: Node
    fidelity: float
    trials: Sequence[Trial]

    @cached_property
    def best(self) -> list[Trial]:
        """The finished ones, best first."""
        done = [trial for trial in self.trials if trial.state is State.DONE]
        return sorted(done, key=lambda trial: (trial.losses, trial.number))

    @cached_property
    def entrants(self) -> list[Trial]:
        """Those that began here instead of coming from the rung below."""
        return [trial for trial in self.trials if trial.proposal.origin != "promotion"]

    @property
    def finished(self) -> int:
        """How many are over; a failed one is the worst of its rung, not absent from it."""
        return sum(trial.state is not State.RUNNING for trial in self.trials)

    def find(self, arch: Architecture) -> Trial | None:
        """Return the trial of this architecture, or of an equal network, whatever became of it.

        Equal networks are only looked for among those that were not promoted, since rungs below
        hold no two.
        """
        if arch.key in self._by_key or not self.entrants:
            return self._by_key.get(arch.key)
        return self._networks.get(canonical_key(self.space, arch))

    @cached_property
    def _by_key(self) -> dict[str, Trial]:
        return {trial.arch.key: trial for trial in self.trials}

    @cached_property
    def _networks(self) -> dict[str, Trial]:
        return {canonical_key(self.space, trial.arch): trial for trial in self.entrants}


def levels(fidelity: float, eta: int, rungs: Shares) -> tuple[float, ...]:
    """Return the fidelities of the rungs, the lowest first.

    Raises:
        SpaceError: they do not rise, or do not end at the highest fidelity.
    """
    if eta < 2:
        raise SpaceError(f"eta={eta}: a rung must leave out some of the one below; give 2 or more")
    count = range(rungs) if isinstance(rungs, int) else ()
    shares = tuple(1 / eta**k for k in reversed(count)) if isinstance(rungs, int) else rungs
    if not shares or shares[0] <= 0 or shares[-1] != 1 or list(shares) != sorted(set(shares)):
        raise SpaceError(f"rungs={rungs}: give a count, or rising shares of which the last is 1")
    return tuple(fidelity * share for share in shares)


def climb(space: Node, history: History, fidelities: Sequence[float]) -> list[Rung]:
    """Return the rungs of these fidelities; trials of other fidelities are on none."""
    found: dict[float, list[Trial]] = {fidelity: [] for fidelity in fidelities}
    for trial in history.trials:
        if trial.proposal.fidelity in found:
            found[trial.proposal.fidelity].append(trial)
    return [Rung(space, fidelity, trials) for fidelity, trials in found.items()]


def places(count: int, low: float, high: float) -> int:
    """Return how many of `count` may go up: so many that both rungs cost the same.

    Between rungs that are `eta` apart this is one of `eta`.
    """
    return int(count * low / high + 1e-9)


def promote(trial: Trial, fidelity: float) -> Proposal:
    return Proposal(trial.arch, fidelity, trial.number, "promotion")


def newcomers(then: Strategy, rungs: Sequence[Rung], n: int, rng: Random) -> list[Proposal]:
    """Ask `then` for new architectures on the lowest of these rungs."""
    lowest = rungs[0]
    inner = at(then, lowest.fidelity)
    return inner.ask(lowest.space, corrected(rungs), n, rng) if n > 0 else []


def corrected(rungs: Sequence[Rung]) -> History:
    """Return the trials of the lowest rung, those that went up in the order of the higher rungs.

    So a strategy that knows one fidelity learns from all. The losses stay those of the lowest
    rung; they only change hands among the trials that also finished on the higher one.
    """
    trials = list(rungs[0].trials)
    for rung in rungs[1:]:
        above = {trial.arch.key: trial.losses for trial in rung.best}
        met = [t for t in trials if t.state is State.DONE and t.arch.key in above]
        losses = sorted(trial.losses for trial in met)
        met.sort(key=lambda trial: (above[trial.arch.key], trial.number))
        new = {trial.number: value for trial, value in zip(met, losses, strict=True)}
        trials = [replace(t, losses=new.get(t.number, t.losses)) for t in trials] if new else trials
    return History(tuple(trials))
