"""A genetic algorithm: generations of children of two parents (Holland, 1975)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from archwright.core.architecture import mutate, sample
from archwright.core.space import Node
from archwright.core.trial import History, Proposal, Trial
from archwright.core.vary import crossover


@dataclass(frozen=True)
class Genetic:
    """Crosses winners of tournaments, generation by generation; the best ever stay parents.

    Parents come from the last complete generation and the elite. A child has each answer from
    either parent (uniform crossover), then one answer may be changed.

    Args:
        population: How many trials make a generation; the first is drawn at random.
        tournament: How many are drawn to compete for parenthood.
        elite: How many of the best so far may be parents however old they are.
        mutation: The chance that a child is mutated too; one that equals its parent always is.
        fidelity: The share of the full recipe each proposal is trained for.
    """

    population: int = 10
    tournament: int = 5
    elite: int = 5
    mutation: float = 0.5
    fidelity: float = 1.0

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        done = [t for t in history.done if t.proposal.fidelity == self.fidelity]
        complete = len(done) // self.population * self.population
        if not complete:
            return [Proposal(sample(space, rng), self.fidelity) for _ in range(n)]
        best = history.ranked(self.fidelity)[: self.elite]
        parents = list({t.number: t for t in (*best, *done[complete - self.population : complete])})
        chosen = [history.trials[number] for number in parents]
        return [self._child(space, chosen, rng) for _ in range(n)]

    def _child(self, space: Node, parents: Sequence[Trial], rng: Random) -> Proposal:
        mother, father = self._winner(parents, rng), self._winner(parents, rng)
        arch = crossover(space, mother.arch, father.arch, rng)
        crossed = arch.key not in (mother.arch.key, father.arch.key)
        if not crossed or rng.random() < self.mutation:
            arch = mutate(space, arch, rng)
        origin = "crossover" if crossed else "mutation"
        return Proposal(arch, self.fidelity, mother.number, origin)

    def _winner(self, parents: Sequence[Trial], rng: Random) -> Trial:
        rivals = rng.sample(parents, min(self.tournament, len(parents)))
        return min(rivals, key=lambda trial: (trial.losses, trial.number))
