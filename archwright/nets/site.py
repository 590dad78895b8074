"""Where a module is made: what the makers of building blocks are told. Knows no block."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from archwright.core.space import Op
from archwright.core.truth import Kind

Shape = tuple[int, ...]
Form = tuple[Any, ...]
"""The shape of an example, or, of several inputs, the shape of each."""


@dataclass(frozen=True)
class Pretrained:
    """An encoder of texts that was trained elsewhere.

    Args:
        folder: Where it lies.
        tokens: How many numbers of a text it reads.
    """

    folder: str
    tokens: int


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
        encoder: Of texts: the pretrained encoder, if there is one.
        widths: Of a multitask, see `core.truth.Truth`.
        parts: Of several inputs: what each is by itself. In an example, which is one row of
            numbers, they lie one after the other.
    """

    shape: Shape
    outputs: int
    kind: Kind = "classification"
    categories: tuple[int, ...] = ()
    rate: int = 0
    season: int = 1
    ahead: int = 0
    encoder: Pretrained | None = None
    widths: tuple[int, ...] = ()
    parts: tuple[Signature, ...] = ()

    @property
    def regression(self) -> bool:
        return self.kind == "regression"

    @property
    def form(self) -> Form:
        """What spaces are told of an example."""
        return tuple(part.shape for part in self.parts) or self.shape


def taking(form: Form, outputs: int, **more: Any) -> Signature:
    """Return the signature of networks for examples of which nothing but their form is known."""
    if not isinstance(form[0], tuple):
        return Signature(form, outputs, **more)
    parts = tuple(Signature(shape, 0) for shape in form)
    return Signature((sum(map(math.prod, form)),), outputs, parts=parts, **more)


@dataclass(frozen=True)
class Site:
    """A place in a network.

    Args:
        signature: Of the whole network.
        path: Where this is, for messages.
        build: Makes the module of a node, such as an `Op` holds in its parameters, from the node,
            the shape of what goes in, the signature, and its path.
    """

    signature: Signature
    path: str
    build: Callable[[Any, Shape, Signature, str], nn.Module]

    def part(self, node: Any, shape: Shape, step: str) -> nn.Module:
        """Return the module of a node that the operation at this place holds."""
        return self.build(node, shape, self.signature, f"{self.path}/{step}")


Make = Callable[[Op, Shape, Site], nn.Module]
"""From an operation, and the shape of what goes in, to its module."""
