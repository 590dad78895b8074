"""Regularised evolution (Real et al., 2019, arXiv:1802.01548)."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from archwright.core.architecture import mutate, sample
from archwright.core.space import Node
from archwright.core.trial import History, Proposal, Trial


@dataclass(frozen=True)
class RegularizedEvolution:
    """Mutates the winner of a tournament; the oldest die, however good they are.

    The paper mutates one hole; here a child differs in one or, half of the time, in two, since
    our spaces have many holes of little effect. The first generation is drawn at random.

    Args:
        population: How many of the newest finished trials are alive.
        tournament: How many of those are drawn to compete for parenthood.
        fidelity: The share of the full recipe each proposal is trained for.
    """

    population: int = 24
    tournament: int = 8
    fidelity: float = 1.0

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        done = [trial for trial in history.done if trial.proposal.fidelity == self.fidelity]
        alive = done[-self.population :]
        if len(done) < max(2, self.population // 2):
            return [Proposal(sample(space, rng), self.fidelity) for _ in range(n)]
        return [self._child(space, self._parent(alive, rng), rng) for _ in range(n)]

    def _parent(self, alive: list[Trial], rng: Random) -> Trial:
        rivals = rng.sample(alive, min(self.tournament, len(alive)))
        return min(rivals, key=lambda trial: (trial.losses, trial.number))

    def _child(self, space: Node, parent: Trial, rng: Random) -> Proposal:
        arch = mutate(space, parent.arch, rng)
        if rng.random() < 0.5:
            arch = mutate(space, arch, rng)
        return Proposal(arch, self.fidelity, parent.number, "mutation")
