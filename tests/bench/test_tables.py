"""The tables: what is read from their files, and what is said of files absent or broken."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from archwright.bench.compare import load
from archwright.bench.macro import digits, macro
from archwright.bench.nb201 import nb201
from archwright.bench.nb301 import encode, nb301, read_cells
from archwright.core.architecture import Architecture, sample
from archwright.core.graph import canonical_key
from archwright.errors import DataError, SpaceError
from archwright.spaces.cell201 import of_ops
from archwright.spaces.darts import of_cells
from archwright.spaces.macro import of_digits
from tests.bench.conftest import cells, chains, two_cells

CONV, SKIP, NONE, POOL = "nor_conv_3x3", "skip_connect", "none", "avg_pool_3x3"


def test_a_cell_is_found_in_its_row(folder: Path) -> None:
    table, held = nb201(folder, "cifar10"), cells()
    arch = of_ops(CONV, SKIP, NONE, POOL, CONV, SKIP)
    row = [list(each) for each in held["ops"]].index([3, 1, 0, 4, 3, 1])
    found = table.look_up(arch)
    assert found["test"] == pytest.approx(float(held["c10_test_200"][row]), abs=1e-4)
    assert found["val_12"] == pytest.approx(float(held["c10_val_12"][row]), abs=1e-4)
    assert found["seconds_200"] == pytest.approx(found["seconds_12"] * 200 / 12)


def test_operations_are_found_by_name_whatever_their_numbers(tmp_path: Path) -> None:
    held = cells(("none", "nor_conv_3x3", "nor_conv_1x1", "skip_connect"))
    np.savez(tmp_path / "nb201.npz", **held)
    assert nb201(tmp_path, "cifar10").optima == (of_ops(*[SKIP] * 6),)


def test_every_network_of_the_space_is_in_the_table(folder: Path) -> None:
    for name in ("nb201", "nb201/cifar100", "macro", "nb301"):
        table, rng = load(name, folder), Random(0)
        for _ in range(20):
            found = table.look_up(sample(table.space, rng))
            for protocol in table.protocols.values():
                assert math.isfinite(found[protocol.report])
                assert all(math.isfinite(found[each]) for each in protocol.feedback.values())


def test_scores_of_a_cell_are_those_of_what_is_alive_in_it(folder: Path) -> None:
    scores = nb201(folder, "cifar10").scores
    assert scores is not None
    space = load("nb201", folder).space
    lame = of_ops(NONE, CONV, CONV, NONE, POOL, CONV)  # nothing reaches state 1
    pruned = of_ops(NONE, CONV, NONE, NONE, NONE, CONV)
    assert scores(space, lame) == scores(space, pruned) != {}


def test_what_no_score_was_measured_of_has_none(folder: Path) -> None:
    table = nb201(folder, "cifar10")
    assert table.scores is not None
    assert table.scores(table.space, of_ops(*[NONE] * 6)) == {}


def test_a_chain_is_judged_by_one_training_and_reported_by_the_others(folder: Path) -> None:
    table, held = macro(folder), chains()
    arch = of_digits("00120210")
    assert digits(arch) == "00120210"
    row = list(held["arch"]).index("00120210")
    found = table.look_up(arch)
    assert found["test"] == pytest.approx(held["acc"][row].mean(), abs=1e-3)
    assert found["one_training"] == pytest.approx(held["acc"][row, 0], abs=1e-3)
    assert found["other_trainings"] == pytest.approx(held["acc"][row, 1:].mean(), abs=1e-3)
    assert table.optima == (of_digits("22222222"),)
    assert table.scores is not None
    assert table.scores(table.space, arch) == {"params": 6000.0, "macs": 12000.0}


def test_cells_of_the_darts_space_are_written_as_the_file_does() -> None:
    sep, skip = "sep_conv_3x3", "skip_connect"
    normal = [(sep, 0), (skip, 1), (sep, 0), (sep, 2), (skip, 1), (skip, 3), (sep, 2), (skip, 4)]
    reduction = [(skip, 0), (skip, 1)] * 4
    first, second = read_cells(of_cells(normal, reduction))
    assert first == [(0, 3), (1, 2), (0, 3), (2, 3), (1, 2), (3, 2), (2, 3), (4, 2)]
    assert second == [(0, 2), (1, 2)] * 4


def test_the_order_of_two_edges_of_a_state_changes_no_feature() -> None:
    cell = [(0, 3), (1, 2), (2, 3), (0, 4), (1, 2), (3, 2), (2, 3), (4, 2)]
    turned = [(1, 2), (0, 3), (0, 4), (2, 3), (1, 2), (3, 2), (4, 2), (2, 3)]
    other = [(1, 3), (0, 2), *cell[2:]]
    assert np.array_equal(encode([cell, cell]), encode([turned, turned]))
    assert not np.array_equal(encode([cell, cell]), encode([other, cell]))


def test_predictions_follow_what_the_networks_have_in_common(folder: Path) -> None:
    table = nb301(folder)
    sep, skip = "sep_conv_3x3", "skip_connect"
    good = of_cells([(sep, 0), (sep, 1)] * 4, [(sep, 0), (sep, 1)] * 4)
    bad = of_cells([(skip, 0), (skip, 1)] * 4, [(skip, 0), (skip, 1)] * 4)
    assert table.look_up(good)["predicted"] > table.look_up(bad)["predicted"] + 1
    facts = table.facts()
    assert facts["accuracies"] == "predicted, not measured"
    assert facts["cross_validated_spearman"] > 0.5
    assert facts["networks"] == 80


FILES = {
    "nb201": "nb201.npz",
    "macro": "nas_bench_macro_cifar10.npz",
    "nb301": "nb101_500_nb301_1218_zero_cost.parquet",
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_absent_is_named_with_the_way_out(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"{FILES[name]}: there is no such file.*--data"):
        load(name, tmp_path)


def test_without_a_folder_the_environment_is_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ARCHWRIGHT_NAS", raising=False)
    with pytest.raises(DataError, match="where are the benchmark tables"):
        macro(None)
    monkeypatch.setenv("ARCHWRIGHT_NAS", str(folder))
    assert macro(None).name == "macro/cifar10"


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: b"no table at all",
        lambda data: data[: len(data) // 2],
        lambda data: data[:2000] + bytes(range(256)) * 8 + data[4048:],
    ],
    ids=["empty", "text", "cut", "noise"],
)
def test_a_damaged_file_is_named(
    name: str, spoil: Callable[[bytes], bytes], folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / FILES[name]
    path.write_bytes(spoil((folder / FILES[name]).read_bytes()))
    with pytest.raises(DataError, match=rf"{FILES[name]}: (damaged|not this|\d+ )"):
        load.__wrapped__(name, tmp_path)


def test_a_file_of_another_table_is_told(tmp_path: Path) -> None:
    np.savez(tmp_path / "nb201.npz", other=np.zeros(3))
    with pytest.raises(DataError, match="it lacks ops"):
        nb201(tmp_path, "cifar10")
    held: Any = {key: value[:10] for key, value in chains().items()}
    np.savez(tmp_path / FILES["macro"], **held)
    with pytest.raises(DataError, match="10 networks instead of 6,561"):
        macro(tmp_path)
    two_cells().drop(columns="arch").to_parquet(tmp_path / FILES["nb301"])
    with pytest.raises(DataError, match="another table"):
        nb301(tmp_path)


def test_an_unknown_table_or_data_set_is_answered_with_the_nearest() -> None:
    with pytest.raises(SpaceError, match="did you mean 'nb201'"):
        load("nb21")
    with pytest.raises(SpaceError, match="did you mean 'cifar100'"):
        load("nb201/cifar1000")


def test_a_protocol_whose_values_lack_is_refused(folder: Path) -> None:
    with pytest.raises(SpaceError, match=r"no values for the protocol 'timed'.*oracle, honest"):
        load("nb201/cifar100", folder).protocol("timed")


def test_the_real_cells_have_the_known_optima(real: Path) -> None:
    table = load("nb201/cifar10", real)
    assert table.optimum == pytest.approx(94.373, abs=1e-3)
    assert len(table.optima) == 2
    assert len({canonical_key(table.space, arch) for arch in table.optima}) == 2
    hundred = load("nb201/cifar100", real)
    assert hundred.optimum == pytest.approx(73.513, abs=1e-3)
    assert hundred.optima == (of_ops(CONV, CONV, CONV, SKIP, CONV, CONV),)


def test_a_real_cell_with_dead_edges_has_scores_as_long_as_its_output_is_reached(
    real: Path,
) -> None:
    table, rng = load("nb201/cifar10", real), Random(0)
    assert table.scores is not None
    archs = [sample(table.space, rng) for _ in range(200)]
    without = [arch for arch in archs if not table.scores(table.space, arch)]
    dead = canonical_key(table.space, of_ops(*[NONE] * 6))
    assert all(canonical_key(table.space, arch) == dead for arch in without)


def test_the_real_chains_have_the_known_optimum(real: Path) -> None:
    table = load("macro", real)
    assert table.optimum == pytest.approx(93.127, abs=1e-3)
    assert {digits(arch) for arch in table.optima} == {"22212202", "22212220"}
    assert len({canonical_key(table.space, arch) for arch in table.optima}) == 1, "one network"


@pytest.mark.slow
def test_the_real_darts_networks_are_predicted_well(real: Path) -> None:
    facts = load("nb301", real).facts()
    assert facts["networks"] == 1218
    assert facts["cross_validated_spearman"] > 0.9
    assert facts["cross_validated_r2"] > 0.8


def test_an_architecture_of_another_space_is_no_row(folder: Path) -> None:
    with pytest.raises(KeyError):
        load("nb201", folder).look_up(Architecture.of({"units": 3}))
