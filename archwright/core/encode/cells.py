"""The cells of an architecture as graphs and matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from archwright.core.architecture import Architecture
from archwright.core.encode.holes import Cell, cell_slots, open_cells, positions, slots
from archwright.core.encode.vocabulary import vocabulary
from archwright.core.graph import Graph
from archwright.core.graph import cell as graph_of_cell
from archwright.core.space import Node, Value, resolve
from archwright.errors import SpaceError


def cell_graphs(space: Node, arch: Architecture) -> dict[str, Graph]:
    """Return the graph of each cell of the architecture by its path in the space, tied ones once.

    Each vertex between the inputs and the output is one operation of the cell's `vocabulary`; what
    is dead is left out. One-way: equal graphs may have different answers.

    Raises:
        SpaceError: the architecture is foreign to the space; names the path.
    """
    cells = open_cells(space, positions(space, arch))
    return {cell.path: graph_of(cell, arch.answers) for cell in cells}


def graph_of(cell: Cell, answers: Mapping[str, Value]) -> Graph:
    """Return the graph of a cell whose holes are answered so, see `cell_graphs`."""
    tree = resolve(cell.dag, lambda path, _hole: answers[path], cell.path)
    return _plain(graph_of_cell(tree), vocabulary(cell.dag))


def require_cells(space: Node, wanted: str) -> tuple[Cell, ...]:
    """Return the cells of the space.

    Raises:
        SpaceError: there is none, so that it cannot have what is `wanted`.
    """
    found = cell_slots(space)
    if not found:
        paths = [slot.path for slot in slots(space)] or ["the space"]
        raise SpaceError(
            f"{paths[0]}: {wanted} describes cells, and this space has none;"
            " `one_hot`, `sequence` and `features` serve every space"
        )
    return found


def adjacency(graph: Graph) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Return how often each row's vertex feeds each column's, and the operation of each vertex.

    Round-trips with `from_adjacency`; one-way from the architecture, see `cell_graphs`.
    """
    matrix = np.zeros((len(graph.ops), len(graph.ops)), dtype=np.uint8)
    for source, target in graph.edges:
        matrix[source, target] += 1
    return matrix, graph.ops


def from_adjacency(matrix: ArrayLike, ops: Sequence[str]) -> Graph:
    """Return the graph of a matrix, its edges ordered by target, then by source.

    Raises:
        SpaceError: the matrix is not square over `ops`, or an edge leads backwards.
    """
    table = np.asarray(matrix)
    if table.shape != (len(ops), len(ops)):
        raise SpaceError(f"{len(ops)} operations need a square matrix, not shape {table.shape}")
    for source, target in np.argwhere(table != 0).tolist():
        count = table[source, target]
        if source >= target or count < 0 or count != int(count):
            raise SpaceError(
                f"matrix[{source}, {target}] is {count}; edges lead to later vertices and are"
                " counted in whole numbers"
            )
    edges = [(s, t) for t, s in np.argwhere(table.T != 0).tolist() for _ in range(int(table[s, t]))]
    return Graph(tuple(ops), tuple(edges))


def _plain(graph: Graph, names: Sequence[str]) -> Graph:
    """Return the graph with one of these operations on each vertex.

    Several that share an edge follow each other; a state without one hands on what it is given.
    """
    ops: list[str] = []
    edges: list[tuple[int, int]] = []
    stands_for: list[list[int]] = []
    for vertex, told in enumerate(graph.ops):
        sources = [s for start, end in graph.edges if end == vertex for s in stands_for[start]]
        for op in told.split("+"):
            if op in names or op in ("input", "output"):
                edges += [(source, len(ops)) for source in sources]
                ops.append(op)
                sources = [len(ops) - 1]
        stands_for.append(sources)
    return Graph(tuple(ops), tuple(edges))
