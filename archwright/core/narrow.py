"""Narrowing a space: the same space with fewer answers.

A narrowed space is a space like any other, and its architectures are architectures of the whole,
since paths and answers keep their names. It knows no losses; who narrows, says what is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from archwright.core.space import Choice, Dag, Hole, Node, Op, Range, Repeat, Seq, Value, label
from archwright.errors import SpaceError

Paths = tuple[str, ...]
"""Where one hole of the tree is asked: at several paths if a repeated child holds it."""

Dropped = Mapping[str, Collection[Value]]
"""The answers that are no longer given, by path."""

Change = Callable[[Paths, Hole], Hole]


def narrow(space: Node, dropped: Dropped) -> Node:
    """Return `space` without some answers.

    Of a range only the ends can be dropped: what lies between two numbers that stay, stays. The
    copies of a child that is repeated a variable number of times have one set of answers, so one is
    dropped there only if it is for all copies; see `holes`. Paths that are not there are ignored.

    Raises:
        SpaceError: a hole would be left without an answer; the message starts with its path.
    """

    def change(paths: Paths, hole: Hole) -> Hole:
        out = set.intersection(*(set(dropped.get(path, ())) for path in paths))
        kept = [value for value in hole.values if value not in out] if out else hole.values
        if not kept:
            raise SpaceError(f"{paths[0]}: nothing would be left to answer; drop fewer values")
        if isinstance(hole, Range):
            return Range(int(kept[0]), int(kept[-1]), hole.log)
        return Choice(tuple(option for option in hole.options if label(option) in kept))

    narrowed: Node = _walk(space, ("",), change)
    return narrowed


def holes(space: Node) -> dict[Paths, Hole]:
    """Return each hole of the tree, by all the paths at which it is asked; they narrow together."""
    found: dict[Paths, Hole] = {}

    def remember(paths: Paths, hole: Hole) -> Hole:
        found[paths] = hole
        return hole

    _walk(space, ("",), remember)
    return found


def outside(answers: Mapping[str, Value], dropped: Dropped) -> bool:
    """Whether an architecture with these answers gives one that is dropped."""
    return any(answers[path] in values for path, values in dropped.items() if path in answers)


def _walk(node: Any, paths: Paths, change: Change) -> Any:
    """Return the tree with each hole changed, conditional ones after those that open them."""

    def go(child: Any, *steps: object) -> Any:
        tail = "/".join(map(str, steps))
        return _walk(child, tuple(f"{p}/{tail}" if p else tail for p in paths), change)

    match node:
        case Range():
            return change(paths, node)
        case Choice():
            left: Any = change(paths, node)
            return Choice(tuple(go(o, label(o)) if isinstance(o, Op) else o for o in left.options))
        case Op(name, params):
            return Op(name, tuple((key, go(value, key)) for key, value in params))
        case Seq(_, names):
            return Seq(tuple(go(child, step) for step, child in node.steps()), names)
        case Repeat():
            return _repeated(node, paths, change)
        case Dag(edges, inputs, output, vertices):
            wired = tuple(
                (go(source, i, "from"), target, _ends(child, i, go))
                for i, (source, target, child) in enumerate(edges)
            )
            applied = tuple(go(vertex, "vertex", k) for k, vertex in enumerate(vertices))
            return Dag(wired, inputs, output, applied)
    return node


def _ends(child: Any, i: int, go: Callable[..., Any]) -> Any:
    """Return an edge's node, or one for each of its sources."""
    if isinstance(child, tuple):
        return tuple(go(part, i, k) for k, part in enumerate(child))
    return go(child, i)


def _repeated(node: Repeat, paths: Paths, change: Change) -> Any:
    """Return the child repeated, as a `Seq` where fixed copies have come to differ."""

    def below(step: object) -> Paths:
        return tuple(f"{path}/{step}" if path else str(step) for path in paths)

    if node.tied:
        times = _times(node, below("depth"), change)
        return Repeat(_walk(node.child, below("each"), change), times, True)
    if isinstance(node.times, int):
        copies = tuple(_walk(node.child, below(i), change) for i in range(node.times))
        differ = len(set(copies)) > 1
        return Seq(copies) if differ else Repeat((*copies, node.child)[0], node.times)
    times = _times(node, below("depth"), change)
    most = max(times.values)
    every = tuple(path for i in range(most) for path in below(i))
    return Repeat(_walk(node.child, every, change) if every else node.child, times)


def _times(node: Repeat, paths: Paths, change: Change) -> Any:
    return node.times if isinstance(node.times, int) else change(paths, node.times)
