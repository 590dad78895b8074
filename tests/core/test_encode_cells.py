from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from archwright.core.architecture import Architecture
from archwright.core.encode import (
    adjacency,
    cell_graphs,
    from_adjacency,
    path_encoding,
    path_names,
    paths,
)
from archwright.core.encode.holes import cell_slots
from archwright.core.encode.vocabulary import longest, states, vocabulary
from archwright.core.graph import Graph
from archwright.core.space import Choice, Dag, Range, Repeat, Seq, op, seq
from archwright.errors import SpaceError
from archwright.spaces.cell201 import of_ops
from archwright.spaces.nas101 import of_edges
from tests.core.spaces import SPACES, TOY, drawn

CONV, SKIP, POOL, NONE = "nor_conv_3x3", "skip_connect", "avg_pool_3x3", "none"
CELL201, NAS101, DARTS = SPACES["cell201"], SPACES["nas101"], SPACES["darts"]
with_cells = pytest.mark.parametrize(
    "name", [name for name, space in SPACES.items() if cell_slots(space)]
)


def test_a_cell_is_found_by_its_path_in_the_space() -> None:
    graphs = cell_graphs(CELL201, of_ops(CONV, NONE, SKIP, NONE, POOL, CONV))
    assert graphs == {
        "cells/cell": Graph(
            ("input", CONV, SKIP, POOL, CONV, "output"),
            ((0, 1), (1, 2), (1, 3), (2, 4), (3, 5), (4, 5)),
        )
    }


def test_closed_cells_are_left_out_and_tied_ones_told_once() -> None:
    assert [cell.path for cell in cell_slots(TOY)] == [
        *("cells/0", "cells/1", "cells/2", "tied/each", "either/deep/cell", "free", "pairs")
    ]
    for arch in drawn(TOY, 30):
        met = set(cell_graphs(TOY, arch))
        depth = int(arch.answers["cells/depth"])
        assert {f"cells/{i}" for i in range(3) if f"cells/{i}" in met} == {
            f"cells/{i}" for i in range(depth)
        }
        assert ("tied/each" in met) == (arch.answers["tied/depth"] == 2)
        assert ("either/deep/cell" in met) == (arch.answers["either"] == "deep")


@with_cells
def test_the_vocabulary_and_the_longest_way_hold_for_every_architecture(name: str) -> None:
    space = SPACES[name]
    dags = {cell.path: cell.dag for cell in cell_slots(space)}
    for arch in drawn(space, 20):
        for path, graph in cell_graphs(space, arch).items():
            dag = dags[path]
            assert set(graph.ops[dag.inputs : -1]) <= set(vocabulary(dag))
            assert all(len(ops) <= longest(dag) for _, ops in paths(graph))


@pytest.mark.parametrize(
    ("node", "names", "most"),
    [
        (op("conv", kernel=Choice((1, 3))), ("conv",), 1),
        (Seq((op("a"), op("b"))), ("a", "b"), 2),
        (Seq(()), ("identity",), 1),
        (op("block", inner=Repeat(op("a"), Range(0, 3)), width=8), ("a", "block"), 3),
        (op("block", inner=Repeat(op("a"), 2)), ("a",), 2),
        (Repeat(Choice((op("a"), op("b"))), Choice((0, 4))), ("a", "b", "identity"), 4),
        (Dag(((0, 1, op("a")),)), ("cell",), 1),
        (op("none"), (), 1),
    ],
)
def test_what_an_edge_may_become_is_known(node: Any, names: tuple[str, ...], most: int) -> None:
    dag = Dag(((0, 1, node),))
    assert (vocabulary(dag), longest(dag)) == (names, most)


def test_operations_that_share_an_edge_have_a_vertex_each() -> None:
    space = Dag(((0, 1, Seq((op("a"), op("b")))), (1, 2, op("c"))))
    graphs = cell_graphs(space, Architecture(()))
    assert graphs[""] == Graph(("input", "a", "b", "c", "output"), ((0, 1), (1, 2), (2, 3), (3, 4)))


def test_a_state_without_an_operation_hands_on() -> None:
    graph = cell_graphs(NAS101, of_edges(((0, 1), (1, 6), (0, 6)), ("conv1x1",)))["cells/cell"]
    assert graph == Graph(("input", "conv1x1", "output"), ((0, 1), (1, 2), (0, 2)))
    assert paths(graph) == {(0, ()), (0, ("conv1x1",))}


def test_a_cell_without_edges_has_no_states() -> None:
    assert (states(Dag(())), longest(Dag(()))) == (0, 0)


@with_cells
def test_graphs_come_back_from_their_adjacency(name: str) -> None:
    for arch in drawn(SPACES[name], 10):
        for graph in cell_graphs(SPACES[name], arch).values():
            back = from_adjacency(*adjacency(graph))
            assert back.ops == graph.ops
            assert sorted(back.edges) == sorted(graph.edges)


