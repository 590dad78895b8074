"""Search spaces: a small, closed language for programs with holes.

A space is a tree of six frozen node types. It holds no state, knows no torch and has no methods
that search. Everything else reads it: `resolve` fills the holes, `nets.build` makes a module of
the result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from archwright.errors import SpaceError

Value = str | int | float | bool
Pairs = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Choice:
    """A hole filled by one of `options`: literals, or nodes that may have holes of their own.

    Raises:
        SpaceError: there is no option, or two options would answer to the same name.
    """

    options: tuple[Any, ...]

    def __post_init__(self) -> None:
        if not self.options:
            raise SpaceError("Choice(): a hole without options can never be filled")
        if len(set(self.values)) < len(self.options):  # 1, 1.0 and True are equal
            raise SpaceError(f"Choice{self.values}: two options answer to the same name")

    @cached_property
    def values(self) -> tuple[Value, ...]:
        """The answers that fill this hole: a literal stands for itself, a node for its label."""
        return tuple(label(option) for option in self.options)

    @cached_property
    def _by_value(self) -> dict[Value, Any]:
        return dict(zip(self.values, self.options, strict=True))

    def pick(self, value: Value) -> Any:
        """Return the option that `value` names.

        Raises:
            SpaceError: no option has that name.
        """
        if value not in self._by_value:
            raise SpaceError(f"{value!r} is not one of {self.values}")
        return self._by_value[value]

    def draw(self, rng: Random) -> Value:
        return rng.choice(self.values)

    def redraw(self, value: Value, rng: Random) -> Value:
        """Return an answer other than `value`."""
        return rng.choice([each for each in self.values if each != value])


@dataclass(frozen=True)
class Range:
    """A hole filled by a whole number between `low` and `high`, both included.

    Args:
        log: Draw evenly over orders of magnitude, as suits widths.
    """

    low: int
    high: int
    log: bool = False

    def __post_init__(self) -> None:
        if self.low > self.high or (self.log and self.low < 1):
            raise SpaceError(f"Range({self.low}, {self.high}): holds no number that can be drawn")

    @property
    def values(self) -> range:
        return range(self.low, self.high + 1)

    def pick(self, value: Value) -> int:
        """Return `value` if it lies in the range.

        Raises:
            SpaceError: it does not.
        """
        if not isinstance(value, int) or value not in self.values:
            raise SpaceError(f"{value!r} is not a whole number from {self.low} to {self.high}")
        return value

    def draw(self, rng: Random) -> int:
        if not self.log:
            return rng.randint(self.low, self.high)
        drawn = math.exp(rng.uniform(math.log(self.low), math.log(self.high + 1)))
        return max(self.low, min(self.high, int(drawn)))

    def redraw(self, value: Value, rng: Random) -> int:
        """Return another number, half of the time one near `value` (within a third of it)."""
        span = max(1, int(float(value)) // 3) if self.log else max(1, len(self.values) // 4)
        near = [v for v in self.values if v != value and abs(v - int(float(value))) <= span]
        if near and rng.random() < 0.5:
            return rng.choice(near)
        while (drawn := self.draw(rng)) == value:
            pass
        return drawn


@dataclass(frozen=True)
class Op:
    """A named building block; parameters are literals, holes or nodes. See `op`."""

    name: str
    params: Pairs = ()

    def __getitem__(self, key: str) -> Any:
        return dict(self.params)[key]


@dataclass(frozen=True)
class Seq:
    """Children one after the other; `names` are the steps of their holes' paths."""

    children: tuple[Any, ...]
    names: tuple[str, ...] = ()

    def steps(self) -> Sequence[tuple[str, Any]]:
        names = self.names or tuple(map(str, range(len(self.children))))
        return list(zip(names, self.children, strict=True))


@dataclass(frozen=True)
class Repeat:
    """`child` stacked `times` times; `tied` copies share one set of answers."""

    child: Any
    times: int | Range | Choice
    tied: bool = False


@dataclass(frozen=True)
class Dag:
    """A cell: states are numbered, the first `inputs` are given, edges add up at their target.

    An edge is (source, target, node). Its source may be a hole that chooses an earlier state. Where
    the answer is text it names ends: `"0+1"` gives two sources, the node is then a tuple with one
    node for each; `"2-5"` gives source and target, the target written here is then ignored. Equal
    edges chosen twice in that way are one edge.

    Args:
        edges: See above.
        output: `last` state, the `concat`enation of all states after the inputs, or of the
            `loose` ones, which feed nothing.
        vertices: What is applied to the sum of each state after the inputs; nothing if empty.

    Raises:
        SpaceError: an edge may lead backwards, so that there could be a cycle.
    """

    edges: tuple[tuple[int | Choice | Range, int, Any], ...]
    inputs: int = 1
    output: str = "last"
    vertices: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        for i, (source, target, _) in enumerate(self.edges):
            answers = (source,) if isinstance(source, int) else source.values
            for answer in answers:
                start, end = ends(answer, target)
                if max(start) >= end:
                    raise SpaceError(
                        f"edge {i} of a cell: {max(start)} to {end} does not lead forward;"
                        " a state may only be fed by states with smaller numbers"
                    )


