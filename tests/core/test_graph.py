from __future__ import annotations

from random import Random
from typing import Any

import pytest

from archwright.core.architecture import Architecture, sample
from archwright.core.graph import Graph, canonical, canonical_key, cells, dead, graph, live
from archwright.core.space import Choice, Dag, Op, Seq, op, seq

NONE, SKIP, CONV, POOL = op("none"), op("skip_connect"), op("conv", kernel=3), op("pool")
PAIRS = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))


def cell(*nodes: Op) -> Dag:
    """A cell of four states with an operation on each edge."""
    return Dag(tuple((s, t, node) for (s, t), node in zip(PAIRS, nodes, strict=True)))


def test_operations_one_after_the_other_are_a_chain() -> None:
    tree = seq(a=op("stem"), b=op("block", layers=Seq((CONV, POOL)), norm="none"))
    assert graph(tree) == Graph(
        ("input", "stem", "conv", "pool", "output"), ((0, 1), (1, 2), (2, 3), (3, 4))
    )
    assert cells(op("block", widths=Seq((8, 16)))) == {}  # literals are no operations


def test_each_live_edge_of_a_cell_is_a_vertex() -> None:
    tree = seq(stem=op("stem"), cell=cell(CONV, NONE, POOL, SKIP, NONE, CONV))
    made = graph(tree)
    assert made.ops == ("input", "stem", "conv", "pool", "skip_connect", "conv", "output")
    assert made.edges == ((0, 1), (1, 2), (2, 3), (1, 4), (3, 5), (4, 6), (5, 6))
    assert cells(tree) == {
        "cell": Graph(
            ("input", "conv", "pool", "skip_connect", "conv", "output"),
            ((0, 1), (1, 2), (0, 3), (2, 4), (3, 5), (4, 5)),
        )
    }


def test_a_cell_that_is_the_whole_tree_can_pass_its_input_on() -> None:
    twice = Seq((Dag(((0, 1, SKIP),)), Dag(((0, 1, CONV),))))
    assert graph(twice).ops == ("input", "skip_connect", "conv", "output")
    passing = Seq((CONV, Dag(((0, 1, NONE), (0, 2, POOL)), output="concat")))
    assert graph(passing).ops == ("input", "conv", "pool", "output")


def test_operations_may_sit_on_the_states_of_a_cell() -> None:
    link = op("identity")
    dag = Dag(((0, 1, link), (0, 2, link), (1, 2, link)), vertices=(CONV, op("identity")))
    assert cells(dag)[""] == Graph(
        ("input", "conv", "identity", "output"), ((0, 1), (0, 2), (1, 2), (2, 3))
    )
    inner = Dag(((0, 1, Seq((CONV, POOL))), (1, 2, Dag(((0, 1, CONV),)))))
    assert cells(inner)[""].ops == ("input", "conv+pool", "cell", "output")
    assert cells(inner)["1"].ops == ("input", "conv", "output")


def test_edges_that_give_nothing_or_lead_nowhere_are_dropped() -> None:
    # State 1 gets nothing; what leaves it, and what goes to state 2, is then of no use.
    pruned = live(cell(NONE, CONV, CONV, POOL, CONV, NONE))
    assert pruned.edges == ((0, 3, POOL),)
    silent = Dag(((0, 1, CONV), (1, 2, POOL)), vertices=(NONE, POOL))
    assert live(silent).edges == ()


@pytest.mark.parametrize(
    ("tree", "is_dead"),
    [
        (CONV, False),
        (NONE, True),
        (seq(a=CONV, b=NONE), True),
        (cell(CONV, NONE, CONV, NONE, NONE, NONE), True),
        (cell(NONE, NONE, NONE, SKIP, NONE, NONE), False),
        (op("stack", cell=Dag(((0, 1, NONE),))), True),
        (op("stack", norm="none"), False),
    ],
)
def test_a_network_is_dead_when_its_output_cannot_depend_on_its_input(
    tree: Any, is_dead: bool
) -> None:
    assert dead(tree) is is_dead
    assert (canonical(tree) == "none") is is_dead


