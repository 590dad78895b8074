"""Trials that are stopped early: where that holds, and a run that has some."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import optuna
import pytest

import archwright
from archwright.auto.engine import in_memory
from archwright.auto.job import read
from archwright.auto.options import Options
from archwright.clock import Clock
from archwright.core.trial import History

if TYPE_CHECKING:
    from tests.conftest import Run

EAGER: dict[str, Any] = {"epochs": 4, "early_stop": 1.0, "strategy": "random"}
"""A third of a chance to be among the best three is not enough: so some are stopped soon."""


def searched(run: Run, **options: Any) -> History:
    asked = Options(**{"trials": 20, **EAGER, **options})
    return in_memory(read(run.data, asked), asked, Clock())[1]


def states(folder: Path) -> list[tuple[str, str]]:
    study = optuna.load_study(study_name="archwright", storage=f"sqlite:///{folder / 'study.db'}")
    return [(trial.user_attrs["key"], trial.state.name) for trial in study.trials]


def test_hopeless_trials_are_stopped_and_known_starts_never(wine_run: Run) -> None:
    history = searched(wine_run)
    assert history.stopped
    assert not history.failed
    assert all(trial.number >= 8 for trial in history.stopped), "not before there are peers"
    assert {trial.proposal.origin for trial in history.stopped} == {"random"}
    for trial in history.stopped:
        assert trial.error.startswith("stopped after")
        assert trial.curve[-1]["share"] < 0.9


@pytest.mark.parametrize(
    "options",
    [{"early_stop": 0.0}, {"folds": 2}, {"strategy": "nsga2"}, {"strategy": "asha"}],
    ids=["asked not to", "folds", "several objectives", "promotion"],
)
def test_none_is_stopped_where_curves_do_not_decide(wine_run: Run, options: dict[str, Any]) -> None:
    assert not searched(wine_run, **options).stopped


@pytest.mark.slow  # two whole runs
def test_a_run_with_stopped_trials_is_told_and_can_be_gone_on_with(
    wine_run: Run, tmp_path: Path
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    made = archwright.search(wine_run.data, trials=20, out=whole, **EAGER)
    archwright.search(wine_run.data, trials=14, out=parts, **EAGER)
    archwright.resume(parts, trials=20)
    assert states(parts) == states(whole)
    stopped = [state for _, state in states(whole)].count("PRUNED")
    assert made.metrics["trials"]["stopped"] == stopped > 0
    assert made.metrics["trials"]["done"] == 20 - stopped
    assert f"{stopped} stopped early" in made.report.read_text(encoding="utf-8")
