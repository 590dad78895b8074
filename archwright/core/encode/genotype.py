"""The genotype texts of DARTS: two cells, in each of which a state takes two earlier ones."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

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
from archwright.core.space import Choice, Dag, Node, Value, ends
from archwright.errors import SpaceError

DARTS = "a DARTS genotype"
LONGEST = 10_000
"""Characters; what is longer is no genotype, and Python's parser has limits of its own."""

Pair = tuple[str, int]
"""An operation and the state that it is applied to."""


def darts_text(space: Node, arch: Architecture) -> str:
    """Return `Genotype(normal=[('op', 0), ...], normal_concat=range(2, 6), reduce=...)`.

    As Liu et al., 2019 (arXiv:1806.09055) write it: two pairs for each state. Round-trips with
    `from_darts_text`; texts of others do, but for the order of a state's two pairs.

    Raises:
        SpaceError: the space has no two cells of this kind, or the architecture is foreign to it.
    """
    cells = _darts_cells(space)
    require_open(space, arch, list(cells.values()))
    told = [
        f"{name}={_pairs(cell, arch)!r}, {name}_concat={_concat(cell.dag)!r}"
        for name, cell in cells.items()
    ]
    return f"Genotype({', '.join(told)})"


def from_darts_text(space: Node, text: str) -> Architecture:
    """Return the architecture of a genotype. Nothing in the text is run.

    Raises:
        SpaceError: the text is malformed, or says what the space does not offer; names the place.
    """
    fields = _fields(text)
    answers: dict[str, Value] = {}
    for name, cell in _darts_cells(space).items():
        answers |= _answers(cell, name, _read_pairs(fields, name))
        joined, expected = _literal(fields[f"{name}_concat"]), list(_concat(cell.dag))
        if joined != expected:
            raise SpaceError(f"{name}_concat: this space joins the states {expected}, not {joined}")
    return fill(space, answers, DARTS)


def _darts_cells(space: Node) -> dict[str, Cell]:
    """Return the two cells by the genotype's names for them."""
    found = find_cells(space, _takes_pairs, count=2, what=DARTS)
    found.sort(key=lambda cell: cell.path.rpartition("/")[2].startswith("reduc"))
    return dict(zip(("normal", "reduce"), found, strict=True))


def _takes_pairs(dag: Dag) -> bool:
    """Whether each state after the inputs takes two earlier ones, and the output all states."""
    targets = [target for _, target, _ in dag.edges]
    pairs = all(
        isinstance(source, Choice)
        and isinstance(node, tuple)
        and all(len(ends(answer, target)[0]) == 2 for answer in source.values)
        and all(map(is_op, node))
        for source, target, node in dag.edges
    )
    return pairs and dag.output == "concat" and targets == list(_concat(dag))


def _concat(dag: Dag) -> range:
    return range(dag.inputs, dag.inputs + states(dag))


def _pairs(cell: Cell, arch: Architecture) -> list[Pair]:
    pairs: list[Pair] = []
    for i, (_, target, nodes) in enumerate(cell.dag.edges):
        sources, _ = ends(arch.answers[join(cell.path, i, "from")], target)
        names = [read_op(node, join(cell.path, i, k), arch) for k, node in enumerate(nodes)]
        pairs += zip(names, sources, strict=True)
    return pairs


def _answers(cell: Cell, name: str, pairs: list[Pair]) -> Mapping[str, Value]:
    """Return the answers that a genotype's pairs stand for."""
    edges = cell.dag.edges
    if len(pairs) != 2 * len(edges):
        raise SpaceError(f"{name}: {2 * len(edges)} pairs describe this cell, not {len(pairs)}")
    answers: dict[str, Value] = {}
    for i, (source, target, nodes) in enumerate(edges):
        chosen = sorted(pairs[2 * i : 2 * i + 2], key=lambda pair: pair[1])
        wanted = tuple(state for _, state in chosen)
        fitting = [a for a in offered(source) if ends(a, target)[0] == wanted]
        if not fitting:
            raise SpaceError(
                f"{name}, pairs {2 * i} and {2 * i + 1}: state {target} takes two different states"
                f" before it, not {' and '.join(map(str, wanted))}"
            )
        answers[join(cell.path, i, "from")] = fitting[0]
        for k, (op, state) in enumerate(chosen):
            place = f"{name}, the pair ({op!r}, {state})"
            answers |= fill_op(nodes[k], join(cell.path, i, k), op, place)
    return answers


def _fields(text: str) -> dict[str, ast.expr]:
    """Return the genotype's four fields, not evaluated."""
    try:
        call = ast.parse(text.strip()[:LONGEST], mode="eval").body
    except (SyntaxError, ValueError) as error:
        where = f"character {getattr(error, 'offset', None) or 1}"
        raise SpaceError(f"{where}: this is no genotype; {_form()}") from None
    names = ("normal", "normal_concat", "reduce", "reduce_concat")
    fields = {str(each.arg): each.value for each in getattr(call, "keywords", ())}
    named = isinstance(call, ast.Call) and ast.unparse(call.func) == "Genotype" and not call.args
    if not named or fields.keys() != set(names):
        raise SpaceError(f"{text[:60]!r}: a genotype has the fields {', '.join(names)}; {_form()}")
    return fields


def _form() -> str:
    return "it reads Genotype(normal=[('op', 0), ...], normal_concat=range(2, 6), reduce=...)"


def _read_pairs(fields: Mapping[str, ast.expr], name: str) -> list[Pair]:
    found = _literal(fields[name])
    if not isinstance(found, list):
        raise SpaceError(f"{name}: expected a list of pairs; {_form()}")
    for k, pair in enumerate(found):
        if not isinstance(pair, list) or [type(each) for each in pair] != [str, int]:
            raise SpaceError(f"{name}, pair {k}: expected an operation and a state, not {pair!r}")
    return [(pair[0], pair[1]) for pair in found]


def _literal(node: ast.expr) -> Any:
    """Return what is written down: lists, tuples, texts, numbers, and `range` as a list."""
    match node:
        case ast.Call(ast.Name("range"), arguments, []):
            bounds = [_literal(each) for each in arguments]
            whole = all(isinstance(bound, int) and abs(bound) < LONGEST for bound in bounds)
            return list(range(*bounds)) if whole and 1 <= len(bounds) <= 3 else None
        case ast.List(parts) | ast.Tuple(parts):
            return [_literal(part) for part in parts]
        case ast.Constant(value):
            return value
    return None
