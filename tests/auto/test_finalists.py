"""Who of the finalists wins."""

from __future__ import annotations

import math
from concurrent.futures import Future
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from archwright.auto.finalists import CONFIRM_SHORT, LATE, Finalist, confirm, mean, ranked
from archwright.core.architecture import Architecture
from archwright.core.objective import Objective
from archwright.core.trial import History, Proposal, Result, State, Trial
from archwright.core.truth import Truth
from archwright.errors import TrialError
from archwright.evaluators.train import Split
from archwright.executors.inline import Inline
from archwright.nets.site import Signature


def finalist(number: int, **validation: float) -> Finalist:
    return Finalist("finalist", Architecture(()), number, validation, 0.01)


def order(aim: str, rows: int, *finalists: Finalist) -> list[int | None]:
    return [each.trial for each in ranked(Objective(aim), rows, list(finalists))]


def test_what_noise_cannot_tell_apart_is_decided_by_log_loss() -> None:
    best = finalist(0, accuracy=0.90, log_loss=0.40)
    calmer = finalist(1, accuracy=0.89, log_loss=0.30)
    worse = finalist(2, accuracy=0.80, log_loss=0.10)
    # A standard error of 0.9 is 0.015 on 400 rows and 0.003 on 10,000.
    assert order("accuracy", 400, best, calmer, worse) == [1, 0, 2]
    assert order("accuracy", 10_000, best, calmer, worse) == [0, 1, 2]


def test_errors_are_ranked_as_they_are() -> None:
    assert order("rmse", 100, finalist(0, rmse=2.0), finalist(1, rmse=1.9)) == [1, 0]
    assert order("log_loss", 9, finalist(0, log_loss=0.2), finalist(1, log_loss=0.3)) == [0, 1]


def trained(**metrics: float) -> Future[Result]:
    future: Future[Result] = Future()
    future.set_result(Result(metrics))
    return future


def failed() -> Future[Result]:
    future: Future[Result] = Future()
    future.set_exception(TrialError("too slow"))
    return future


def trial(**metrics: float) -> Trial:
    return Trial(0, Proposal(Architecture(())), State.DONE, (0.0,), metrics)


def test_a_second_seed_is_averaged_with_the_first() -> None:
    assert mean(trial(accuracy=0.8), [trained(accuracy=0.6)]) == {"accuracy": 0.7}
    assert mean(trial(accuracy=0.8), [failed()]) == {"accuracy": 0.8}


def test_the_score_of_a_trial_that_inherited_its_weights_does_not_count() -> None:
    lucky = trial(accuracy=0.99, inherited=1.0)
    assert mean(lucky, [trained(accuracy=0.5), trained(accuracy=0.75)]) == {"accuracy": 0.625}
    assert mean(lucky, [failed(), trained(accuracy=0.5)]) == {"accuracy": 0.5}
    assert mean(lucky, [failed()]) == {}


def history(*losses: float) -> History:
    trials = []
    for n, loss in enumerate(losses):
        metrics = {"accuracy": -loss, "nrmse": loss, "log_loss": 1.0, "step_ms": 1.0}
        proposal, curve = Proposal(arch(n), 0.1), ({"epoch": 2.0},)
        made = Trial(n, proposal, State.DONE, (loss,), metrics, curve=curve, seconds=1.0)
        trials.append(made)
    return History(trials)


def arch(number: int) -> Architecture:
    return Architecture((("op", number),))


@dataclass(frozen=True)
class Late:
    """The later an architecture was proposed, the better it is in the end."""

    splits: Any = ()
    stop: Any = None
    seed: int = 0
    limit: float = 5.0
    left: Any = None

    def __call__(self, proposal: Proposal) -> Result:
        score = 0.5 + 0.1 * int(proposal.arch.answers["op"])
        curve = ({"epoch": 20 * proposal.fidelity},)
        metrics = {"accuracy": score, "log_loss": 1.0, "step_ms": 1.0}
        return Result(metrics, curve, artefacts={"output": np.full((10, 2), 0.5)})


def run(*, short: bool, left: float = 100.0) -> Any:
    """A run with so many seconds left, whose final trainings take 40 seconds each."""
    clock = SimpleNamespace(finish_now=False, left=lambda: left, final_over=lambda: "")
    recipe = SimpleNamespace(steps=lambda _rows: 40_000, batch=10)
    return SimpleNamespace(
        clock=clock,
        setup=SimpleNamespace(short=short, workers=1, step_seconds=0.1, recipe=recipe),
        task=SimpleNamespace(splits=SimpleNamespace(development=(), test=()), modality="table"),
        options=SimpleNamespace(seed=0),
        problem=SimpleNamespace(aim=Objective("accuracy")),
        splits=(SimpleNamespace(valid=range(1000), modality="table"),),
        default=arch(3),
        evaluator=Late,
    )


def test_where_time_is_short_longer_trainings_choose_the_winner() -> None:
    found = confirm(run(short=True), history(-0.9, -0.8, -0.7, -0.6), Inline())
    assert [each.trial for each in found] == [3, 1, 0], "the best two, and the default network"
    assert [each.role for each in found] == ["winner", "finalist", "finalist"]
    assert found[0].validation["accuracy"] == pytest.approx(0.8), "the short one does not count"
    assert found[0].epochs == pytest.approx(20 * 0.1 * CONFIRM_SHORT * 100 / 3)


