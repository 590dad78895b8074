"""What a strategy is."""

from __future__ import annotations

from random import Random
from typing import Protocol

from archwright.core.space import Node
from archwright.core.trial import History, Proposal


class Strategy(Protocol):
    """Chooses what to evaluate next, from what is known so far and from nothing else.

    `ask` is a function of its arguments: equal history and equal rng state give equal proposals.
    That one rule is why a study can be killed, resumed, or served by many workers.
    """

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        """Return at most `n` proposals; none, with nothing running, ends the search."""
        ...
