"""Varying what is known: the neighbours of an architecture, and children of two parents.

Like `mutate`, each is one `decide` for the walk over the space; a hole that opens anew is filled
too, so that every result answers exactly the holes that it has. It knows no losses.
"""

from __future__ import annotations

import math
from functools import lru_cache
from random import Random

from archwright.core.architecture import Architecture, active, record
from archwright.core.encode.holes import gates
from archwright.core.space import Choice, Hole, Node, Same, Value

FEW = 8
"""A range of at most so many numbers is gone through completely; of a longer one, a handful."""


def crossover(space: Node, mother: Architecture, father: Architecture, rng: Random) -> Architecture:
    """Return a child that has each answer from either parent (uniform crossover).

    Where only one parent answers a hole, the child has its answer; where none does, or neither
    answer fits, one is drawn.
    """

    def decide(path: str, hole: Hole) -> Value:
        offered = [p.answers[path] for p in (mother, father) if path in p.answers]
        fitting = [value for value in offered if value in hole.values]
        return rng.choice(fitting) if fitting else hole.draw(rng)

    return record(space, decide)


def neighbours(space: Node, arch: Architecture) -> list[Architecture]:
    """Return the architectures that differ from `arch` in one answer, hole by hole.

    Of a long range only the ends, the next numbers and two steps are tried. Holes that open below
    the changed answer get their first option, or the middle of their range.
    """
    return list(_neighbours(Same(space), arch))


@lru_cache(maxsize=64)  # a hundred architectures each
def _neighbours(key: Same, arch: Architecture) -> tuple[Architecture, ...]:
    holes, opening = active(key.value, arch), gates(key.value)
    near = list[Architecture]()
    for path, hole in holes.items():
        for value in alternatives(hole, arch.answers[path]):
            if path in opening:
                near.append(changed(key.value, arch, path, value))
            else:  # the same holes stay open: there is no need to walk through the space
                near.append(Architecture.of({**arch.answers, path: value}))
    return tuple(near)


def changed(space: Node, arch: Architecture, target: str, value: Value) -> Architecture:
    """Return `arch` with another answer at the path `target`; see `neighbours`."""

    def decide(path: str, hole: Hole) -> Value:
        if path == target:
            return value
        kept = arch.answers.get(path)
        return kept if kept is not None and kept in hole.values else plain(hole)

    return record(space, decide)


def alternatives(hole: Hole, value: Value) -> list[Value]:
    """Return answers other than `value`: all of a choice or a short range, some of a long one."""
    if isinstance(hole, Choice) or len(hole.values) <= FEW:
        return [other for other in hole.values if other != value]
    here, span = int(value), len(hole.values) // FEW
    steps = (here // 2, here * 2) if hole.log else (here - span, here + span)
    tried = dict.fromkeys((hole.low, *steps, here - 1, here + 1, hole.high))
    return [other for other in tried if other in hole.values and other != here]


def plain(hole: Hole) -> Value:
    """Return the answer for a hole that nothing is known about: the first option, the middle."""
    if isinstance(hole, Choice):
        return hole.values[0]
    return math.isqrt(hole.low * hole.high) if hole.log else (hole.low + hole.high) // 2
