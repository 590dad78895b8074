from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from archwright.core.architecture import Architecture
from archwright.core.encode import feature_names, features, features_many, hybrid
from archwright.core.encode.holes import cell_slots
from archwright.core.encode.topology import sets, shape_features, shape_names
from archwright.core.graph import Graph, canonical_key
from archwright.core.space import Choice, Dag, Node, Range, Repeat, Seq, op, seq
from archwright.errors import SpaceError
from archwright.spaces.cell201 import of_ops
from archwright.spaces.macro import of_digits
from tests.core.spaces import SPACES, TOY, drawn

CONV, SMALL, SKIP, POOL, NONE = (
    *("nor_conv_3x3", "nor_conv_1x1", "skip_connect", "avg_pool_3x3", "none"),
)
CELL201 = SPACES["cell201"]


def told(space: Node, arch: Architecture) -> dict[str, float]:
    """Return the features by name."""
    return dict(zip(feature_names(space), features(space, arch).tolist(), strict=True))


def of_cell(*ops: str) -> dict[str, float]:
    """Return the features of a cell of NAS-Bench-201 by name, without its path."""
    every = told(CELL201, of_ops(*ops))
    return {name.removeprefix("cells/cell: "): value for name, value in every.items()}


@pytest.mark.parametrize("name", SPACES)
def test_every_architecture_has_a_finite_number_for_each_name(name: str) -> None:
    space, archs = SPACES[name], drawn(SPACES[name], 20)
    rows = features_many(space, archs)
    assert rows.dtype == np.float32
    assert rows.shape == (20, len(set(feature_names(space))))
    assert np.isfinite(rows).all()
    assert all((features(space, arch) == row).all() for arch, row in zip(archs, rows, strict=True))


def test_operations_are_counted_where_they_are_alive() -> None:
    found = of_cell(CONV, NONE, NONE, SKIP, CONV, POOL)
    assert found["count nor_conv_3x3"] == 2
    assert found["count skip_connect"] == 1
    assert found["count avg_pool_3x3"] == 0  # nothing reaches the state that it starts from


def test_the_shortest_way_knows_which_operations_are_banned() -> None:
    found = of_cell(CONV, NONE, SKIP, NONE, POOL, CONV)  # 0-1 conv, then 1-3 pool, or 1-2-3
    assert found["shortest nor_conv_3x3|avg_pool_3x3"] == 2
    assert found["shortest skip_connect|nor_conv_3x3"] == 3
    assert found["shortest skip_connect|nor_conv_3x3|avg_pool_3x3"] == 2
    assert found["shortest nor_conv_3x3"] == 4  # there is none: one more than any way has


def test_the_most_of_a_set_on_one_way_is_told() -> None:
    found = of_cell(CONV, NONE, SKIP, NONE, POOL, CONV)
    assert found["passes nor_conv_3x3"] == 2
    assert found["passes avg_pool_3x3"] == 1
    assert found["passes skip_connect|avg_pool_3x3"] == 1
    assert found["passes nor_conv_1x1"] == 0


def test_degrees_and_the_number_of_paths_are_told_for_each_set() -> None:
    found = of_cell(CONV, NONE, SKIP, POOL, POOL, CONV)
    assert found["feeds nor_conv_3x3"] == 1
    assert found["feeds nor_conv_3x3|avg_pool_3x3"] == 2
    assert found["end avg_pool_3x3"] == 2
    assert found["end nor_conv_3x3"] == 1
    assert found["from it nor_conv_3x3"] == pytest.approx(3 / 7)  # 7 vertices with the two ends
    assert found["to it avg_pool_3x3"] == pytest.approx(2 / 7)
    assert found["paths skip_connect|nor_conv_3x3|avg_pool_3x3"] == pytest.approx(np.log(4))
    assert found["paths avg_pool_3x3"] == pytest.approx(np.log(2))


def test_a_dead_cell_has_no_ways() -> None:
    found = of_cell(*[NONE] * 6)
    assert {value for name, value in found.items() if not name.startswith("shortest")} == {0}
    assert {value for name, value in found.items() if name.startswith("shortest")} == {4}


def test_equal_networks_have_equal_features_and_others_have_not() -> None:
    """Identities aside, which features count as operations and the canonical form contracts."""
    archs = [of_ops(*ops) for ops in itertools.product((NONE, CONV, POOL), repeat=6)][::3]
    pairs = {(canonical_key(CELL201, a), features(CELL201, a).tobytes()) for a in archs}
    assert len(pairs) == len({key for key, _ in pairs}) == len({row for _, row in pairs})
    assert len(pairs) < len(archs)


def test_few_operations_have_all_their_sets_and_many_have_single_ones_and_all_but_one() -> None:
    assert len(sets(tuple("abcde"))) == 31
    assert len(sets(tuple("abcdef"))) == 6 + 6 + 1
    assert sets(("a",)) == [("a",)]
    assert sets(()) == []


def test_each_input_of_a_cell_has_its_own_ways() -> None:
    edge = Choice((op("a"), op("b")))
    dag = Dag(((0, 2, edge), (1, 2, edge)), inputs=2)
    graph = Graph(("input", "input", "a", "b", "output"), ((0, 2), (1, 3), (2, 4), (3, 4)))
    found = dict(zip(shape_names(dag), shape_features(dag, graph).tolist(), strict=True))
    assert (found["shortest from 0 a"], found["shortest from 1 a"]) == (1, 2)
    assert (found["passes from 0 b"], found["passes from 1 b"]) == (0, 1)
    assert (found["feeds from 0 a"], found["feeds from 1 a"]) == (1, 0)


