"""The short texts in which tables write architectures: NAS-Bench-201 and NAS-Bench-Macro."""

from __future__ import annotations

from archwright.core.architecture import Architecture
from archwright.core.encode.holes import Cell, join, positions, slots
from archwright.core.encode.vocabulary import states
from archwright.core.encode.wording import (
    fill,
    fill_op,
    find_cells,
    is_op,
    read_op,
    require_open,
)
from archwright.core.space import Choice, Dag, Node, Value
from archwright.errors import SpaceError

NB201 = "a NAS-Bench-201 text"
DIGITS = "a text of digits"


def nb201_text(space: Node, arch: Architecture) -> str:
    """Return the cell as `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|` (arXiv:2001.00326).

    Round-trips with `from_nb201_text`.

    Raises:
        SpaceError: the space has no cell of this kind (an operation between every two states), or
            further ones; or the architecture is foreign to it.
    """
    cell = _complete_cell(space)
    require_open(space, arch, [cell])
    groups: dict[int, str] = {}
    for i, (source, target, node) in enumerate(cell.dag.edges):
        name = read_op(node, join(cell.path, i), arch)
        groups[target] = f"{groups.get(target, '|')}{name}~{source}|"
    return "+".join(groups.values())


def from_nb201_text(space: Node, text: str) -> Architecture:
    """Return the architecture of a `nb201_text`.

    Raises:
        SpaceError: the text is malformed, or the space cannot be described by it; names the place.
    """
    cell = _complete_cell(space)
    groups, count = text.strip().split("+"), states(cell.dag)
    if len(groups) != count:
        raise SpaceError(
            f"{NB201} has {count} groups joined by '+' here, not {len(groups)}: {text!r}"
        )
    names = [name for k, group in enumerate(groups) for name in _items(group, k)]
    answers: dict[str, Value] = {}
    for i, ((source, target, node), name) in enumerate(zip(cell.dag.edges, names, strict=True)):
        place = f"group {target - 1}, item {source}"
        answers |= fill_op(node, join(cell.path, i), name, place)
    return fill(space, answers, NB201)


def digits(space: Node, arch: Architecture) -> str:
    """Return one digit for each hole, such as `22212202` (NAS-Bench-Macro, arXiv:2103.11922).

    Round-trips with `from_digits`.

    Raises:
        SpaceError: the space has other holes than choices that are always open, with at most ten
            options; or the architecture is foreign to it.
    """
    _require_digits(space)
    return "".join(map(str, positions(space, arch).tolist()))


def from_digits(space: Node, text: str) -> Architecture:
    """Return the architecture of a text of `digits`.

    Raises:
        SpaceError: the text has another length than the space has holes, or a digit that its hole
            does not have; or the space cannot be described by it. Names position and path.
    """
    _require_digits(space)
    known = slots(space)
    if len(text) != len(known):
        raise SpaceError(f"{DIGITS} has {len(known)} of them here, not {len(text)}: {text!r}")
    answers: dict[str, Value] = {}
    for k, (slot, digit) in enumerate(zip(known, text, strict=True)):
        choices = "0123456789"[: len(slot.hole.values)]
        if digit not in choices:
            raise SpaceError(f"position {k}, {slot.path}: {digit!r} is not one of {choices}")
        answers[slot.path] = slot.hole.values[int(digit)]
    return fill(space, answers, DIGITS)


def _complete_cell(space: Node) -> Cell:
    return find_cells(space, _is_complete, count=1, what=NB201)[0]


def _is_complete(dag: Dag) -> bool:
    """Whether the cell has one operation between every two states, ordered by target."""
    pairs = [(source, target) for target in range(1, states(dag) + 1) for source in range(target)]
    wired = [(source, target) for source, target, _ in dag.edges]
    named = all(is_op(node) for _, _, node in dag.edges)
    return (
        dag.inputs == 1 and dag.output == "last" and not dag.vertices and wired == pairs and named
    )


def _items(group: str, k: int) -> list[str]:
    """Return the names of the operations of a group, `|name~0|name~1|...|`."""
    items = group.strip().strip("|").split("|")
    if not (group.strip().startswith("|") and group.strip().endswith("|")) or len(items) != k + 1:
        raise SpaceError(f"group {k}: expected {k + 1} of |operation~state|, not {group!r}")
    for source, item in enumerate(items):
        name, _, state = item.rpartition("~")
        if not name or state != str(source):
            raise SpaceError(
                f"group {k}, item {source}: expected an operation and ~{source}, not {item!r}"
            )
    return [item.rpartition("~")[0] for item in items]


def _require_digits(space: Node) -> None:
    for slot in slots(space):
        if not isinstance(slot.hole, Choice) or len(slot.hole.options) > 10 or slot.gate:
            raise SpaceError(
                f"{slot.path}: {DIGITS} describes choices that are always open, of at most ten"
                " options, and this hole is none; `sequence` serves every space"
            )
