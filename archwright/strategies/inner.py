"""What strategies that hold another one need of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archwright.core.space import Node
from archwright.strategies.base import Strategy


def at(strategy: Strategy, fidelity: float) -> Strategy:
    """Return the strategy, and what it holds, with another highest fidelity."""
    inner: Any = strategy  # a dataclass with that field, by the contract
    held = {"then": at(inner.then, fidelity)} if hasattr(inner, "then") else {}
    changed: Strategy = replace(inner, fidelity=fidelity, **held)
    return changed


def check(strategy: Strategy, space: Node) -> None:
    """Raise SpaceError, with the path of what is in the way, if a strategy says it cannot serve."""
    said = getattr(strategy, "check", None)
    if said is not None:
        said(space)
