from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import main_job
from benchmarks.main_job import CASES, Bench, main, on_the_clock, rivals
from benchmarks.runs import Case, Failure, Measured


def measured(seconds: float, first: float, **boards: dict[str, float]) -> Measured:
    return Measured(Path("run"), seconds, first, {"rivals": boards})


def test_a_run_is_over_its_budget_only_beyond_two_per_cent_and_two_seconds() -> None:
    case = Case("digits", Path("digits.npz"), 60)
    over, first = on_the_clock(case, [measured(63.2, 6.0), measured(64.2, 18.0)])
    assert over["value"] == pytest.approx(1.0)
    assert over["goal"] == 0
    assert first["value"] == pytest.approx(1.5)


def test_the_first_model_of_a_long_search_is_due_after_half_a_minute() -> None:
    case = Case("mnist", Path("mnist.npz"), 300)
    assert on_the_clock(case, [measured(300, 15.0)])[1]["value"] == pytest.approx(0.5)


def test_rivals_are_medians_of_those_on_every_leaderboard() -> None:
    name = "HistGradientBoosting"
    found = [
        measured(1, 1, **{name: {"accuracy": value}, "trial 3": {"accuracy": 0.5}})
        for value in (0.7, 0.9, 0.8)
    ]
    assert rivals(found, "accuracy") == {name: 0.8}


@pytest.mark.parametrize("words", [["--seeds", "1"], ["--budget-scale", "0.5"], ["--seeds", "0"]])
def test_a_dry_run_needs_a_file_of_its_own(words: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2


def test_a_dry_run_does_not_overwrite_the_committed_file() -> None:
    with pytest.raises(SystemExit):
        main(["--seeds", "1", "--out", str(main_job.COMMITTED)])


def test_each_case_is_written_when_it_is_over_and_a_failure_loses_that_case_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"

    def digits(bench: Bench) -> list[dict[str, Any]]:
        return [main_job.record("digits/60s", main_job.Aim("m", "lower", 0), [1])]

    def mnist(bench: Bench) -> list[dict[str, Any]]:
        assert json.loads(out.read_text())["records"]
        raise Failure("mnist.npz: there is no such file")

    monkeypatch.setattr(main_job, "CASES", {"digits": digits, "mnist": mnist})
    monkeypatch.setattr(main_job, "ROOT", tmp_path)
    assert main(["--out", str(out)]) == 1
    written = json.loads(out.read_text())
    assert [one["case"] for one in written["records"]] == ["digits/60s"]
    assert written["command"] == "make bench"
    assert "mnist: not measured: mnist.npz" in capsys.readouterr().err


def test_missing_data_says_how_to_name_its_folder(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="ARCHWRIGHT_DATA"):
        Bench(tmp_path, tmp_path, 3, 1.0).mnist()


def test_the_cases_are_those_that_the_file_is_made_of() -> None:
    expected = ["digits", "mnist", "adult", "california"]
    assert list(CASES) == [*expected, "standalone", "killed_and_resumed", "command_line"]
