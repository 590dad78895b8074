"""One-hot rows: a column for each option of each hole; what a kernel or a linear model reads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from archwright.core.architecture import Architecture, record
from archwright.core.encode.holes import positions_many, slots
from archwright.core.space import Hole, Node, Range, Same, Value
from archwright.errors import SpaceError


def one_hot(space: Node, arch: Architecture) -> NDArray[np.float32]:
    """Return one column for each option of each `Choice`, two for each `Range`.

    A range has its answer on a scale from 0 to 1 (in logarithms where it draws so), and a column
    that is 1 where the hole is open. Closed holes are zeros. Round-trips with `from_one_hot`.

    Raises:
        SpaceError: the architecture is foreign to the space; names the path.
    """
    row: NDArray[np.float32] = one_hot_many(space, [arch])[0]
    return row


def one_hot_many(space: Node, archs: Sequence[Architecture]) -> NDArray[np.float32]:
    """Return `one_hot` of each architecture as the rows of a matrix."""
    table = positions_many(space, archs)
    rows = np.zeros((len(archs), len(one_hot_names(space))), dtype=np.float32)
    columns = _columns(Same(space))
    for k, slot in enumerate(slots(space)):
        start = columns[slot.path]
        opened = np.flatnonzero(table[:, k] >= 0)
        answers = table[opened, k]
        if isinstance(slot.hole, Range):
            rows[opened, start] = _scaled(slot.hole, answers)
            rows[opened, start + 1] = 1
        else:
            rows[opened, start + answers] = 1
    return rows


def one_hot_names(space: Node) -> tuple[str, ...]:
    """Return what each column of `one_hot` stands for: `path=answer`, `path`, `path is open`."""
    return tuple(name for slot in slots(space) for name in _names(slot.path, slot.hole))


def from_one_hot(space: Node, vector: Sequence[float] | NDArray[np.float32]) -> Architecture:
    """Return the architecture of a row; where columns of a choice compete, the largest wins.

    Raises:
        SpaceError: a wrong number of columns, or a hole that opens has only zeros.
    """
    row, columns = np.asarray(vector, dtype=np.float64), _columns(Same(space))
    width = len(one_hot_names(space))
    if row.shape != (width,):
        raise SpaceError(f"a one-hot row of this space has shape ({width},), not {row.shape}")

    def decide(path: str, hole: Hole) -> Value:
        start = columns[path]
        if isinstance(hole, Range):
            return _unscaled(hole, path, row[start : start + 2])
        mine = row[start : start + len(hole.values)]
        if not mine.max() > 0:  # also where a column is not a number
            raise SpaceError(f"{path}: none of its columns {start} to {start + len(mine) - 1} is 1")
        return hole.values[int(mine.argmax())]

    return record(space, decide)


def _scaled(hole: Range, answers: NDArray[np.int64]) -> NDArray[np.float64]:
    if hole.low == hole.high:
        return np.zeros(len(answers))
    if hole.log:
        return np.log1p(answers / hole.low) / math.log(hole.high / hole.low)
    return answers / (hole.high - hole.low)


def _unscaled(hole: Range, path: str, columns: NDArray[np.float64]) -> int:
    scale, opened = map(float, columns)
    if not opened > 0:
        raise SpaceError(f"{path}: the hole opens, but its column `{path} is open` is not 1")
    if not -1e-6 <= scale <= 1 + 1e-6:  # rows are float32
        raise SpaceError(f"{path}: its scale runs from 0 to 1, not {scale}")
    if hole.log:
        return round(hole.low * math.exp(scale * math.log(hole.high / hole.low)))
    return hole.low + round(scale * (hole.high - hole.low))


def _names(path: str, hole: Hole) -> tuple[str, ...]:
    if isinstance(hole, Range):
        return (path, f"{path} is open")
    return tuple(f"{path}={value}" for value in hole.values)


@lru_cache(maxsize=64)
def _columns(key: Same) -> dict[str, int]:
    """Return the first column of each hole."""
    first, columns = 0, {}
    for slot in slots(key.value):
        columns[slot.path] = first
        first += len(_names(slot.path, slot.hole))
    return columns
