"""Known-good starts first, then any other strategy."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from archwright.core.architecture import Architecture
from archwright.core.space import Node
from archwright.core.trial import History, Proposal
from archwright.strategies.base import Strategy
from archwright.strategies.inner import check


@dataclass(frozen=True)
class Portfolio:
    """Proposes `starts` in their order, each once, then asks `then`."""

    starts: tuple[Architecture, ...]
    then: Strategy
    fidelity: float = 1.0

    def check(self, space: Node) -> None:
        """Raise SpaceError if the inner strategy cannot serve the space."""
        check(self.then, space)

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        seen = history.seen
        fresh = [arch for arch in self.starts if (arch.key, self.fidelity) not in seen][:n]
        first = [Proposal(arch, self.fidelity, None, "portfolio") for arch in fresh]
        return first or self.then.ask(space, history, n, rng)
