"""Every hole that a space can open, numbered once, so that architectures become rows of numbers.

It knows answers and when a hole is open, nothing of cells or operations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Dag, Hole, Node, Op, Range, Repeat, Same, Seq, Value
from archwright.errors import SpaceError

CLOSED = -1
"""Stands for the answer of a hole that the other answers leave closed."""


@dataclass(frozen=True)
class Gate:
    """What opens a hole or a cell: an open hole whose answer is one of `opens`, by place."""

    path: str
    opens: frozenset[int]


@dataclass(frozen=True)
class Slot:
    """A hole's place in the space; without a gate it is always open."""

    path: str
    hole: Hole
    gate: Gate | None = None

    @cached_property
    def _numbers(self) -> dict[Value, int]:
        return {value: i for i, value in enumerate(self.hole.values)}

    def number(self, value: Value) -> int:
        """Return the place of an answer among the hole's values.

        Raises:
            SpaceError: the hole has no such answer.
        """
        try:
            if isinstance(self.hole, Range):
                return self.hole.pick(value) - self.hole.low
            return self._numbers[value]
        except (KeyError, SpaceError):
            raise SpaceError(f"{self.path}: {value!r} is not {self._offer}") from None

    @property
    def _offer(self) -> str:
        if isinstance(self.hole, Range):
            return f"a whole number from {self.hole.low} to {self.hole.high}"
        return f"one of {self.hole.values}"


@dataclass(frozen=True)
class Cell:
    """A cell's place in the space."""

    path: str
    dag: Dag
    gate: Gate | None = None


@dataclass(frozen=True)
class Found:
    """What a walk through a space met: each hole and each cell once, in order."""

    holes: dict[str, Slot]
    cells: dict[str, Cell]


def all_holes(space: Node) -> dict[str, Hole]:
    """Return each hole that some architecture opens, by path, in the order of a walk.

    A `Repeat` counts as often as it may at most, tied copies count once. One-way: it is a view of
    the space, not of an architecture.
    """
    return {slot.path: slot.hole for slot in slots(space)}


def positions(space: Node, arch: Architecture) -> NDArray[np.int64]:
    """Return the place of each answer among its hole's values, -1 where the hole is closed.

    One number for each hole of `all_holes`; for a `Range` it is the distance from `low`. One-way
    here; without the -1 it is the `sequence`, which round-trips.

    Raises:
        SpaceError: the architecture is foreign to the space; names the path.
    """
    row: NDArray[np.int64] = positions_many(space, [arch])[0]
    return row


def positions_many(space: Node, archs: Sequence[Architecture]) -> NDArray[np.int64]:
    """Return `positions` of each architecture as the rows of a matrix."""
    known = slots(space)
    place = _places(Same(space))
    table = np.full((len(archs), len(known)), CLOSED, dtype=np.int64)
    for k, slot in enumerate(known):
        path, number, gate = slot.path, slot.number, slot.gate
        for row in range(len(archs)) if gate is None else _open(gate, table[:, place[gate.path]]):
            answers = archs[row].answers
            if path not in answers:
                raise SpaceError(f"{path}: the architecture has no answer for this hole")
            table[row, k] = number(answers[path])
    return table


def slots(space: Node) -> tuple[Slot, ...]:
    """Return the holes of `all_holes` with what opens them."""
    return tuple(_found(Same(space)).holes.values())


def cell_slots(space: Node) -> tuple[Cell, ...]:
    """Return each cell that some architecture has, in the order of a walk; tied copies once."""
    return tuple(_found(Same(space)).cells.values())


def gates(space: Node) -> frozenset[str]:
    """Return the paths of the holes whose answers open other holes, or cells."""
    return _gates(Same(space))


def open_cells(space: Node, row: NDArray[np.int64]) -> list[Cell]:
    """Return the cells that an architecture has, given its `positions`."""
    number = {slot.path: int(place) for slot, place in zip(slots(space), row, strict=True)}
    cells = cell_slots(space)
    return [cell for cell in cells if not cell.gate or number[cell.gate.path] in cell.gate.opens]


def join(path: str, *steps: object) -> str:
    """Return the path that leads on from `path` by `steps`."""
    return "/".join(filter(None, (path, *map(str, steps))))


def _open(gate: Gate, column: NDArray[np.int64]) -> list[int]:
    return [row for row, answer in enumerate(column.tolist()) if answer in gate.opens]


@lru_cache(maxsize=64)
def _places(key: Same) -> dict[str, int]:
    """Return the column of each hole in `positions`."""
    return {slot.path: k for k, slot in enumerate(slots(key.value))}


@lru_cache(maxsize=64)
def _gates(key: Same) -> frozenset[str]:
    found = _found(key)
    behind = [slot.gate for slot in found.holes.values()]
    behind += [cell.gate for cell in found.cells.values()]
    return frozenset(gate.path for gate in behind if gate)


@lru_cache(maxsize=64)
def _found(key: Same) -> Found:
    found = Found({}, {})
    _visit(key.value, "", None, found)
    return found


def _visit(node: Any, path: str, gate: Gate | None, found: Found) -> None:
    """Add what is below `node`, in the order in which `resolve` would ask for it."""
    match node:
        case Choice(options):
            found.holes.setdefault(path, Slot(path, node, gate))
            for i, option in enumerate(options):
                if isinstance(option, Op):
                    _visit(option, join(path, option.name), Gate(path, frozenset({i})), found)
        case Range():
            found.holes.setdefault(path, Slot(path, node, gate))
        case Repeat(child, _, tied):
            for i, behind in enumerate(_copies(node, path, gate, found)):
                _visit(child, join(path, "each" if tied else i), behind, found)
        case _:
            if isinstance(node, Dag):
                found.cells.setdefault(path, Cell(path, node, gate))
            for steps, child in _children(node):
                _visit(child, join(path, *steps), gate, found)


def _children(node: Any) -> list[tuple[tuple[object, ...], Any]]:
    """Return what is always there of a node, with the steps to it."""
    match node:
        case Op(_, params):
            return [((name,), value) for name, value in params]
        case Seq():
            return [((step,), child) for step, child in node.steps()]
        case Dag(edges, _, _, vertices):
            found: list[tuple[tuple[object, ...], Any]] = []
            found += [(("vertex", k), vertex) for k, vertex in enumerate(vertices)]
            for i, (source, _, child) in enumerate(edges):
                found += [((i, "from"), source), *_parts(i, child)]
            return found
    return []


def _parts(edge: int, child: Any) -> list[tuple[tuple[object, ...], Any]]:
    """Return what an edge of a cell applies, one part for each of its sources."""
    if isinstance(child, tuple):
        return [((edge, k), part) for k, part in enumerate(child)]
    return [((edge,), child)]


def _copies(node: Repeat, path: str, gate: Gate | None, found: Found) -> list[Gate | None]:
    """Return what opens each copy; tied ones are looked at once."""
    if isinstance(node.times, int):
        gates: list[Gate | None] = [gate] * node.times
    else:
        depth = join(path, "depth")
        _visit(node.times, depth, gate, found)
        counts = [int(value) for value in node.times.values]
        gates = [
            Gate(depth, frozenset(i for i, count in enumerate(counts) if count > copy))
            for copy in range(max(counts))
        ]
    return gates[:1] if node.tied else gates
