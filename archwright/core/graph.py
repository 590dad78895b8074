"""What an architecture computes, as a graph: for features, drawings, and to tell equal networks.

Reads hole-free trees (see `decode`). Knows no torch: which operations give nothing and which give
what they are given is told by their names alone.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import permutations, product
from typing import Any

from archwright.core.architecture import Architecture, decode
from archwright.core.space import Dag, Node, Op, Same, Seq

ZEROS = frozenset({"none"})
"""Operations that give zeros whatever they are given."""

IDENTITIES = frozenset({"identity", "skip_connect"})
"""Operations that give what they are given."""

ORDERS = 720
"""A cell's vertices that look alike are tried in so many orders; beyond that, two equal cells may
be taken for different ones, never the other way round."""

Sum = Mapping[int, int]
"""How often each vertex is added."""


@dataclass(frozen=True)
class Graph:
    """A directed acyclic graph with an operation on each vertex, in topological order.

    Args:
        ops: The first ones are `input`, the last one is `output`; a vertex takes the sum of what
            its edges bring.
        edges: (source, target) vertices.
    """

    ops: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]


def graph(tree: Any) -> Graph:
    """Return the graph of a whole network: the operations in turn, cells as their own graphs.

    An operation that holds nodes in its parameters is the chain of those nodes.
    """
    ops, edges = ["input"], list[tuple[int, int]]()
    last = [0]
    for part in _parts(tree):
        last = _append(part, last, ops, edges)
    ops.append("output")
    edges += [(source, len(ops) - 1) for source in last]
    return Graph(tuple(ops), tuple(edges))


def cells(tree: Any, path: str = "") -> dict[str, Graph]:
    """Return the graph of every cell in the tree, by path; dead edges are left out."""
    found: dict[str, Graph] = {}
    if isinstance(tree, Dag):
        found[path] = cell(tree)
    for step, child in _children(tree):
        found |= cells(child, f"{path}/{step}" if path else str(step))
    return found


def live(dag: Dag) -> Dag:
    """Return the cell without the edges that give nothing, or whose work reaches no output."""
    fed, edges = set(range(dag.inputs)), list[Any]()
    for edge in sorted(dag.edges, key=lambda edge: edge[1]):
        source, target, child = edge
        if source in fed and not dead(child) and not dead(_vertex(dag, target)):
            fed.add(target)
            edges.append(edge)
    wanted = set(outputs(dag))
    for source, target, _ in sorted(edges, key=lambda edge: -edge[1]):
        if target in wanted:
            wanted.add(source)
    kept = Counter(id(edge) for edge in edges if edge[1] in wanted)
    return replace(dag, edges=tuple(edge for edge in dag.edges if kept[id(edge)]))


def dead(tree: Any) -> bool:
    """Whether what comes out cannot depend on what goes in."""
    match tree:
        case Op(name, ()):
            return name in ZEROS
        case Dag():
            reached = {target for _, target, _ in live(tree).edges}
            return not reached & set(outputs(tree))
    return any(dead(child) for _, child in _children(tree))


def canonical(tree: Any) -> str:
    """Return a text that is equal for networks that are equal but for the order of their parts.

    Edges that give nothing or reach no output are pruned, identities contracted (a state that is
    added twice counts twice, so this is exact, unlike the string rule of NAS-Bench-201,
    arXiv:2001.00326, which also unites networks that share weights with ones that do not), and the
    states of a cell put in an order of their own.
    """
    match tree:
        case Op(name, ()):
            return "none" if name in ZEROS else "identity" if name in IDENTITIES else name
        case Op(name, params):
            inner = [(key, canonical(value)) for key, value in params]
            if any(text == "none" for _, text in inner):
                return "none"
            return f"{name}({','.join(f'{key}={text}' for key, text in inner)})"
        case Seq():
            steps = [canonical(child) for _, child in tree.steps()]
            kept = [step for step in steps if step != "identity"]
            return "none" if "none" in steps else ">".join(kept) or "identity"
        case Dag():
            return _canonical_cell(tree)
    return repr(tree)


def canonical_key(space: Node, arch: Architecture) -> str:
    """Return a short hash that equal networks share, see `canonical`.

    Raises:
        SpaceError: the architecture is foreign to the space.
    """
    return _key(Same(space), arch)


@lru_cache(maxsize=50_000)
def _key(key: Same, arch: Architecture) -> str:
    return hashlib.sha256(canonical(decode(key.value, arch)).encode()).hexdigest()[:12]


def _children(tree: Any) -> Iterable[tuple[Any, Any]]:
    """Return the nodes directly below one, with the steps that lead there."""
    match tree:
        case Op(_, params):
            return [(key, value) for key, value in params if isinstance(value, Op | Seq | Dag)]
        case Seq():
            return tree.steps()
        case Dag(edges, _, _, vertices):
            inner = [(i, child) for i, (_, _, child) in enumerate(edges)]
            return [*inner, *((f"vertex/{k}", vertex) for k, vertex in enumerate(vertices))]
    return []


def _parts(tree: Any) -> list[Op | Dag]:
    """Return the operations and cells of a tree, in turn."""
    if isinstance(tree, Dag):
        return [tree]
    inner = [part for _, child in _children(tree) for part in _parts(child)]
    return inner or ([tree] if isinstance(tree, Op) else [])


def _append(
    part: Op | Dag, last: list[int], ops: list[str], edges: list[tuple[int, int]]
) -> list[int]:
    """Put an operation or a cell behind the vertices `last`; return the vertices that end it."""
    if isinstance(part, Op):
        ops.append(part.name)
        edges += [(source, len(ops) - 1) for source in last]
        return [len(ops) - 1]
    inner, shift = cell(part), len(ops) - part.inputs
    for source, target in inner.edges:
        sources = last if source < part.inputs else [source + shift]
        if target != len(inner.ops) - 1:
            edges += [(each, target + shift) for each in sources]
    ops += inner.ops[part.inputs : -1]
    ends = [source for source, target in inner.edges if target == len(inner.ops) - 1]
    return sorted({e for s in ends for e in (last if s < part.inputs else [s + shift])})


def cell(dag: Dag) -> Graph:
    """Return a cell's graph: each live edge, and each vertex operation, is a vertex."""
    ops, edges = ["input"] * dag.inputs, list[tuple[int, int]]()
    states: dict[int, list[int]] = {i: [i] for i in range(dag.inputs)}

    def add(name: str, sources: list[int]) -> int:
        ops.append(name)
        edges.extend((source, len(ops) - 1) for source in sources)
        return len(ops) - 1

    alive: list[Any] = sorted(live(dag).edges, key=lambda edge: edge[1])
    for target in sorted({edge[1] for edge in alive}):
        made = [(child, states[source]) for source, end, child in alive if end == target]
        if dag.vertices:
            brought = [source for _, sources in made for source in sources]
            states[target] = [add(_name(_vertex(dag, target)), brought)]
        else:
            states[target] = [add(_name(child), sources) for child, sources in made]
    outs = [state for state in outputs(dag) if state in states]
    add("output", [vertex for state in outs for vertex in states[state]])
    return Graph(tuple(ops), tuple(edges))


