"""Random search, the baseline that every other strategy has to beat (arXiv:1902.07638)."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from archwright.core.architecture import sample
from archwright.core.space import Node
from archwright.core.trial import History, Proposal


@dataclass(frozen=True)
class RandomSearch:
    """Draws each architecture hole by hole, whatever happened before."""

    fidelity: float = 1.0

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        return [Proposal(sample(space, rng), self.fidelity) for _ in range(n)]
