"""Hyperband (Li et al., 2018, arXiv:1603.06560)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from random import Random

from archwright.core.space import Node
from archwright.core.trial import History, Proposal
from archwright.strategies.base import Strategy
from archwright.strategies.halving import Bracket, halve
from archwright.strategies.inner import check
from archwright.strategies.random import RandomSearch
from archwright.strategies.rungs import Rung, Shares, climb, levels, newcomers


@dataclass(frozen=True)
class Hyperband:
    """Successive halving from each rung in turn, since nobody knows which low fidelity to trust.

    As in the paper, but that a bracket which waits lets the next one begin, and that `then` may be
    any strategy (with a model in its place this is the design of BOHB, arXiv:1807.01774).

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
        return halve(brackets(rungs), n, lambda here, count: newcomers(self.then, here, count, rng))


def brackets(rungs: Sequence[Rung]) -> Iterator[Bracket]:
    """Return the brackets, for ever: the widest first, each the same work, the last one random."""
    count, top = len(rungs), rungs[-1].fidelity
    for first in cycle(range(count)):
        here = rungs[first:]
        yield Bracket(here, math.ceil(count / len(here) * top / here[0].fidelity - 1e-9))