def _name(node: Any) -> str:
    inner = _parts(node)
    return "+".join(part.name if isinstance(part, Op) else "cell" for part in inner) or "identity"


def _vertex(dag: Dag, state: int) -> Any:
    """Return what is applied to a state's sum."""
    inner = state - dag.inputs
    return dag.vertices[inner] if 0 <= inner < len(dag.vertices) else Op("identity")


def outputs(dag: Dag) -> list[int]:
    """Return the states that a cell gives, also those that nothing reaches."""
    states = sorted({target for _, target, _ in dag.edges})
    if dag.output == "last":
        return states[-1:]
    feeding = {source for source, _, _ in dag.edges}
    return [s for s in states if dag.output == "concat" or s not in feeding]


def _canonical_cell(dag: Dag) -> str:
    """Return the cell as a list of vertices, each with what is added up for it."""
    labels = [f"in{i}" for i in range(dag.inputs)]
    inputs: list[Sum] = [{} for _ in labels]
    states: dict[int, Sum] = {i: {i: 1} for i in range(dag.inputs)}

    def add(label: str, total: Sum) -> Sum:
        if label == "identity":
            return total
        labels.append(label)
        inputs.append(total)
        return {len(labels) - 1: 1}

    for target in sorted({end for _, end, _ in dag.edges}):
        total: Counter[int] = Counter()
        for source, end, child in dag.edges:
            given = states.get(int(source), {}) if end == target else {}  # type: ignore[arg-type]
            label = canonical(child) if given else "none"
            if label != "none":
                total.update(add(label, given))
        vertex = canonical(_vertex(dag, target))
        if total and vertex != "none":
            states[target] = add(vertex, total)
    outs = [states[state] for state in outputs(dag) if state in states]
    if not outs:
        return "none"
    if dag.inputs == 1 and outs == [{0: 1}]:
        return "identity"
    for each in outs:
        add("out", each)
    return _ordered(*_reaching(labels, inputs))


def _reaching(labels: list[str], inputs: list[Sum]) -> tuple[list[str], list[Sum]]:
    """Return the vertices that reach an output, and what is added up for them."""
    wanted = {vertex for vertex, label in enumerate(labels) if label == "out"}
    for vertex in reversed(range(len(labels))):
        if vertex in wanted:
            wanted |= inputs[vertex].keys()
    place = {vertex: i for i, vertex in enumerate(sorted(wanted))}
    sums: list[Sum] = [{place[s]: n for s, n in inputs[vertex].items()} for vertex in place]
    return [labels[vertex] for vertex in place], sums


def _ordered(labels: list[str], inputs: list[Sum]) -> str:
    """Return the smallest text of the graph over all orders of vertices that look alike."""
    classes = _looks(labels, inputs)
    counts = math.prod(math.factorial(len(members)) for members in classes)
    tried = product(*map(permutations, classes)) if counts <= ORDERS else [classes]
    texts = []
    for groups in tried:
        order = [vertex for members in groups for vertex in members]
        place = {vertex: i for i, vertex in enumerate(order)}
        rows = [sorted((place[source], n) for source, n in inputs[v].items()) for v in order]
        texts.append(repr(rows))
    names = [labels[members[0]] for members in classes for _ in members]
    return f"cell({names}{min(texts)})"


def _looks(labels: list[str], inputs: list[Sum]) -> list[list[int]]:
    """Return the vertices in classes that a few rounds of looking at neighbours tell apart."""
    feeds: list[list[tuple[int, int]]] = [[] for _ in labels]
    for target, total in enumerate(inputs):
        for source, n in total.items():
            feeds[source].append((n, target))
    names = {label: i for i, label in enumerate(sorted(set(labels)))}
    look = [names[label] for label in labels]
    count = 0
    while count < len(set(look)):
        count = len(set(look))
        seen = [
            (
                look[v],
                tuple(sorted((n, look[source]) for source, n in inputs[v].items())),
                tuple(sorted((n, look[target]) for n, target in feeds[v])),
            )
            for v in range(len(labels))
        ]
        rank = {each: i for i, each in enumerate(sorted(set(seen)))}
        look = [rank[each] for each in seen]
    members: dict[int, list[int]] = {}
    for vertex, value in enumerate(look):
        members.setdefault(value, []).append(vertex)
    return [members[value] for value in sorted(members)]
