"""Path encoding: which sequences of operations lead through a cell.

White et al., 2021 (BANANAS, arXiv:1910.11858). Ours differs in that dead edges are left out first,
and in that a cell of several inputs has paths of its own for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice, product

import numpy as np
from numpy.typing import NDArray

from archwright.core.architecture import Architecture
from archwright.core.encode.cells import cell_graphs, require_cells
from archwright.core.encode.holes import Cell
from archwright.core.encode.vocabulary import longest, vocabulary
from archwright.core.graph import Graph
from archwright.core.space import Dag, Node
from archwright.errors import SpaceError

Way = tuple[int, tuple[str, ...]]
"""The input that a path starts from, and the operations on it."""

MOST_COLUMNS = 100_000


def paths(graph: Graph) -> frozenset[Way]:
    """Return each way from an input to the output. One-way: where ways share parts is lost."""
    before: list[set[Way]] = []
    for vertex, op in enumerate(graph.ops):
        sources = [source for source, target in graph.edges if target == vertex]
        here = {way for source in sources for way in before[source]}
        if op == "input":
            here = {(vertex, ())}
        elif vertex < len(graph.ops) - 1:
            here = {(start, (*ops, op)) for start, ops in here}
        before.append(here)
    return frozenset(before[-1])


def path_encoding(space: Node, arch: Architecture, keep: int | None = None) -> NDArray[np.float32]:
    """Return, for each column of `path_names`, 1 where the architecture has that path. One-way.

    Args:
        keep: How many columns each cell has; the paths beyond are left out. Columns are ordered
            by length, and in a random cell short paths are the likely ones: the paper keeps 40 of
            the 364 of NAS-Bench-101. All if not given.

    Raises:
        SpaceError: the space has no cell, or more paths than can be kept; or the architecture is
            foreign to it.
    """
    found = require_cells(space, "a path encoding")
    widths = [_width(cell, keep) for cell in found]
    graphs = cell_graphs(space, arch)
    row, first = np.zeros(sum(widths), dtype=np.float32), 0
    for cell, width in zip(found, widths, strict=True):
        ways = paths(graphs[cell.path]) if cell.path in graphs else frozenset[Way]()
        columns = [_column(cell.dag, way) for way in ways]
        row[[first + column for column in columns if column < width]] = 1
        first += width
    return row


def path_names(space: Node, keep: int | None = None) -> tuple[str, ...]:
    """Return the path of each column of `path_encoding`: the shortest first.

    Raises:
        SpaceError: the space has no cell, or more paths than can be kept.
    """
    found = require_cells(space, "a path encoding")
    return tuple(
        f"{cell.path}: {'>'.join(('input' if cell.dag.inputs == 1 else f'input {start}', *ops))}"
        for cell in found
        for start, ops in islice(_ways(cell.dag), _width(cell, keep))
    )


def _ways(dag: Dag) -> Iterator[Way]:
    """Return all that could be a path through the cell, in the order of `_column`."""
    names = vocabulary(dag)
    lengths = (product(range(dag.inputs), product(names, repeat=n)) for n in _lengths(dag))
    return chain.from_iterable(lengths)


def _column(dag: Dag, way: Way) -> int:
    """Return the place of a path: by length, then by input, then as a number to the base of ops."""
    start, ops = way
    names = vocabulary(dag)
    digits: list[int] = [names.index(op) for op in ops]
    shorter: int = sum(dag.inputs * len(names) ** n for n in _lengths(dag) if n < len(digits))
    place = start
    for digit in digits:
        place = place * len(names) + digit
    return shorter + place


def _lengths(dag: Dag) -> range:
    """Return how many operations a path may have; none where states without one hand on."""
    return range(0 if dag.vertices else 1, longest(dag) + 1)


def _width(cell: Cell, keep: int | None) -> int:
    if keep is not None and keep < 1:
        raise SpaceError(f"{cell.path}: a path encoding keeps at least one path, not {keep}")
    every: int = sum(cell.dag.inputs * len(vocabulary(cell.dag)) ** n for n in _lengths(cell.dag))
    width = every if keep is None else min(every, keep)
    if width > MOST_COLUMNS:
        raise SpaceError(
            f"{cell.path}: there are {every} paths that this cell could have; say how many of the"
            f" shortest to keep, {MOST_COLUMNS} at most"
        )
    return width
