"""Grid search: everything once, in a stable order."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from archwright.core.enumerate import index_of, nth
from archwright.core.space import Node, size
from archwright.core.trial import History, Proposal


@dataclass(frozen=True)
class GridSearch:
    """Visits every architecture once, in an order that is spread over the space from the start.

    Architectures are numbered (`core.enumerate`). From each the search goes on by a stride of
    about the golden section of the space that has no factor in common with its size: so it comes
    to all of them, and what it has seen when it is stopped early lies everywhere. Nothing is
    enumerated: where it stands is told by the last trial.
    """

    fidelity: float = 1.0

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        found: list[Proposal] = []
        for index in self._rest(space, history):
            if len(found) == n:
                break
            arch = nth(space, index)
            if (arch.key, self.fidelity) not in history.seen:
                found.append(Proposal(arch, self.fidelity, None, "grid"))
        return found

    def _rest(self, space: Node, history: History) -> Iterator[int]:
        """Yield the indices after the last one that the grid has proposed."""
        count, step = size(space), stride(size(space))
        last = next((t.proposal for t in reversed(history.trials) if self._own(t.proposal)), None)
        begin = 0
        if last is not None:
            begin = index_of(space, last.arch) * pow(step, -1, count) % count + 1
        for place in range(begin, count):
            yield place * step % count

    def _own(self, proposal: Proposal) -> bool:
        return proposal.origin == "grid" and proposal.fidelity == self.fidelity


def stride(count: int) -> int:
    """Return a number near the golden section of `count` without a common factor."""
    step = max(1, (math.isqrt(5 * count * count) - count) // 2)  # exact, however many there are
    while math.gcd(step, count) != 1:
        step += 1
    return step
