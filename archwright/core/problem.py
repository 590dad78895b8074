"""Problems: what is searched, for which task, by which objectives."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from archwright.core.objective import Objective
from archwright.core.space import Node


@dataclass(frozen=True)
class Problem:
    """The task (by its fingerprint), the space, the aim and the hard bounds.

    Args:
        task: A content hash of the data, its target and its splits.
        space: Where architectures come from.
        aim: What is optimised.
        bounds: Conditions every architecture must meet.
    """

    task: str
    space: Node
    aim: Objective
    bounds: tuple[Objective, ...] = ()

    @property
    def fingerprint(self) -> str:
        """A hash that a study stores, so that it is never resumed with another problem."""
        text = repr((self.task, self.space, self.aim, self.bounds))
        return hashlib.sha256(text.encode()).hexdigest()[:16]