def test_cells_that_differ_in_dead_edges_alone_are_equal() -> None:
    first = cell(NONE, CONV, CONV, POOL, CONV, NONE)
    second = cell(NONE, NONE, POOL, POOL, NONE, SKIP)
    assert canonical(first) == canonical(second)


def test_cells_whose_states_are_swapped_are_equal() -> None:
    first = cell(CONV, POOL, NONE, NONE, CONV, POOL)
    second = cell(POOL, CONV, NONE, NONE, POOL, CONV)
    assert canonical(first) == canonical(second)
    assert canonical(first) != canonical(cell(CONV, POOL, NONE, NONE, POOL, CONV))


def test_identities_are_contracted() -> None:
    first = cell(SKIP, NONE, CONV, NONE, NONE, SKIP)
    second = cell(NONE, CONV, NONE, NONE, NONE, SKIP)
    third = cell(NONE, NONE, NONE, CONV, NONE, NONE)
    assert canonical(first) == canonical(second) == canonical(third)
    assert canonical(Seq((CONV, SKIP))) == canonical(CONV)
    assert canonical(cell(SKIP, NONE, NONE, NONE, SKIP, NONE)) == "identity"


def test_a_state_added_twice_is_not_two_states_with_weights_of_their_own() -> None:
    shared = cell(CONV, SKIP, NONE, NONE, SKIP, NONE)  # conv(x) alone
    twice = Dag(((0, 1, CONV), (1, 2, SKIP), (1, 3, SKIP), (2, 3, SKIP)))  # 2 conv(x)
    apart = Dag(((0, 1, CONV), (0, 2, CONV), (1, 3, SKIP), (2, 3, SKIP)))  # conv(x) + other(x)
    assert len({canonical(tree) for tree in (shared, twice, apart)}) == 3


def test_a_dead_edge_from_two_inputs_tells_the_inputs_apart() -> None:
    left = Dag(((0, 2, CONV), (1, 2, NONE)), inputs=2)
    right = Dag(((0, 2, NONE), (1, 2, CONV)), inputs=2)
    assert canonical(left) != canonical(right)


def test_only_the_loose_ends_are_given_where_that_is_asked() -> None:
    edges = ((0, 1, CONV), (1, 2, POOL), (0, 3, POOL))
    loose, every = Dag(edges, output="loose"), Dag(edges, output="concat")
    assert graph(loose).edges == ((0, 1), (1, 2), (0, 3), (2, 4), (3, 4))
    assert graph(every).edges == ((0, 1), (1, 2), (0, 3), (1, 4), (2, 4), (3, 4))
    assert canonical(loose) != canonical(every)


def test_parameters_of_operations_are_part_of_what_they_are() -> None:
    assert canonical(op("conv", kernel=3)) != canonical(op("conv", kernel=5))


def test_beyond_so_many_orders_equal_cells_keep_an_order() -> None:
    fan = Dag(tuple((0, k, CONV) for k in range(1, 9)), output="concat")  # 8! orders, twice
    assert canonical(fan) == canonical(fan) != canonical(Dag(fan.edges[:-1], output="concat"))


def test_renaming_the_states_of_a_cell_changes_nothing() -> None:
    edge = Choice((NONE, SKIP, CONV, POOL))
    space = Dag(tuple((s, t, edge) for s, t in PAIRS))
    swap = {0: "1", 1: "0", 4: "5", 5: "4"}  # states 1 and 2 are not joined
    for seed in range(40):
        answers = {**sample(space, Random(seed)).answers, "2": "none"}
        swapped = {swap.get(int(path), path): value for path, value in answers.items()}
        pair = [canonical_key(space, Architecture.of(each)) for each in (answers, swapped)]
        assert pair[0] == pair[1]