def test_no_second_training_is_longer_than_the_final_one() -> None:
    found = confirm(run(short=False), history(-0.9, -0.8, -0.7), Inline())
    assert [each.trial for each in found] == [2, None, 1, 0]
    assert found[0].epochs == 20
    assert found[0].validation["accuracy"] == pytest.approx(0.7), "the short one does not count"


@pytest.mark.parametrize("left", [11.0, math.inf])
def test_a_second_training_that_is_no_longer_counts_as_much_as_the_first(left: float) -> None:
    found = confirm(run(short=False, left=left), history(-0.9, -0.8, -0.7), Inline())
    assert found[0].trial in (0, 1, 2)
    assert found[0].epochs == 2
    means = {each.trial: each.validation["accuracy"] for each in found if each.trial is not None}
    assert means == pytest.approx({0: 0.7, 1: 0.7, 2: 0.7})


def test_without_time_for_second_trainings_the_first_decide() -> None:
    found = confirm(run(short=True, left=1.0), history(-0.9, -0.8, -0.7), Inline())
    assert found[0].trial == 0
    assert found[0].validation["accuracy"] == 0.9


@dataclass(frozen=True)
class Answering(Late):
    """Architecture 3 is right in 80 of 100 rows, 0 in `right` of them, and as sure of it."""

    right: int = 100

    def __call__(self, proposal: Proposal) -> Result:
        right = 80 if proposal.arch == arch(3) else self.right
        first = np.where(np.arange(100) < right, 0.9, 0.1)
        metrics = {"accuracy": right / 100, "log_loss": 1 - right / 100, "step_ms": 1.0}
        output = np.stack([first, 1 - first], 1)
        return Result(metrics, ({"epoch": 1.0},), artefacts={"output": output})


@pytest.mark.parametrize(("right", "winner"), [(95, 0), (81, 3)])
def test_the_default_network_wins_unless_another_is_surely_better(right: int, winner: int) -> None:
    truth = Truth("classification", np.zeros(100, dtype=np.int64))
    job = run(short=True)
    job.splits = (SimpleNamespace(valid=range(100), modality="table", truth=lambda _rows: truth),)
    job.evaluator = lambda: Answering(right=right)
    found = confirm(job, history(-0.9, -0.1, -0.1, -0.8), Inline())
    assert found[0].trial == winner
    assert {each.role for each in found[1:]} == ({"default"} if winner == 0 else {"finalist"})


EARLIER, LAST = (3.0, 2.0, 1.0), (1.0, 0.9, 3.5)
"""By how much each architecture misses what is to be foreseen, from either origin."""


@dataclass(frozen=True)
class Foreseeing(Late):
    """The best from one origin is the worst from the other."""

    def __call__(self, proposal: Proposal) -> Result:
        (split,) = self.splits
        error = (LAST if split.valid.max() >= 60 else EARLIER)[int(proposal.arch.answers["op"])]
        output = split.y[split.valid].numpy() + error
        metrics = {"accuracy": 0.0, "nrmse": error, "log_loss": 1.0, "step_ms": 1.0}
        return Result(metrics, ({"epoch": 9.0},), artefacts={"output": output})


def test_forecasts_are_trained_again_from_two_origins_which_choose_together() -> None:
    windows = torch.arange(80)
    job = run(short=False)
    job.splits = (
        Split(
            Signature((1, 8), 2, "regression"),
            *(torch.zeros(80, 8), torch.zeros(80, 2), windows[:60], windows[62:]),
            modality="forecast",
            unit=np.ones(2),
        ),
    )
    job.task.read = {"length": 8, "begins": {"load": (8, 0.0)}}
    job.problem = SimpleNamespace(aim=Objective("nrmse"))
    job.default = arch(0)
    job.evaluator = lambda: Foreseeing(splits=job.splits)
    found = confirm(job, history(0.1, 0.2, 0.3), Inline())
    assert [each.trial for each in found] == [1, 0, 2]
    assert [each.validation["nrmse"] for each in found] == [0.2, 0.1, 0.3], "those of the search"
    assert {each.epochs for each in found} == {2.0}


@dataclass(frozen=True)
class Allowed(Late):
    """Tells as its score how long it may take."""

    def __call__(self, proposal: Proposal) -> Result:
        metrics = {"accuracy": self.left(), "log_loss": 1.0, "step_ms": 1.0}
        return Result(metrics, artefacts={"output": np.full((10, 2), 0.5)})


def test_with_a_budget_a_second_training_takes_little_longer_than_it_should() -> None:
    for left, allowed in ((100.0, 10 * LATE), (math.inf, math.inf)):
        job = run(short=False, left=left)
        job.evaluator = Allowed
        found = confirm(job, history(-0.9, -0.8, -0.7), Inline())
        assert found[0].validation["accuracy"] == pytest.approx(allowed, abs=1)


@pytest.mark.parametrize(("left", "trained"), [(11.0, {0, 1, 2}), (8.0, {0, 2}), (4.0, set())])
def test_where_time_is_short_the_default_is_trained_again_before_the_others(
    left: float, trained: set[int]
) -> None:
    """Each takes a second, of the third of the time that second trainings may take."""
    job, truth = run(short=False, left=left), Truth("classification", np.zeros(10, dtype=np.int64))
    job.splits = (SimpleNamespace(valid=range(10), modality="table", truth=lambda _rows: truth),)
    job.default = arch(2)
    found = confirm(job, history(-0.9, -0.8, -0.7), Inline())
    assert {one.trial for one in found if one.output is not None} == trained
