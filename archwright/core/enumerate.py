"""Numbering: every architecture of a space has an index, and every index its architecture.

A space is sums of products, so an index is a number of mixed radix: the parts of a node are its
digits, the answers of a hole its intervals. Nothing is enumerated, hence 10^18 architectures take
no longer than ten. How many there are says `core.space.size`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from archwright.core.architecture import Architecture, record
from archwright.core.space import Choice, Dag, Node, Op, Range, Repeat, Seq, Value, label, size
from archwright.errors import SpaceError

Answers = tuple[tuple[str, Value], ...]
Parts = Sequence[tuple[str, Any]]


def nth(space: Node, index: int) -> Architecture:
    """Return the architecture with that index, from 0 to `size(space) - 1`.

    Raises:
        SpaceError: there are not so many.
    """
    if not 0 <= index < size(space):
        raise SpaceError(f"there is no architecture {index}: the space holds {size(space)}")
    answers = dict(_answers(space, index, ""))
    return record(space, lambda path, hole: answers[path])


def index_of(space: Node, arch: Architecture) -> int:
    """Return the index of `arch`, so that `nth` gives it back.

    Raises:
        SpaceError: the architecture is foreign; the message starts with the path.
    """
    return _index(space, arch, "")


def _answers(node: Any, index: int, path: str) -> Iterator[tuple[str, Value]]:
    if isinstance(node, Range):
        yield path, node.low + index
        return
    parts: Parts = ()
    for answers, parts in _variants(node, path):
        block = math.prod(size(child) for _, child in parts)
        if index < block:
            yield from answers
            break
        index -= block
    for step, child in parts:
        index, digit = divmod(index, size(child))
        yield from _answers(child, digit, step)


def _index(node: Any, arch: Architecture, path: str) -> int:
    if isinstance(node, Range):
        value = arch.answers.get(path)
        if value is None or value not in node.values:
            raise SpaceError(f"{path}: {value!r} is not a number from {node.low} to {node.high}")
        return int(value) - node.low
    index = 0
    for answers, parts in _variants(node, path):
        if all(arch.answers.get(step) == value for step, value in answers):
            weight = 1
            for step, child in parts:
                index += weight * _index(child, arch, step)
                weight *= size(child)
            return index
        index += math.prod(size(child) for _, child in parts)
    step = answers[0][0]
    raise SpaceError(f"{step}: {arch.answers.get(step)!r} is not one of the answers")


def _variants(node: Any, path: str) -> Iterator[tuple[Answers, Parts]]:
    """Yield what can stand at `path`: the answer that says so, if any, and its own parts."""
    match node:
        case Choice(options):
            for option in options:
                below = ((_join(path, label(option)), option),)
                yield ((path, label(option)),), below if isinstance(option, Op) else ()
        case Repeat(child, times, tied):
            fixed = isinstance(times, int)
            for count in [times] if isinstance(times, int) else times.values:
                steps = ["each"][: int(count)] if tied else range(int(count))
                answers = () if fixed else ((_join(path, "depth"), count),)
                yield answers, [(_join(path, step), child) for step in steps]
        case _:
            yield (), [(_join(path, step), child) for step, child in _children(node)]


def _children(node: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the parts of a node that is no hole, with their steps; the same as in `resolve`."""
    match node:
        case Op(_, params):
            yield from params
        case Seq():
            yield from node.steps()
        case tuple():
            yield from enumerate(node)
        case Dag(edges, _, _, vertices):
            for i, (source, _, child) in enumerate(edges):
                yield f"{i}/from", source
                yield i, child
            for k, vertex in enumerate(vertices):
                yield f"vertex/{k}", vertex


def _join(path: str, step: object) -> str:
    return f"{path}/{step}" if path else str(step)
