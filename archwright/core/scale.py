"""Rebuilds larger, or smaller, a network that was found with few cells and channels.

This is how NASNet (Zoph et al., 2018, arXiv:1707.07012) carries a cell from small images to large
ones. It knows no space by name: stacks of cells say themselves how many cells and channels they
have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archwright.core.space import Choice, Dag, Op, Repeat, Seq
from archwright.errors import SpaceError


def scale(node: Any, *, cells: int | None = None, channels: int | None = None) -> Any:
    """Return the space or decoded architecture with other stacks; its answers stay valid.

    Args:
        cells: How many cells each stage has; as before if None.
        channels: How many channels the first stage has; as before if None.

    Raises:
        SpaceError: a number below 1, or there is no stack that has such a parameter.
    """
    asked = {"cells": cells, "channels": channels}
    wanted = {name: number for name, number in asked.items() if number is not None}
    for name, number in wanted.items():
        if number < 1:
            raise SpaceError(f"scale({name}={number}): at least 1 is needed")
    lacking = [name for name in wanted if not _has(node, name)]
    if lacking:
        raise SpaceError(
            f"scale({', '.join(f'{name}=' for name in lacking)}): nothing here has a number of "
            f"{' or '.join(lacking)}; spaces that stack cells have, such as 'cell201' and 'darts'"
        )
    return _rebuilt(node, wanted)


def _rebuilt(node: Any, wanted: Mapping[str, int]) -> Any:
    def go(child: Any) -> Any:
        return _rebuilt(child, wanted)

    match node:
        case Op(name, params):
            return Op(name, tuple((key, _value(key, value, wanted)) for key, value in params))
        case Choice(options):
            return Choice(tuple(map(go, options)))
        case Seq(children, names):
            return Seq(tuple(map(go, children)), names)
        case Repeat(child, times, tied):
            return Repeat(go(child), times, tied)
        case Dag(edges, inputs, output, vertices):
            wired = tuple((source, target, go(child)) for source, target, child in edges)
            return Dag(wired, inputs, output, tuple(map(go, vertices)))
        case tuple():
            return tuple(map(go, node))
    return node


def _value(key: str, value: Any, wanted: Mapping[str, int]) -> Any:
    if key in wanted and isinstance(value, int):
        return wanted[key]
    return _rebuilt(value, wanted)


def _has(node: Any, name: str) -> bool:
    """Whether some operation has a whole number under this name."""
    return bool(_rebuilt(node, {name: 0}) != node)
