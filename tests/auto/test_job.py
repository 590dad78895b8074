"""How long a trial may take."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest

from archwright.auto.job import PATIENCE, TRAINING, Job
from archwright.train.recipe import Recipe


def job(budget: float, training_seconds: float, left: float = 800.0) -> Any:
    """A run of 600 s for the search, whose default network trains for so long on 1,000 rows."""
    setup = SimpleNamespace(
        recipe=Recipe(10, 100, 1e-3, 0.0),
        fidelity=0.5,
        step_limit=math.inf,
        search_seconds=600.0,
        training_seconds=lambda rows, fidelity: training_seconds,
    )
    splits = (SimpleNamespace(train=range(1000)),)
    clock = SimpleNamespace(budget=budget, left=lambda: left)
    made = SimpleNamespace(setup=setup, splits=splits, clock=clock)
    made.patience = lambda: Job.patience(made)
    return made


@pytest.mark.parametrize("default", [0.01, 100.0])
def test_a_trial_has_a_share_of_the_search_however_quick_the_default_is(default: float) -> None:
    assert Job.patience(job(900.0, default)) == 3.0 + max(5 * default, PATIENCE * 600.0)


def test_a_slow_network_makes_fewer_steps_before_it_is_given_up() -> None:
    timed = job(900.0, 1.0)
    steps = timed.setup.recipe.steps(1000, 0.5)
    assert Job.step_limit(timed) * steps == pytest.approx(TRAINING * Job.patience(timed))
    assert Job.step_limit(timed) * steps < Job.patience(timed)


def test_no_training_is_planned_for_longer_than_there_is_time() -> None:
    timed = job(900.0, 100.0, left=40.0)
    steps = timed.setup.recipe.steps(1000, 0.5)
    assert Job.step_limit(timed) * steps == pytest.approx(TRAINING * 40.0)


def test_without_a_budget_no_clock_decides_about_steps() -> None:
    assert Job.step_limit(job(math.inf, 1.0)) == math.inf
