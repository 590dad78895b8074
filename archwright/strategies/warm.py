"""Starts that did well on the user's own past tasks (meta-learning without a model).

Only answers are carried over, no weights; a task whose space was another one helps as far as its
architectures fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

from archwright.core.architecture import Architecture, decode, record
from archwright.core.space import Node, Same
from archwright.core.trial import History, Proposal
from archwright.errors import SpaceError
from archwright.strategies.base import Strategy
from archwright.strategies.inner import check
from archwright.strategies.portfolio import Portfolio
from archwright.strategies.random import RandomSearch

Ranks = Mapping[Architecture, float]
"""Of one task: 0 for the best trial, nearly 1 for the worst."""


@dataclass(frozen=True)
class Past:
    """What was found on another task: architectures with their losses, in no order."""

    trials: tuple[tuple[Architecture, float], ...]
    name: str = ""


@dataclass(frozen=True)
class WarmStart:
    """Proposes what did best on past tasks, each once, then asks `then`.

    Args:
        pasts: What is known of other tasks; nothing: as if this strategy was not there.
        then: Searches on.
        count: How many starts there are at most.
        fidelity: That of the starts.
    """

    pasts: tuple[Past, ...] = ()
    then: Strategy = field(default_factory=RandomSearch)
    count: int = 8
    fidelity: float = 1.0

    def check(self, space: Node) -> None:
        """Raise SpaceError if the inner strategy cannot serve the space."""
        check(self.then, space)

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        chosen = starts(space, self.pasts, self.count)
        return Portfolio(chosen, self.then, self.fidelity).ask(space, history, n, rng)


def starts(space: Node, pasts: tuple[Past, ...], count: int) -> tuple[Architecture, ...]:
    """Return a portfolio for a new task: whichever it resembles, one of the starts should do.

    Greedy as in Auto-sklearn 2.0 (Feurer et al., 2022, arXiv:2007.04074): each next start lowers
    the mean over tasks of the best rank so far the most. There every candidate was tried on every
    task; here one that a task has not seen does nothing for it. When nothing is left to lower, what
    ranks best on average follows. What does not fit the space is left out.
    """
    return _starts(Same(space), pasts, count)


@lru_cache(maxsize=16)
def _starts(key: Same, pasts: tuple[Past, ...], count: int) -> tuple[Architecture, ...]:
    tasks = [ranks for each in pasts if (ranks := _ranks(key.value, each))]
    left = sorted({arch for ranks in tasks for arch in ranks}, key=lambda arch: arch.key)
    best, chosen = [1.0] * len(tasks), list[Architecture]()
    while left and len(chosen) < count:
        now = tuple(best)

        def worth(arch: Architecture, now: tuple[float, ...] = now) -> tuple[float, float]:
            found = [ranks.get(arch, 1.0) for ranks in tasks]
            return sum(map(min, found, now)), sum(found)

        chosen.append(min(left, key=worth))
        left.remove(chosen[-1])
        best = [min(b, ranks.get(chosen[-1], 1.0)) for b, ranks in zip(best, tasks, strict=True)]
    return tuple(chosen)


def _ranks(space: Node, task: Past) -> Ranks:
    """Return the ranks of the architectures that fit, among all of the task."""
    ordered = sorted(task.trials, key=lambda trial: (trial[1], trial[0].key))
    ranks: dict[Architecture, float] = {}
    for place, (arch, _) in enumerate(ordered):
        for fitting in _fitting(space, arch):
            ranks.setdefault(fitting, place / len(ordered))
    return ranks


def _fitting(space: Node, arch: Architecture) -> list[Architecture]:
    """Return the architecture with its answers in the order of the space; nothing if foreign."""
    try:
        decode(space, arch)
    except SpaceError:
        return []
    ordered = record(space, lambda path, hole: arch.answers[path])
    return [ordered] if len(ordered.answers) == len(arch.answers) else []
