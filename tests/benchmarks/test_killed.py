from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from archwright.core.architecture import sample
from archwright.core.objective import objective
from archwright.core.problem import Problem
from archwright.core.space import Choice, Op
from archwright.core.trial import Proposal, Result
from archwright.study import Study, open_storage
from benchmarks.killed import KILLS, TRIALS, differences, moments, plan, reached, trials

TRIAL: dict[str, Any] = {
    "arch": {"depth": 2},
    "state": "COMPLETE",
    "origin": "random",
    "parent": None,
    "fidelity": 0.25,
    "metrics": {"accuracy": 0.9},
    "seconds": 1.0,
}


@pytest.mark.parametrize("seed", range(20))
def test_the_moments_lie_one_in_each_fifth_of_the_search(seed: int) -> None:
    found = moments(Random(seed), usual=0.5)
    assert [moment.trials * KILLS // TRIALS for moment in found] == list(range(KILLS))
    assert all(0 <= moment.seconds <= 0.5 for moment in found)
    assert all(1 <= moment.trials <= TRIALS - 2 for moment in found)
    assert all(a.trials < b.trials for a, b in pairwise(found))


def test_equal_trials_do_not_differ_whatever_the_clock_said() -> None:
    assert differences([TRIAL], [{**TRIAL, "seconds": 2.0}]) == []


@pytest.mark.parametrize(
    "change",
    [
        {"arch": {"depth": 3}},
        {"state": "FAIL"},
        {"origin": "mutation"},
        {"parent": 0},
        {"fidelity": 1.0},
        {"metrics": {"accuracy": 0.9000001}},
    ],
)
def test_a_trial_that_differs_in_anything_else_is_told(change: dict[str, Any]) -> None:
    [told] = differences([TRIAL, TRIAL], [TRIAL, {**TRIAL, **change}])
    assert told.startswith(f"trial 1 differs in {next(iter(change))}")


def test_missing_and_additional_trials_are_told() -> None:
    assert differences([TRIAL, TRIAL], [TRIAL]) == ["trial 1 is not in the killed search"]
    assert differences([TRIAL], [TRIAL, TRIAL]) == ["trial 1 is not in the whole search"]


def test_the_progress_lines_say_how_many_trials_there_were() -> None:
    log = "Forecast: about 40 trials\nbest x 0.9; trial 9 of about 40\nbest x 0.9; trial 10 of"
    assert reached(log) == 10
    assert reached("Forecast: about 40 trials") == 0


def test_a_study_is_read_without_what_the_clock_measured(tmp_path: Path) -> None:
    aim = objective("accuracy", "classification")
    space = Choice((Op("relu"), Op("tanh")))
    study = Study(Problem("data", space, aim, ()), open_storage(tmp_path / "study.db"), "any name")
    number = study.start(Proposal(sample(space, Random(0)), 0.25, None, "portfolio"))
    study.finish(number, Result({"accuracy": 0.9, "step_ms": 1.5, "latency_ms": 2.5}), 3.0)
    study.note("run", {"setup": {"plan": {"threads": 2}}})
    [found] = trials(tmp_path)
    assert plan(tmp_path) == {"threads": 2}
    assert found["metrics"] == {"accuracy": 0.9}
    assert found["origin"] == "portfolio"
    assert found["fidelity"] == 0.25
    assert found["state"] == "COMPLETE"
    assert found["arch"]
