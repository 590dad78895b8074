"""Integers in the order of a walk: the shortest form, for controllers and language models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archwright.core.architecture import Architecture, record
from archwright.core.encode.holes import positions
from archwright.core.space import Hole, Node, Value
from archwright.errors import SpaceError


def sequence(space: Node, arch: Architecture) -> tuple[int, ...]:
    """Return the place of each answer among its hole's values, holes that are closed left out.

    So its length differs between architectures. Round-trips with `from_sequence`.

    Raises:
        SpaceError: the architecture is foreign to the space; names the path.
    """
    return tuple(int(place) for place in positions(space, arch) if place >= 0)


def from_sequence(space: Node, places: Sequence[int]) -> Architecture:
    """Return the architecture of a `sequence`.

    Raises:
        SpaceError: too few or too many numbers, or one that its hole does not have; names the
            position (from 0) and the path.
    """
    numbered: Iterator[tuple[int, int]] = enumerate(places)
    last = "the space has no holes"

    def decide(path: str, hole: Hole) -> Value:
        nonlocal last
        last = f"the last hole is {path}"
        position, place = next(numbered, (len(places), None))
        if place is None:
            raise SpaceError(f"position {position}, {path}: the sequence ends before this hole")
        if isinstance(place, bool) or place != int(place) or not 0 <= place < len(hole.values):
            raise SpaceError(
                f"position {position}, {path}: {place!r} is not a whole number from 0 to"
                f" {len(hole.values) - 1}"
            )
        return hole.values[int(place)]

    arch = record(space, decide)
    left = len(places) - len(arch.decisions)
    if left:
        raise SpaceError(f"position {len(arch.decisions)}: {left} numbers too many; {last}")
    return arch
