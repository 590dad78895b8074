"""Features of the answers outside of the cells' graphs: widths, depths, kinds, and where they are.

The holes of one kind (the widths of all layers, say) share a path but for its numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from archwright.core.encode.holes import Slot, cell_slots, slots
from archwright.core.space import Node, Same, Value

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Kind:
    """Holes of one kind.

    Args:
        columns: Where they are in `positions`.
        values: What each may be filled with.
        gated: Whether some of them may be closed.
        words: All of the answers where they are words, or yes and no.
        logs: Whether the answers are numbers above 0 that differ tenfold.
    """

    name: str
    columns: tuple[int, ...]
    values: tuple[Sequence[Value], ...]
    gated: bool
    words: tuple[Value, ...] = ()
    logs: bool = False

    @property
    def told(self) -> tuple[str, ...]:
        """What is told of this kind of hole."""
        several = len(self.columns) > 1
        if self.words:
            counts = [f"count {word}" for word in self.words]
            return (*counts, *(f"place {word}" for word in self.words if several))
        told = ("sum", "mean", "low", "high", "trend") if several else ("value",)
        return ("open", *told) if self.gated else told


def answer_features(space: Node, row: NDArray[np.int64]) -> Floats:
    """Return what `answer_names` tells of an architecture, given its `positions`."""
    told = [_words(kind, row) if kind.words else _numbers(kind, row) for kind in kinds(space)]
    return np.array([each for values in told for each in values], dtype=np.float32)


def answer_names(space: Node) -> tuple[str, ...]:
    """Return the name of each feature, with the path that the holes share.

    Of numbers: how many holes are `open` where that differs, their `sum`, `mean`, `low`, `high` and
    `trend` (last less first); in logarithms where all that can be answered is above 0 and differs
    tenfold. Of words: the `count` of each, and its mean `place` among the open holes, from 0 to 1,
    0.5 where there is none.
    """
    return tuple(f"{kind.name}: {told}" for kind in kinds(space) for told in kind.told)


def kinds(space: Node) -> tuple[Kind, ...]:
    """Return the kinds of holes that are no part of a cell's graph, in the order of a walk."""
    return _kinds(Same(space))


@lru_cache(maxsize=64)
def _kinds(key: Same) -> tuple[Kind, ...]:
    cells = [cell.path for cell in cell_slots(key.value)]
    groups: dict[tuple[str, bool], list[tuple[int, Slot]]] = {}
    for column, slot in enumerate(slots(key.value)):
        if not any(_wires(cell, slot.path) for cell in cells):
            steps = [step for step in slot.path.split("/") if not _is_copy(step)]
            group = ("/".join(steps) or "space", _is_number(slot.hole.values))
            groups.setdefault(group, []).append((column, slot))
    return tuple(_kind(*group, members) for group, members in groups.items())


def _kind(name: str, number: bool, members: list[tuple[int, Slot]]) -> Kind:
    columns = tuple(column for column, _ in members)
    values = tuple(slot.hole.values for _, slot in members)
    gated = any(slot.gate for _, slot in members)
    if not number:
        words = tuple(dict.fromkeys(value for each in values for value in each))
        return Kind(name, columns, values, gated, words)
    low = min(float(value) for each in values for value in each)
    high = max(float(value) for each in values for value in each)
    return Kind(name, columns, values, gated, logs=0 < low <= high / 10)


def _wires(cell: str, path: str) -> bool:
    """Whether a hole chooses what an edge or a vertex of the cell is, or where an edge starts."""
    inner = path.removeprefix(f"{cell}/") if cell else path
    last = path.rpartition("/")[2]
    return (not cell or inner != path) and (last.isdigit() or last == "from")


def _is_copy(step: str) -> bool:
    """Whether a step tells which of several copies, not what it is."""
    return step.isdigit() or step == "each"


def _is_number(values: Sequence[Value]) -> bool:
    return isinstance(values, range) or not any(isinstance(each, bool | str) for each in values)


def _given(kind: Kind, row: NDArray[np.int64]) -> list[Value]:
    """Return the answers of the open holes of a kind, in the order of a walk."""
    places = zip(kind.values, row[list(kind.columns)].tolist(), strict=True)
    return [values[place] for values, place in places if place >= 0]


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
    if kind.logs:
        values = [math.log(value) for value in values]
    if not values:
        return [0.0] * len(kind.told)
    count = [float(len(values))] if kind.gated else []
    if len(kind.columns) == 1:
        return [*count, *values]
    total, trend = sum(values), values[-1] - values[0]
    return [*count, total, total / len(values), min(values), max(values), trend]