Hole = Choice | Range
Node = Hole | Op | Seq | Repeat | Dag
Decide = Callable[[str, Hole], Value]


class Same:
    """A value as a key of a cache: itself and no other, so that nothing has to be compared.

    Equal spaces may differ in the types of their answers (1, 1.0 and True are equal in Python).
    """

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.value is other.value


def ends(answer: Value, target: int) -> tuple[tuple[int, ...], int]:
    """Return the sources that an answer names, and the target."""
    if not isinstance(answer, str):
        return (int(answer),), target
    first, _, last = answer.partition("-")
    return tuple(map(int, first.split("+"))), int(last) if last else target


def op(name: str, **params: Any) -> Op:
    """Return `Op(name, params)`; reads better than pairs."""
    return Op(name, tuple(params.items()))


def seq(**children: Any) -> Seq:
    """Return a `Seq` whose children have names."""
    return Seq(tuple(children.values()), tuple(children))


def label(option: Any) -> Value:
    """Return the answer that stands for an option: itself, or the name of its operation."""
    match option:
        case Op(name):
            return name
        case bool() | int() | float() | str():
            return option
    raise SpaceError(f"an option must be a literal or an Op, not {option!r}")


def resolve(node: Any, decide: Decide, path: str = "") -> Any:
    """Return `node` with each hole replaced by what `decide(path, hole)` answers.

    Sampling, mutation, crossover, enumeration and decoding are each one `decide` function.

    Raises:
        SpaceError: an answer does not fit its hole; the message starts with the path.
    """

    def go(child: Any, *steps: object) -> Any:
        if isinstance(child, int | str | float):  # a literal: most of what there is
            return child
        below = "/".join(map(str, steps))
        return resolve(child, decide, f"{path}/{below}" if path else below)

    match node:
        case Choice() | Range():
            value = decide(path, node)
            try:
                picked = node.pick(value)
            except SpaceError as error:
                raise SpaceError(f"{path}: {error}") from None
            return go(picked, value) if isinstance(picked, Op) else picked
        case Op(_, ()):
            return node
        case Op(name, params):
            return Op(name, tuple((key, go(value, key)) for key, value in params))
        case Seq(_, names):
            return Seq(tuple(go(child, step) for step, child in node.steps()), names)
        case Repeat(child, times, tied):
            count = go(times, "depth")
            return Seq(tuple(go(child, "each" if tied else i) for i in range(count)))
        case Dag(edges, inputs, output, vertices):
            chosen = tuple(go(vertex, "vertex", k) for k, vertex in enumerate(vertices))
            return Dag(_wired(edges, go), inputs, output, chosen)
    return node


def _wired(edges: tuple[Any, ...], go: Callable[..., Any]) -> tuple[Any, ...]:
    """Return (int, int, node) edges."""
    wired: list[Any] = []
    for i, (source, target, child) in enumerate(edges):
        answer = go(source, i, "from")
        starts, end = ends(answer, target)
        if not isinstance(answer, str):
            wired.append((answer, target, go(child, i)))
        elif "-" in answer:
            edge = (*starts, end, go(child, i))
            wired += [] if edge in wired else [edge]
        else:
            parts = enumerate(zip(starts, child, strict=True))
            wired += [(start, end, go(part, i, k)) for k, (start, part) in parts]
    return tuple(wired)


def size(node: Any) -> int:
    """Return how many architectures a space holds (equal networks counted apart)."""
    match node:
        case Choice(options):
            return sum(size(option) for option in options)
        case Range():
            return len(node.values)
        case Op(_, params):
            return math.prod(size(value) for _, value in params)
        case Seq(children):
            return math.prod(size(child) for child in children)
        case Repeat(child, times, tied):
            counts = [times] if isinstance(times, int) else list(times.values)
            return sum(size(child) ** (min(int(n), 1) if tied else int(n)) for n in counts)
        case Dag(edges, _, _, vertices):
            ends = math.prod(size(source) * size(child) for source, _, child in edges)
            return ends * math.prod(map(size, vertices))
        case tuple():
            return math.prod(map(size, node))
    return 1
