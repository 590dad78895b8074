"""Features of the answers outside of the cells' graphs: widths, depths, kinds, and where they are.

The holes of one kind (the widths of all layers, say) share a path but for its numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from archwright.core.architecture import Architecture
from archwright.core.encode.holes import Same, Slot, cell_slots, positions, slots
from archwright.core.space import Choice, Node, Range, Value

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Kind:
    """Holes of one kind: their columns in `positions`, and their answers where they have names."""

    name: str
    columns: tuple[int, ...]
    holes: tuple[Choice | Range, ...]
    words: tuple[Value, ...] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """What is told of this kind of hole."""
        several = len(self.columns) > 1
        if self.words:
            counts = [f"count {word}" for word in self.words]
            return (*counts, *(f"place {word}" for word in self.words if several))
        return ("open", "sum", "mean", "low", "high", "trend") if several else ("value",)


def answer_features(space: Node, arch: Architecture) -> Floats:
    """Return what `answer_names` tells of the architecture."""
    row = positions(space, arch)
    told = [_words(kind, row) if kind.words else _numbers(kind, row) for kind in kinds(space)]
    return np.array([each for values in told for each in values], dtype=np.float32)


def answer_names(space: Node) -> tuple[str, ...]:
    """Return the name of each feature, with the path that the holes share.

    Of numbers: how many holes are `open`, their `sum`, `mean`, `low`, `high` and `trend` (last less
    first); in logarithms where all that can be answered is above 0 and differs tenfold. Of words:
    the `count` of each, and its mean `place` among the open holes, from 0 to 1, 0.5 where there is
    none.
    """
    return tuple(f"{kind.name}: {told}" for kind in kinds(space) for told in kind.told)


def kinds(space: Node) -> tuple[Kind, ...]:
    """Return the kinds of holes that are no part of a cell's graph, in the order of a walk."""
    return _kinds(Same(space))


@lru_cache(maxsize=64)
def _kinds(key: Same) -> tuple[Kind, ...]:
    cells = [cell.path for cell in cell_slots(key.space)]
    groups: dict[tuple[str, bool], list[tuple[int, Slot]]] = {}
    for column, slot in enumerate(slots(key.space)):
        if not any(_wires(cell, slot.path) for cell in cells):
            steps = [step for step in slot.path.split("/") if not step.isdigit()]
            group = ("/".join(steps) or "space", _is_number(slot.hole))
            groups.setdefault(group, []).append((column, slot))
    return tuple(
        Kind(
            name,
            tuple(column for column, _ in members),
            tuple(slot.hole for _, slot in members),
            () if number else _all_words([slot.hole for _, slot in members]),
        )
        for (name, number), members in groups.items()
    )


def _wires(cell: str, path: str) -> bool:
    """Whether a hole chooses what an edge or a vertex of the cell is, or where an edge starts."""
    inner = path.removeprefix(f"{cell}/") if cell else path
    last = path.rpartition("/")[2]
    return (not cell or inner != path) and (last.isdigit() or last == "from")


def _is_number(hole: Choice | Range) -> bool:
    if isinstance(hole, Range):
        return True
    return not any(isinstance(value, bool | str) for value in hole.values)


def _all_words(holes: list[Choice | Range]) -> tuple[Value, ...]:
    return tuple(dict.fromkeys(value for hole in holes for value in hole.values))


def _given(kind: Kind, row: NDArray[np.int64]) -> list[Value]:
    """Return the answers of the open holes of a kind, in the order of a walk."""
    places = zip(kind.holes, row[list(kind.columns)].tolist(), strict=True)
    return [hole.values[place] for hole, place in places if place >= 0]


def _words(kind: Kind, row: NDArray[np.int64]) -> list[float]:
    answers = _given(kind, row)
    at = [[k for k, value in enumerate(answers) if value == word] for word in kind.words]
    counts = [float(len(places)) for places in at]
    if len(kind.columns) == 1:
        return counts
    last = max(1, len(answers) - 1)
    return [*counts, *(sum(places) / len(places) / last if places else 0.5 for places in at)]


def _numbers(kind: Kind, row: NDArray[np.int64]) -> list[float]:
    values = [float(value) for value in _given(kind, row)]
    if _in_logs(kind):
        values = [math.log(value) for value in values]
    if len(kind.columns) == 1:
        return values or [0.0]
    if not values:
        return [0.0] * len(kind.told)
    total, count = sum(values), len(values)
    return [count, total, total / count, min(values), max(values), values[-1] - values[0]]


def _in_logs(kind: Kind) -> bool:
    """Whether the answers are above 0 and differ tenfold or more."""
    ends = [float(value) for hole in kind.holes for value in _extremes(hole)]
    return min(ends) > 0 and max(ends) >= 10 * min(ends)


def _extremes(hole: Choice | Range) -> tuple[Value, ...]:
    return (hole.low, hole.high) if isinstance(hole, Range) else hole.values
