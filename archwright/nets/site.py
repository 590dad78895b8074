"""Where a module is made: what the makers of building blocks are told. Knows no block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from archwright.core.space import Op
from archwright.core.truth import Kind

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Signature:
    """What goes into a network and what must come out.

    Args:
        shape: Of one example: (columns,) or (channels, height, width).
        outputs: Classes, labels, or values in the target's own units.
        kind: Of task, which decides what the outputs mean and how the network ends.
        categories: How many values each categorical column has; they are the last columns. Of
            texts: how many words, pieces of words and characters are told apart.
        rate: Of clips: samples a second.
        season: Of windows: steps after which a series comes round; 1 where it does not.
        ahead: Of windows: how many channels are the calendar of the steps ahead; they come last.
    """

    shape: Shape
    outputs: int
    kind: Kind = "classification"
    categories: tuple[int, ...] = ()
    rate: int = 0
    season: int = 1
    ahead: int = 0

    @property
    def regression(self) -> bool:
        return self.kind == "regression"


@dataclass(frozen=True)
class Site:
    """A place in a network.

    Args:
        signature: Of the whole network.
        path: Where this is, for messages.
        build: Makes the module of a node, such as an `Op` holds in its parameters, from the node,
            the shape of what goes in, and its path.
    """

    signature: Signature
    path: str
    build: Callable[[Any, Shape, str], nn.Module]

    def part(self, node: Any, shape: Shape, step: str) -> nn.Module:
        """Return the module of a node that the operation at this place holds."""
        return self.build(node, shape, f"{self.path}/{step}")


Make = Callable[[Op, Shape, Site], nn.Module]
"""From an operation, and the shape of what goes in, to its module."""
