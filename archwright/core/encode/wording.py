"""What the texts of others have in common: an operation for each edge of one of a space's cells.

They know a space by the shape of its cells, not by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from archwright.core.architecture import Architecture, record
from archwright.core.encode.cells import require_cells
from archwright.core.encode.holes import Cell, open_cells, positions
from archwright.core.space import Choice, Dag, Hole, Node, Op, Value, label
from archwright.errors import SpaceError, nearest


def find_cells(space: Node, fits: Callable[[Dag], bool], *, count: int, what: str) -> list[Cell]:
    """Return the cells of a space that a text can describe.

    Raises:
        SpaceError: they are not `count`; `what` says what is looked for.
    """
    every = require_cells(space, what)
    found = [cell for cell in every if fits(cell.dag)]
    if len(found) != count:
        have = ", ".join(cell.path for cell in found) if found else "none"
        wanted = "one cell" if count == 1 else f"{count} cells"
        raise SpaceError(
            f"{every[0].path or 'the cell'}: {what} describes a space with {wanted} of its shape,"
            f" and this one has {have}; `sequence` and `one_hot` serve every space"
        )
    return found


def require_open(space: Node, arch: Architecture, cells: list[Cell]) -> None:
    """Raise SpaceError unless the architecture is the space's and has all of these cells."""
    found = open_cells(space, positions(space, arch))
    for cell in cells:
        if cell not in found:
            raise SpaceError(f"{cell.path}: the architecture does not have this cell")


def read_op(node: Any, path: str, arch: Architecture) -> str:
    """Return the name of the operation that an architecture has on an edge or a state."""
    return node.name if isinstance(node, Op) else str(arch.answers[path])


def fill_op(node: Any, path: str, name: str, place: str) -> Mapping[str, Value]:
    """Return the answer that puts the operation `name` on an edge or a state.

    Raises:
        SpaceError: it is not offered there; `place` is where it was read.
    """
    known = [str(value) for value in offered(node)]
    if name not in known:
        raise SpaceError(f"{place}: {path} has no operation {name!r}{nearest(name, known)}")
    return {} if isinstance(node, Op) else {path: name}


def offered(node: Any) -> tuple[Value, ...]:
    """Return the answers of a choice; of what is fixed, its own."""
    return tuple(node.values) if isinstance(node, Choice) else (label(node),)


def is_op(node: Any) -> bool:
    """Whether a text can name what is there: one operation, or a choice among some."""
    if isinstance(node, Choice):
        return all(isinstance(option, Op) for option in node.options)
    return isinstance(node, Op)


def fill(space: Node, answers: Mapping[str, Value], what: str) -> Architecture:
    """Return the architecture with these answers.

    Raises:
        SpaceError: the space has a hole of which the text says nothing.
    """

    def decide(path: str, _hole: Hole) -> Value:
        if path not in answers:
            raise SpaceError(f"{path}: {what} says nothing of this hole")
        return answers[path]

    return record(space, decide)
