"""Neural graph features of one cell: what is on the way from its inputs to its output.

GRAF (Kadlecova et al., 2024, arXiv:2404.16551): counts of operations, and path lengths and degrees
with only some of the operations allowed. Ours differ in that dead edges are left out first, so that
equal networks have equal features, in that the number of paths is told too, and in that `passes`
looks for the most operations of a set over all paths, where theirs takes the one path that has the
most of them less the others.
"""

from __future__ import annotations

from functools import lru_cache, reduce
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from archwright.core.encode.vocabulary import longest, vocabulary
from archwright.core.graph import Graph
from archwright.core.space import Dag, Same

EVERY_SET = 5
"""Up to so many operations each set of them has features; else single ones, and all but one."""

Floats = NDArray[np.float32]


def shape_features(dag: Dag, graph: Graph) -> Floats:
    """Return the features of a graph of this cell, see `shape_names`."""
    place, members = _members(Same(dag))
    rows = [place.get(op, -1) for op in graph.ops]
    within = members[rows]
    blocked = [row >= 0 for row in rows]  # by the sets that they are not in
    counts = np.bincount([row for row in rows if row >= 0], minlength=len(place))
    beyond = longest(dag) + 1
    ways, paths = _ways(dag.inputs, graph, within, blocked, beyond)
    columns = [*ways, *_degrees(dag.inputs, graph, within), paths]
    return np.concatenate([counts, *columns], dtype=np.float32)


def shape_names(dag: Dag) -> tuple[str, ...]:
    """Return the name of each feature.

    For each operation its count. Then for each set of operations: for each input the `shortest`
    way to the output if only the set may be used (one more than the longest way where there is
    none), the most of the set that one way `passes`, and how many of it the input `feeds`; how many
    of it feed the `end`; how many edges start `from it` and lead `to it`, by vertex; and the
    logarithm of 1 + the number of `paths` that use the set only.
    """
    return _shape_names(Same(dag))


def sets(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the sets of operations that features are told for; the last one is all of them."""
    sizes = set(range(1, len(names) + 1))
    if len(names) > EVERY_SET:
        sizes &= {1, len(names) - 1, len(names)}
    return [each for size in sorted(sizes) for each in combinations(names, size)]


@lru_cache(maxsize=256)
def _shape_names(key: Same) -> tuple[str, ...]:
    dag: Dag = key.value
    inputs = [f" from {i}" if dag.inputs > 1 else "" for i in range(dag.inputs)]
    told = [f"{what}{start}" for what in ("shortest", "passes", "feeds") for start in inputs]
    told += ["end", "from it", "to it", "paths"]
    names = vocabulary(dag)
    by_set = [f"{what} {'|'.join(each)}" for what in told for each in sets(names)]
    return (*(f"count {name}" for name in names), *by_set)


@lru_cache(maxsize=256)
def _members(key: Same) -> tuple[dict[str, int], NDArray[np.float64]]:
    """Return each operation's row, and whether it is in each set; the last row is of the ends."""
    names = vocabulary(key.value)
    table = [[float(name in each) for each in sets(names)] for name in names]
    rows = np.array([*table, [0.0] * len(sets(names))])
    return {name: row for row, name in enumerate(names)}, rows


def _ways(
    inputs: int, graph: Graph, within: NDArray[np.float64], blocked: list[bool], beyond: int
) -> tuple[list[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the shortest and fullest ways from each input for each set, and the paths' number."""
    sets = within.shape[1]
    barred = np.array(blocked)[:, None] & (within == 0)
    steps = np.stack([np.where(barred, np.inf, within), -within], axis=1)[:, :, None]
    ways = np.full((len(graph.ops), 2, inputs, sets), np.inf)  # the second: less the fullest
    paths = np.zeros((len(graph.ops), inputs, sets))
    for i in range(inputs):
        ways[i, :, i], paths[i, i] = 0, 1
    before: list[list[int]] = [[] for _ in graph.ops]
    for source, target in graph.edges:
        before[target].append(source)
    for vertex, sources in enumerate(before):
        if sources:
            ways[vertex] = reduce(np.minimum, [ways[s] for s in sources]) + steps[vertex]
            paths[vertex] = sum(paths[s] for s in sources) * ~barred[vertex]
    shortest, fullest = ways[-1]
    found = [np.minimum(shortest, beyond).ravel(), np.maximum(-fullest, 0).ravel()]
    return found, np.log1p(paths[-1].sum(axis=0))


def _degrees(inputs: int, graph: Graph, within: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return how many of each set are fed by each input, feed the output, and their edges."""
    ends = np.array(graph.edges, dtype=np.int64).reshape(-1, 2)
    sources, targets = ends[:, 0], ends[:, 1]
    fed, feeding, size = within[targets], within[sources], len(graph.ops)
    feeds = [fed[sources == i].sum(axis=0) for i in range(inputs)]
    end = feeding[targets == size - 1].sum(axis=0)
    return [*feeds, end, feeding.sum(axis=0) / size, fed.sum(axis=0) / size]
