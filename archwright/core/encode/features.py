"""Features: what a network is like, in numbers that a surrogate can learn from few trainings.

Cells are described by their graphs, all else by what the holes of one kind are filled with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from archwright.core.architecture import Architecture
from archwright.core.encode.answers import answer_features, answer_names
from archwright.core.encode.cells import graph_of
from archwright.core.encode.holes import cell_slots, open_cells, positions
from archwright.core.encode.topology import shape_features, shape_names
from archwright.core.ranks import ranks
from archwright.core.space import Node, Same, Value
from archwright.errors import SpaceError

KEPT = 1024
"""Rows that are remembered, some kilobytes each."""


def features(space: Node, arch: Architecture) -> NDArray[np.float32]:
    """Return what `feature_names` tells of the architecture. One-way.

    For each cell those of GRAF (Kadlecova et al., 2024, arXiv:2404.16551), see `topology`; cells
    that the architecture does not have are zeros. Then what the holes outside of the cells and the
    parameters inside are filled with, see `answers`.

    Raises:
        SpaceError: the architecture is foreign to the space; names the path.
    """
    return _row(Same(space), arch).copy()


def features_many(space: Node, archs: Sequence[Architecture]) -> NDArray[np.float32]:
    """Return `features` of each architecture as the rows of a matrix."""
    key, rows = Same(space), np.empty((len(archs), len(feature_names(space))), dtype=np.float32)
    for i, arch in enumerate(archs):
        rows[i] = _row(key, arch)
    return rows


def feature_names(space: Node) -> tuple[str, ...]:
    """Return the name of each column of `features`, with the path of the cell it speaks of."""
    return _names(Same(space))


def hybrid(
    space: Node, archs: Sequence[Architecture], scores: Mapping[str, ArrayLike]
) -> NDArray[np.float32]:
    """Return the features of a pool, and behind them a column for each of the scores. One-way.

    Scores (zero-cost ones, costs) share no unit, so that a column holds ranks within the pool,
    from 0 to 1: the share of the pool that is below, ties in the middle, NaN last.

    Args:
        scores: From the name of a score to its values, one for each architecture.

    Raises:
        SpaceError: an architecture is foreign to the space, or a score has too few values.
    """
    columns = [features_many(space, archs)]
    for name, values in scores.items():
        if np.shape(values) != (len(archs),):
            raise SpaceError(
                f"the score {name!r} has values of shape {np.shape(values)} for a pool of"
                f" {len(archs)} architectures; it needs one for each"
            )
        columns.append(((ranks(values) - 0.5) / max(1, len(archs)))[:, None].astype(np.float32))
    return np.concatenate(columns, axis=1)


@lru_cache(maxsize=64)
def _names(key: Same) -> tuple[str, ...]:
    space = key.value
    told = [f"{cell.path}: {name}" for cell in cell_slots(space) for name in shape_names(cell.dag)]
    return (*told, *answer_names(space))


@lru_cache(maxsize=KEPT)
def _row(key: Same, arch: Architecture) -> NDArray[np.float32]:
    space = key.value
    places = positions(space, arch)
    there = {cell.path for cell in open_cells(space, places)}
    cells = [
        _cell(key, i, _below(arch, cell.path))
        if cell.path in there
        else np.zeros(len(shape_names(cell.dag)), dtype=np.float32)
        for i, cell in enumerate(cell_slots(space))
    ]
    return np.concatenate([*cells, answer_features(space, places)], dtype=np.float32)


def _below(arch: Architecture, path: str) -> tuple[tuple[str, Value], ...]:
    """Return the answers to the holes below a path."""
    start = f"{path}/" if path else ""
    return tuple(each for each in arch.decisions if each[0].startswith(start))


@lru_cache(maxsize=KEPT)  # neighbours differ in one cell; the others need not be looked at again
def _cell(key: Same, number: int, answers: tuple[tuple[str, Value], ...]) -> NDArray[np.float32]:
    cell = cell_slots(key.value)[number]
    return shape_features(cell.dag, graph_of(cell, dict(answers)))
