"""NSGA-II (Deb et al., 2002, doi:10.1109/4235.996017): low loss and low cost at once."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from archwright.core.architecture import mutate, sample
from archwright.core.space import Node
from archwright.core.trial import History, Proposal, Trial
from archwright.core.vary import crossover

Point = tuple[float, float]
Standing = dict[int, tuple[int, float]]
"""By place in a list of points: the rank of its front, and minus its crowding distance."""


@dataclass(frozen=True)
class Nsga2:
    """Crosses trials of the first fronts, and within a front those in thinly settled regions.

    The paper selects survivors from parents and children; here they are the best of all trials of
    complete generations, which is the same elitism, and needs no memory of who survived.

    Args:
        cost: The metric to lower beside the loss. A trial that has no such metric counts as
            infinitely dear: if none has it, what is left is a search for the lowest loss.
        population: How many trials make a generation; the first is drawn at random.
        mutation: The chance that a child is mutated too; one that equals its parent always is.
        fidelity: The share of the full recipe each proposal is trained for.
    """

    cost: str = "params"
    population: int = 20
    mutation: float = 0.5
    fidelity: float = 1.0

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        done = [t for t in history.done if t.proposal.fidelity == self.fidelity]
        complete = done[: len(done) // self.population * self.population]
        if not complete:
            return [Proposal(sample(space, rng), self.fidelity) for _ in range(n)]
        points = [(t.losses[0], t.metrics.get(self.cost, math.inf)) for t in complete]
        standing = survivors(points, self.population)
        return [self._child(space, complete, standing, rng) for _ in range(n)]

    def _child(
        self, space: Node, trials: Sequence[Trial], standing: Standing, rng: Random
    ) -> Proposal:
        mother, father = (trials[_winner(standing, rng)] for _ in range(2))
        arch = crossover(space, mother.arch, father.arch, rng)
        crossed = arch.key not in (mother.arch.key, father.arch.key)
        if not crossed or rng.random() < self.mutation:
            arch = mutate(space, arch, rng)
        origin = "crossover" if crossed else "mutation"
        return Proposal(arch, self.fidelity, mother.number, origin)


def _winner(standing: Standing, rng: Random) -> int:
    rivals = rng.sample(list(standing), min(2, len(standing)))
    return min(rivals, key=lambda place: (standing[place], place))


def survivors(points: Sequence[Point], count: int) -> Standing:
    """Return the best `count` points: whole fronts, of the last one the least crowded."""
    chosen: Standing = {}
    for rank, front in enumerate(fronts(points)):
        crowd = crowding(points, front)
        order = sorted(front, key=lambda place: (-crowd[place], place))
        chosen |= {place: (rank, -crowd[place]) for place in order[: count - len(chosen)]}
        if len(chosen) >= count:
            break
    return chosen


def fronts(points: Sequence[Point]) -> list[list[int]]:
    """Return the places of the points that nothing dominates, then of the next ones, and so on.

    For two objectives: in order of the first, a point belongs to the first front whose last point
    is dearer, so that no pairs are compared. Of equal points each is in a front of its own.
    """
    found: list[list[int]] = []
    lowest: list[float] = []  # the second objective of each front's last point, ascending
    for place in sorted(range(len(points)), key=lambda i: points[i]):
        second = points[place][1]
        rank = bisect_right(lowest, second)
        if rank == len(found):
            found.append([])
            lowest.append(second)
        found[rank].append(place)
        lowest[rank] = second
    return found


def crowding(points: Sequence[Point], front: Sequence[int]) -> dict[int, float]:
    """Return how far apart the neighbours of each point are along its front; ends: infinitely."""
    distance = dict.fromkeys(front, 0.0)
    for axis in (0, 1):
        order = sorted(front, key=lambda place: points[place][axis])
        low, high = points[order[0]][axis], points[order[-1]][axis]
        for before, here, after in zip(order, order[1:], order[2:], strict=False):
            if low < high < math.inf:
                gap = points[after][axis] - points[before][axis]
                distance[here] += gap / (high - low)
        distance[order[0]] = distance[order[-1]] = math.inf
    return distance
