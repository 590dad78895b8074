"""Which operations a cell may hold, whatever its holes are filled with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from archwright.core.graph import ZEROS
from archwright.core.space import Choice, Dag, Op, Repeat, Same, Seq, ends


@dataclass(frozen=True)
class Parts:
    """What a node may become: its operations' names, and how many of them one after the other."""

    names: tuple[str, ...]
    least: int
    most: int


NOTHING = Parts((), 0, 0)
DEAD = Parts((), 1, 1)
"""What gives zeros is left out of graphs with all that leads there."""


def vocabulary(dag: Dag) -> tuple[str, ...]:
    """Return the operations that can be on a vertex of the cell's graph, in a fixed order.

    Those that give zeros are never on one. Where the states have operations, one without is not
    named: it only hands on.
    """
    return _vocabulary(Same(dag))


def longest(dag: Dag) -> int:
    """Return how many operations of `vocabulary` a path through the cell can have at most."""
    return _longest(Same(dag))


def states(dag: Dag) -> int:
    """Return how many states a cell has after its inputs."""
    last = dag.inputs - 1
    for source, target, _ in dag.edges:
        answers = (source,) if isinstance(source, int) else source.values
        last = max(last, *(ends(answer, target)[1] for answer in answers))
    return last + 1 - dag.inputs


@lru_cache(maxsize=256)
def _vocabulary(key: Same) -> tuple[str, ...]:
    dag: Dag = key.value
    nodes = dag.vertices or [child for _, _, child in dag.edges]
    found = [_named(node) for node in nodes]
    return tuple(dict.fromkeys(name for parts in found for name in parts.names))


@lru_cache(maxsize=256)
def _longest(key: Same) -> int:
    dag: Dag = key.value
    if dag.vertices:
        bare = states(dag) - len(dag.vertices) if "identity" in vocabulary(dag) else 0
        return sum(_named(vertex).most for vertex in dag.vertices) + bare
    return max((_named(child).most for _, _, child in dag.edges), default=0) * states(dag)


def _named(node: Any) -> Parts:
    """Return what is on an edge: where there may be nothing, it is called `identity`."""
    if isinstance(node, tuple):
        return _either([_named(part) for part in node])
    parts = _parts(node)
    names = parts.names if parts.least else tuple(dict.fromkeys((*parts.names, "identity")))
    return Parts(names, 1, max(1, parts.most))


def _parts(node: Any) -> Parts:
    match node:
        case Op(name, ()):
            return DEAD if name in ZEROS else Parts((name,), 1, 1)
        case Op(name, params):
            inner = _together([_parts(value) for _, value in params])
            alone = Parts(_union([inner, Parts((name,), 1, 1)]), 1, max(1, inner.most))
            return inner if inner.least else alone
        case Choice(options):
            return _either([_parts(option) for option in options])
        case Seq(children):
            return _together([_parts(child) for child in children])
        case Repeat(child, times):
            counts = [times] if isinstance(times, int) else [int(n) for n in times.values]
            once = _parts(child)
            return Parts(once.names, once.least * min(counts), once.most * max(counts))
        case Dag():
            return Parts(("cell",), 1, 1)
    return NOTHING


def _together(parts: list[Parts]) -> Parts:
    """Return what comes of nodes one after the other."""
    return Parts(_union(parts), sum(p.least for p in parts), sum(p.most for p in parts))


def _either(parts: list[Parts]) -> Parts:
    """Return what comes of one node among several."""
    return Parts(_union(parts), min(p.least for p in parts), max(p.most for p in parts))


def _union(parts: list[Parts]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for each in parts for name in each.names))
