"""Architectures: the answers to a space's holes, and the operators that make new answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from archwright.core.space import Choice, Decide, Hole, Node, Range, Value, resolve
from archwright.errors import SpaceError


@dataclass(frozen=True)
class Architecture:
    """A point of a space: which value fills which hole. The one form that is stored."""

    decisions: tuple[tuple[str, Value], ...]

    @staticmethod
    def of(answers: Mapping[str, Value]) -> Architecture:
        return Architecture(tuple(answers.items()))

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[type[Architecture], tuple[object]]:
        return Architecture, (self.decisions,)  # hashes of text differ from process to process

    @cached_property
    def _hash(self) -> int:
        return hash(self.decisions)

    @cached_property
    def answers(self) -> dict[str, Value]:
        return dict(self.decisions)

    @cached_property
    def key(self) -> str:
        """A short content hash: equal answers have equal keys on every machine."""
        ordered = json.dumps(sorted(self.decisions))
        return hashlib.sha256(ordered.encode()).hexdigest()[:12]

    def to_json(self) -> str:
        return json.dumps(self.answers, indent=1)

    @staticmethod
    def from_json(text: str) -> Architecture:
        return Architecture.of(json.loads(text))


def decode(space: Node, arch: Architecture) -> Any:
    """Return the hole-free tree that `arch` stands for.

    Raises:
        SpaceError: a hole has no answer, or one that does not fit: the architecture is foreign.
    """

    def decide(path: str, hole: Hole) -> Value:
        if path not in arch.answers:
            raise SpaceError(f"{path}: the architecture has no answer for this hole")
        return arch.answers[path]

    return resolve(space, decide)


def record(space: Node, decide: Decide) -> Architecture:
    """Return the answers that `decide` gives while `space` is walked."""
    answers: dict[str, Value] = {}

    def remember(path: str, hole: Hole) -> Value:
        if path not in answers:  # tied copies ask for the same answer again
            answers[path] = decide(path, hole)
        return answers[path]

    resolve(space, remember)
    return Architecture.of(answers)


def sample(space: Node, rng: Random) -> Architecture:
    """Return an architecture drawn hole by hole."""
    return record(space, lambda path, hole: hole.draw(rng))


def mutate(space: Node, parent: Architecture, rng: Random) -> Architecture:
    """Return `parent` with one answer changed; holes that open below it are drawn afresh.

    Raises:
        SpaceError: no hole has a second answer.
    """
    holes = active(space, parent)
    movable = [path for path, hole in holes.items() if len(hole.values) > 1]
    if not movable:
        raise SpaceError("the space holds a single architecture: there is nothing to mutate")
    target = rng.choice(movable)

    def decide(path: str, hole: Hole) -> Value:
        if path == target:
            return hole.redraw(parent.answers[path], rng)
        kept = parent.answers.get(path)
        return kept if kept is not None and _fits(hole, kept) else hole.draw(rng)

    return record(space, decide)


def active(space: Node, arch: Architecture) -> dict[str, Hole]:
    """Return the holes that `arch` answers, by path."""
    holes: dict[str, Hole] = {}

    def decide(path: str, hole: Hole) -> Value:
        holes[path] = hole
        return arch.answers[path]

    resolve(space, decide)
    return holes


def _fits(hole: Choice | Range, value: Value) -> bool:
    return value in hole.values
