"""Greedy search, layer by layer: each answer is settled in turn, all others fixed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from archwright.core.architecture import Architecture, active, sample
from archwright.core.space import Node
from archwright.core.trial import History, Proposal, Trial
from archwright.core.vary import alternatives, changed


@dataclass(frozen=True)
class Greedy:
    """Tries each answer to a hole, keeps the best, and goes on to the next hole.

    Coordinate descent in the order in which the space is walked, again and again until a sweep
    over all holes brings nothing; then anew from a random architecture. Where the sweep stands is
    told by the best trial since the last beginning: the hole in which it differs from its parent
    is settled next, then those after it.
    """

    fidelity: float = 1.0

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        climb = self._climb(history)
        if climb:
            best = min(climb, key=lambda trial: (trial.losses, trial.number))
            found: list[Proposal] = []
            for arch in self._sweep(space, best, history):
                if len(found) == n:
                    break
                if (arch.key, self.fidelity) not in history.seen:
                    found.append(Proposal(arch, self.fidelity, best.number, "neighbour"))
            if found or any(t.proposal.origin == "neighbour" for t in history.running):
                return found  # none while one is running that may be better
        return [Proposal(sample(space, rng), self.fidelity) for _ in range(n)]

    def _climb(self, history: History) -> list[Trial]:
        """Return the finished trials since the last beginning, which may have been several."""
        done = [t for t in history.done if t.proposal.fidelity == self.fidelity]
        climb: list[Trial] = []
        for trial in reversed(done):
            if climb and climb[-1].proposal.origin != "neighbour" == trial.proposal.origin:
                break
            climb.append(trial)
        return climb

    def _sweep(self, space: Node, best: Trial, history: History) -> Iterator[Architecture]:
        """Yield what differs from the best in one answer, in the order of the sweep."""
        holes = list(active(space, best.arch).items())
        first = 0
        if best.proposal.origin == "neighbour" and best.proposal.parent is not None:
            before = history.trials[best.proposal.parent].arch.answers
            moved = [before.get(path) != best.arch.answers[path] for path, _ in holes]
            first = moved.index(True) if True in moved else 0
        for path, hole in holes[first:] + holes[:first]:
            for value in alternatives(hole, best.arch.answers[path]):
                yield changed(space, best.arch, path, value)