def test_an_edge_that_is_there_twice_is_counted() -> None:
    graph = Graph(("input", "a", "output"), ((0, 1), (0, 1), (1, 2)))
    matrix, ops = adjacency(graph)
    assert matrix.tolist() == [[0, 2, 0], [0, 0, 1], [0, 0, 0]]
    assert from_adjacency(matrix, ops) == graph


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        (np.zeros((2, 3)), r"3 operations need a square matrix, not shape \(2, 3\)"),
        ([[0, 0, 0], [1, 0, 0], [0, 0, 0]], r"matrix\[1, 0\] is 1; edges lead to later"),
        ([[0, 0.5, 0], [0, 0, 0], [0, 0, 0]], r"matrix\[0, 1\] is 0.5"),
        ([[0, -1, 0], [0, 0, 0], [0, 0, 0]], r"matrix\[0, 1\] is -1"),
    ],
)
def test_a_matrix_that_is_no_graph_is_refused(matrix: Any, said: str) -> None:
    with pytest.raises(SpaceError, match=said):
        from_adjacency(matrix, ("input", "a", "output"))


def test_paths_lead_from_each_input_to_the_output() -> None:
    graph = Graph(("input", "input", "a", "b", "output"), ((0, 2), (1, 2), (1, 3), (2, 4), (3, 4)))
    assert paths(graph) == {(0, ("a",)), (1, ("a",)), (1, ("b",))}
    assert paths(Graph(("input", "output"), ())) == frozenset()


def test_nas_bench_101_has_as_many_paths_as_the_paper_says_and_keeps_forty() -> None:
    assert len(path_names(NAS101)) == 364
    assert path_names(NAS101, keep=40) == path_names(NAS101)[:40]
    assert path_names(NAS101)[39].count(">") == 3
    assert len(path_names(CELL201)) == 4 + 4**2 + 4**3


@with_cells
def test_the_columns_that_are_1_are_those_of_the_paths(name: str) -> None:
    space, keep = SPACES[name], 3_000
    names = path_names(space, keep)
    kept = set(names)
    for arch in drawn(space, 5):
        row = path_encoding(space, arch, keep)
        inputs = {cell.path: cell.dag.inputs for cell in cell_slots(space)}
        expected = {
            f"{path}: {'>'.join((f'input {k}' if inputs[path] > 1 else 'input', *ops))}"
            for path, graph in cell_graphs(space, arch).items()
            for k, ops in paths(graph)
        }
        assert {name for name, bit in zip(names, row, strict=True) if bit} == expected & kept
        assert row.sum() <= len(expected)


def test_the_paths_of_every_cell_are_beside_each_other_and_shorter_ones_first() -> None:
    names = path_names(DARTS, keep=20)
    assert [name.partition(":")[0] for name in names] == ["cells/normal"] * 20 + [
        "cells/reduction"
    ] * 20
    assert names[0] == "cells/normal: input 0>max_pool_3x3"
    assert names[7] == "cells/normal: input 1>max_pool_3x3"
    assert names[14] == "cells/normal: input 0>max_pool_3x3>max_pool_3x3"
    assert path_encoding(DARTS, drawn(DARTS, 1)[0], keep=20).shape == (40,)


def test_a_path_encoding_of_a_space_without_cells_is_refused_with_what_would_do() -> None:
    arch = drawn(SPACES["mlp"], 1)[0]
    with pytest.raises(SpaceError, match=r"columns/bins: a path encoding .* none; `one_hot`"):
        path_encoding(SPACES["mlp"], arch)
    with pytest.raises(SpaceError, match="the space: a path encoding describes cells"):
        path_names(op("output"))


def test_a_path_encoding_that_would_be_endless_asks_for_a_bound() -> None:
    nasnet = SPACES["nasnet"]
    with pytest.raises(SpaceError, match=r"cells/normal: there are \d+ paths .* 100000 at most"):
        path_names(nasnet)
    with pytest.raises(SpaceError, match="cells/normal: a path encoding keeps at least one"):
        path_names(nasnet, keep=0)
    with pytest.raises(SpaceError, match="cells/cell/0: the architecture has no answer"):
        path_encoding(CELL201, Architecture(()))


def test_an_operation_of_a_repeated_child_may_be_on_the_states() -> None:
    vertex = Choice((op("conv"), op("identity")))
    space = seq(cell=Dag(((0, 1, op("identity")), (1, 2, op("identity"))), vertices=(vertex,)))
    graph = cell_graphs(space, Architecture.of({"cell/vertex/0": "conv"}))["cell"]
    assert graph.ops == ("input", "conv", "identity", "output")
    assert path_encoding(space, Architecture.of({"cell/vertex/0": "conv"})).sum() == 1
