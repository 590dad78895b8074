"""The cells of NAS-Bench-101 as that table has them: a matrix of edges and a list of operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from archwright.core.architecture import Architecture
from archwright.core.encode.holes import Cell, join
from archwright.core.encode.vocabulary import states
from archwright.core.encode.wording import (
    fill,
    fill_op,
    find_cells,
    is_op,
    offered,
    read_op,
    require_open,
)
from archwright.core.graph import dead
from archwright.core.space import Dag, Node, Value, ends
from archwright.errors import SpaceError

NB101 = "a NAS-Bench-101 matrix"


def nb101_matrix(space: Node, arch: Architecture) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Return the cell's matrix of edges and its operations from `input` to `output`.

    As Ying et al., 2019 (arXiv:1902.09635) have it, edges that lead nowhere included. One-way:
    which of its holes chose an edge is lost. `from_nb101_matrix` gives one of the architectures
    that have this matrix.

    Raises:
        SpaceError: the space has no cell of this kind (free edges, operations on the states), or
            further ones; or the architecture is foreign to it.
    """
    cell = _free_cell(space)
    require_open(space, arch, [cell])
    last = states(cell.dag)
    matrix = np.zeros((last + 1, last + 1), dtype=np.uint8)
    for i, (_, target) in _edges(cell.dag):
        (source,), end = ends(arch.answers[join(cell.path, i, "from")], target)
        matrix[source, end] = 1
    inner = [
        read_op(node, join(cell.path, "vertex", k), arch)
        for k, node in enumerate(cell.dag.vertices[: last - 1])
    ]
    return matrix, ("input", *inner, "output")


def from_nb101_matrix(space: Node, matrix: ArrayLike, ops: Sequence[str]) -> Architecture:
    """Return the architecture that chooses the edges of a matrix from the first to the last.

    Cells of fewer states than the space's may be given; the operations of the states that are left
    over, which nothing reaches, are the first that the space offers.

    Raises:
        SpaceError: the matrix is malformed, or has an edge or an operation that the space does not
            offer; names the place.
    """
    cell = _free_cell(space)
    table, last = np.asarray(matrix), states(cell.dag)
    _require_matrix(table, ops, last)
    edges = []
    for start, end in np.argwhere(table != 0).tolist():
        edges.append((start, last if end == len(ops) - 1 else end))
    free = _edges(cell.dag)
    if not 1 <= len(edges) <= len(free):
        raise SpaceError(f"{NB101} has 1 to {len(free)} edges here, not {len(edges)}")
    answers: dict[str, Value] = {}
    for i, (source, target) in free:
        answers[join(cell.path, i, "from")] = _answer(source, target, edges[min(i, len(edges) - 1)])
    for k, node in enumerate(cell.dag.vertices[: last - 1]):
        path = join(cell.path, "vertex", k)
        name = _name(node, ops[k + 1]) if k + 2 < len(ops) else str(offered(node)[0])
        answers |= fill_op(node, path, name, f"operation {k + 1}")
    return fill(space, answers, NB101)


def _free_cell(space: Node) -> Cell:
    return find_cells(space, _is_free, count=1, what=NB101)[0]


def _is_free(dag: Dag) -> bool:
    """Whether each edge chooses both of its ends, and all states but the last have operations."""
    free = all(
        "-" in str(answer) for _, (source, _) in _edges(dag) for answer in offered(source)
    ) and all(dead(node) for source, _, node in dag.edges if isinstance(source, int))
    named = all(map(is_op, dag.vertices[: states(dag) - 1]))
    whole = dag.inputs == 1 and dag.output == "last" and len(dag.vertices) >= states(dag) - 1
    return free and named and whole and bool(dag.vertices)


def _edges(dag: Dag) -> list[tuple[int, tuple[Any, int]]]:
    """Return the ends of each edge that chooses them; others may be there, but give nothing."""
    edges = enumerate(dag.edges)
    return [(i, edge[:2]) for i, edge in edges if not isinstance(edge[0], int)]


def _name(node: Any, name: str) -> str:
    """Return an operation's name as the space has it: the table's end in `-bn-relu`."""
    return name if name in offered(node) else name.removesuffix("-bn-relu")


def _answer(source: Any, target: int, edge: tuple[int, int]) -> Value:
    """Return the answer that names an edge."""
    for answer in offered(source):
        (start,), end = ends(answer, target)
        if (start, end) == edge:
            return answer
    raise SpaceError(f"matrix{list(edge)}: the space offers no edge from {edge[0]} to {edge[1]}")


def _require_matrix(table: NDArray[np.generic], ops: Sequence[str], last: int) -> None:
    if table.ndim != 2 or table.shape != (len(ops), len(ops)) or not 2 <= len(ops) <= last + 1:
        raise SpaceError(
            f"{NB101} has as many rows and columns as operations, 2 to {last + 1}; these are"
            f" {table.shape} and {len(ops)}"
        )
    for place in np.argwhere(table != 0).tolist():
        if table[*place] != 1 or place[0] >= place[1]:
            raise SpaceError(f"matrix{place} is {table[*place]}; it is 0 or 1, above the diagonal")
    if (ops[0], ops[-1]) != ("input", "output"):
        raise SpaceError(f"operations run from 'input' to 'output', not {ops[0]!r} to {ops[-1]!r}")