def test_cells_that_an_architecture_does_not_have_are_zeros() -> None:
    none = next(arch for arch in drawn(TOY, 50) if arch.answers["cells/depth"] == 0)
    assert {v for name, v in told(TOY, none).items() if name.startswith("cells/0:")} == {0}


def test_widths_and_depths_are_summed_up() -> None:
    layer = op("dense", units=Choice((4, 8, 12)), skip=Choice((False, True)))
    space = seq(body=Repeat(layer, Range(0, 3)), rate=Choice((0.0, 0.5)), kind=Choice(("a", "b")))
    answers = {"body/depth": 2, "rate": 0.5, "kind": "b"}
    answers |= {"body/0/units": 12, "body/0/skip": True, "body/1/units": 4, "body/1/skip": False}
    assert told(space, Architecture.of(answers)) == {
        "body/depth: value": 2,
        "body/units: open": 2,
        "body/units: sum": 16,
        "body/units: mean": 8,
        "body/units: low": 4,
        "body/units: high": 12,
        "body/units: trend": -8,
        "body/skip: count False": 1,
        "body/skip: count True": 1,
        "body/skip: place False": 1,
        "body/skip: place True": 0,
        "rate: value": 0.5,
        "kind: count a": 0,
        "kind: count b": 1,
    }
    empty = told(space, Architecture.of({"body/depth": 0, "rate": 0.0, "kind": "a"}))
    assert {empty[f"body/units: {each}"] for each in ("open", "sum", "mean", "trend")} == {0}
    assert empty["body/skip: place True"] == 0.5


def test_numbers_that_differ_tenfold_are_told_in_logarithms() -> None:
    space = seq(many=Repeat(op("x", w=Range(2, 200)), 2), few=Range(2, 19), none=Range(0, 90))
    answers = {"many/0/w": 2, "many/1/w": 200, "few": 5, "none": 0}
    found = told(space, Architecture.of(answers))
    assert found["many/w: trend"] == pytest.approx(np.log(100))
    assert "many/w: open" not in found  # all of them always are
    assert (found["few: value"], found["none: value"]) == (5, 0)


def test_a_number_that_may_be_closed_says_whether_it_is() -> None:
    space = seq(a=Choice((op("x"), op("y", k=Range(0, 4)))))
    assert told(space, Architecture.of({"a": "y", "a/y/k": 0}))["a/y/k: open"] == 1
    assert told(space, Architecture.of({"a": "x"}))["a/y/k: open"] == 0


def test_layers_in_a_row_are_counted_and_placed() -> None:
    found = told(SPACES["macro"], of_digits("00000012"))
    assert found["layers: count identity"] == 6
    assert found["layers: place mb6"] == 1
    assert found["layers: place identity"] == pytest.approx(2.5 / 7)


def test_holes_below_an_edge_are_told_apart_from_those_that_wire_a_cell() -> None:
    names = [name for name in feature_names(TOY) if ": value" in name or ": count" in name]
    assert "cells/conv/kernel: sum" in feature_names(TOY)
    assert not [name for name in names if "from" in name or "vertex:" in name]
    root = Dag(((Choice((0,)), 1, Choice((op("a"), op("b", k=Range(1, 3))))),))
    assert [name for name in feature_names(root) if "value" in name] == ["b/k: value"]
    assert feature_names(Seq((Choice((1, 2)),))) == ("space: value",)


def test_features_of_a_foreign_architecture_are_refused() -> None:
    with pytest.raises(SpaceError, match="cells/cell/0: the architecture has no answer"):
        features(CELL201, of_digits("00000012"))


def test_changing_a_row_does_not_change_what_is_remembered() -> None:
    arch = of_ops(*[CONV] * 6)
    features(CELL201, arch)[:] = -1
    assert features(CELL201, arch).min() >= 0


def test_hybrid_rows_end_in_ranks_of_the_scores() -> None:
    archs = drawn(CELL201, 4)
    scores = {"params": [10.0, 1e9, 20.0, 10.0], "synflow": [float("nan"), 1, 2, 3]}
    rows = hybrid(CELL201, archs, scores)
    width = len(feature_names(CELL201))
    assert (rows[:, :width] == features_many(CELL201, archs)).all()
    assert rows[:, width].tolist() == [0.25, 0.875, 0.625, 0.25]
    assert rows[:, width + 1].tolist() == [0.125, 0.375, 0.625, 0.875]
    assert hybrid(CELL201, [], {"params": []}).shape == (0, width + 1)


def test_a_score_that_does_not_fit_the_pool_is_refused() -> None:
    with pytest.raises(SpaceError, match=r"the score 'params' has values of shape \(3,\)"):
        hybrid(CELL201, drawn(CELL201, 4), {"params": [1, 2, 3]})


def test_rows_that_were_made_once_are_looked_up() -> None:
    archs = drawn(SPACES["darts"], 60)

    def seconds() -> float:
        start = time.process_time()
        features_many(SPACES["darts"], archs)
        return time.process_time() - start

    first = seconds()
    assert seconds() < first / 3  # some hundred times as fast; a busy machine is allowed for


def test_the_cells_of_a_space_have_their_features_beside_each_other() -> None:
    starts = [name.partition(":")[0] for name in feature_names(SPACES["nasnet"])]
    paths = [cell.path for cell in cell_slots(SPACES["nasnet"])]
    assert list(dict.fromkeys(starts)) == paths
