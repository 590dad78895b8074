from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archwright.bench import Comparison, Terms, records
from archwright.bench.protocols import Run
from benchmarks import asking, search
from benchmarks.search import CASES, GOALS, Bench, entrants, main, paired, present, with_goals


def comparison(**runs: list[Run]) -> Comparison:
    facts = {"networks": 9, "accuracies": "measured"}
    terms = Terms("oracle", 192)
    return Comparison("nb201/cifar10", facts, terms, "random", runs, {}, has_optimum=True)


def made(accuracy: float, hit: int = 0) -> Run:
    return Run((accuracy,) * 192, (0.0,) * 192, hit, 1.0, 0.1)


def test_records_are_grouped_by_table_and_protocol_and_know_what_was_promised() -> None:
    found = comparison(random=[made(94.0)], evolution=[made(94.3, 100)])
    told = with_goals("nb201-cifar10-oracle", found, records(found))
    by = {(one["case"].split("/")[1], one["metric"]): one for one in told}
    assert {one["case"].split("/")[0] for one in told} == {"nb201-cifar10-oracle"}
    assert by["evolution", "queries"]["goal"] == 125
    assert by["random", "queries"]["goal"] is None
    assert by["evolution", "accuracy_192"]["goal"] == 94.0, "random search's"
    assert by["random", "accuracy_192"]["goal"] is None


def test_what_is_predicted_is_told_apart_from_what_was_measured() -> None:
    found = comparison(random=[made(94.0)])
    assert "facts" not in with_goals("any", found, records(found))[0]
    guessed = replace(found, facts={"accuracies": "predicted, not measured"})
    told = with_goals("any", guessed, records(guessed))[0]
    assert told["facts"]["accuracies"] == "predicted, not measured"


def test_goals_are_of_cases_and_metrics_that_exist() -> None:
    assert GOALS.keys() <= CASES.keys()
    found = comparison(random=[made(94.0)], evolution=[made(94.3, 100)])
    metrics = {one["metric"] for one in records(found)}
    for name, goals in GOALS["nb201-cifar10-oracle"].items():
        assert goals.keys() <= metrics, name


def test_strategies_that_do_not_exist_are_left_out_and_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert present(["random", "never-made+zc", "random"]) == ["random"]
    assert "never-made" in capsys.readouterr().err


def test_every_strategy_for_whole_trainings_takes_part() -> None:
    assert {"random", "evolution"} <= set(entrants())
    assert not {"asha", "hyperband", "warm"} & set(entrants())


def test_a_difference_of_paired_seeds_is_reported_whatever_comes_out() -> None:
    default, other, gain = (
        one
        for one in sorted(
            paired("mnist/10m", {"default": [0.99, 0.98], "random": [0.98, 0.99]}),
            key=lambda one: str(one["metric"] == "default_minus_random"),
        )
    )
    assert (default["case"], other["case"]) == ("mnist/10m/default", "mnist/10m/random")
    assert gain["value"] == pytest.approx(0)
    assert gain["p"] == 1.0


def test_asking_is_timed_and_memory_looked_at() -> None:
    found = asking.asked("evolution", trials=60, asks=8)
    assert len(found.later) == 7
    assert min(found.later) > 0
    assert found.first > 0


def test_the_made_up_loss_tells_architectures_apart() -> None:
    from random import Random

    from archwright.core.architecture import sample
    from archwright.spaces.darts import darts

    space, rng = darts((3, 32, 32)), Random(0)
    losses = {asking.loss(sample(space, rng)) for _ in range(9)}
    assert len(losses) == 9
    assert all(0 < value < 1 for value in losses)


@pytest.mark.parametrize("words", [["--quick"], ["--processes", "0"]])
def test_a_dry_run_needs_a_file_of_its_own(words: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2


def test_each_case_is_written_when_it_is_over_and_mnist_runs_only_when_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.json"

    def case(name: str) -> Any:
        return lambda at: [search.record(f"{name}/x", search.Aim("m", "lower", 1.0), [1])]

    monkeypatch.setattr(search, "CASES", {name: case(name) for name in ("ask", "mnist")})
    monkeypatch.setattr(search, "ROOT", tmp_path)
    assert main(["--quick", "--out", str(out)]) == 0
    assert [one["case"] for one in json.loads(out.read_text())["records"]] == ["ask/x"]
    assert main(["--quick", "--out", str(out), "--only", "mnist"]) == 0
    both = json.loads(out.read_text())
    assert [one["case"] for one in both["records"]] == ["ask/x", "mnist/x"]
    assert both["command"] == "make bench-search"


def test_missing_tables_and_data_lose_their_case_and_say_where_to_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(search, "ROOT", tmp_path)
    words = ["--quick", "--out", str(tmp_path / "out.json"), "--data", str(tmp_path)]
    assert main([*words, "--only", "macro-cifar10-oracle"]) == 1
    assert "nas_bench_macro_cifar10.npz: there is no such file" in capsys.readouterr().err
    assert main([*words, "--only", "mnist"]) == 1
    assert "ARCHWRIGHT_DATA" in capsys.readouterr().err


def test_a_comparison_leaves_its_curves_beside_the_runs(tmp_path: Path) -> None:
    import numpy as np

    from tests.bench.conftest import chains

    (tmp_path / "nas").mkdir()
    np.savez(tmp_path / "nas" / "nas_bench_macro_cifar10.npz", **chains())
    at = Bench(tmp_path, tmp_path, seeds=2, quick=True, processes=1)
    told = at.compare("macro", "honest", ["random"])
    assert {one["case"] for one in told} == {"macro-cifar10-honest/random"}
    assert (tmp_path / "macro-cifar10-honest.html").is_file()
