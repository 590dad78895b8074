"""Who answers together: what helps on validation rows, within the bounds and the time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from archwright.auto.finalists import Finalist
from archwright.auto.selection import (
    ROUNDS,
    bounds_kept,
    inverse_errors,
    members,
    partner,
    select,
)
from archwright.core.architecture import Architecture
from archwright.core.objective import Objective
from archwright.core.trial import History, Proposal, State, Trial
from archwright.core.truth import Truth
from archwright.report.record import Role

ROWS = 600
RNG = np.random.default_rng(0)
RIGHT = RNG.normal(size=ROWS)
TRUTH = Truth("regression", RIGHT)
RMSE = Objective("rmse")


def always(_numbers: Collection[int]) -> bool:
    return True


def noisy(seed: int, scale: float = 0.5) -> NDArray[Any]:
    """Values that miss the truth by chance, each seed in its own way."""
    return RIGHT + np.random.default_rng(seed).normal(size=ROWS) * scale


def rmse(output: NDArray[Any]) -> float:
    return float(np.sqrt(np.mean((output - RIGHT) ** 2)))


def mean(outputs: dict[int, NDArray[Any]], counts: dict[int, int]) -> NDArray[Any]:
    total = sum(count * outputs[number] for number, count in counts.items())
    return np.asarray(total) / sum(counts.values())


def test_networks_that_err_differently_are_averaged() -> None:
    outputs = {number: noisy(number) for number in range(6)}
    counts = select(outputs, 0, TRUTH, RMSE, 4, always)
    assert len(counts) == 4
    assert next(iter(counts)) == 0
    assert rmse(mean(outputs, counts)) < 0.6 * rmse(outputs[0])


def test_a_better_network_counts_more() -> None:
    outputs = {0: noisy(0, 0.3), 1: noisy(1, 0.45)}
    counts = select(outputs, 0, TRUTH, RMSE, 2, always)
    assert counts[0] > counts[1] > 0
    assert sum(counts.values()) <= ROUNDS


def test_no_more_networks_than_asked_for() -> None:
    outputs = {number: noisy(number) for number in range(6)}
    assert len(select(outputs, 3, TRUTH, RMSE, 2, always)) == 2


def test_what_makes_nothing_better_is_left_out() -> None:
    best = noisy(0, 0.1)
    outputs = {0: best, 1: best.copy(), 2: noisy(2, 3.0)}
    assert set(select(outputs, 0, TRUTH, RMSE, 4, always)) == {0}


def test_a_gain_within_the_noise_is_none() -> None:
    truth = Truth("classification", np.zeros(100, dtype=np.int64))
    first = np.tile([0.9, 0.1], (100, 1))
    first[:4] = [0.4, 0.6]
    second = first.copy()
    second[0] = [0.99, 0.01]  # one row in a hundred is no evidence
    aim = Objective("accuracy")
    assert set(select({0: first, 1: second}, 0, truth, aim, 2, always)) == {0}
    second[:4] = [0.99, 0.01]
    assert set(select({0: first, 1: second}, 0, truth, aim, 2, always)) == {0, 1}


def test_among_shares_that_are_alike_log_loss_decides() -> None:
    truth = Truth("classification", np.zeros(400, dtype=np.int64))
    first = np.tile([0.7, 0.3], (400, 1))
    first[:40] = [0.3, 0.7]
    calmer, bolder = (np.tile([p, 1 - p], (400, 1)) for p in (0.72, 0.98))
    for output in (calmer, bolder):
        output[:40] = [0.31, 0.69]
    outputs = {0: first, 1: calmer, 2: bolder}
    assert list(select(outputs, 0, truth, Objective("accuracy"), 2, always)) == [0, 2]


@pytest.mark.parametrize("metric", ["balanced_accuracy", "macro_f1", "log_loss", "roc_auc"])
def test_an_ensemble_is_no_worse_by_any_aim(metric: str) -> None:
    from archwright.measure.scores import probabilities, scores

    target = RNG.integers(0, 3, ROWS)
    truth = Truth("classification", target)
    outputs = {
        seed: probabilities(
            np.eye(3)[target] * 1.5 + np.random.default_rng(seed).normal(size=(ROWS, 3))
        )
        for seed in range(4)
    }
    aim = Objective(metric)
    counts = select(outputs, 1, truth, aim, 3, always)
    assert len(counts) > 1
    found = aim.loss(scores(truth, mean(outputs, counts)))
    assert found < aim.loss(scores(truth, outputs[1]))


def job(bounds: tuple[Objective, ...] = (), left: float = 1e6, ensemble: int | None = 4) -> Any:
    """A run with two workers, 100 training steps a network, and so many seconds left."""
    rows = np.arange(ROWS)
    recipe = SimpleNamespace(steps=lambda _rows: 100)
    return SimpleNamespace(
        problem=SimpleNamespace(bounds=bounds, aim=RMSE),
        task=SimpleNamespace(modality="forecast"),
        options=SimpleNamespace(ensemble=ensemble, networks=ensemble or 1),
        setup=SimpleNamespace(recipe=recipe, workers=2, short=True),
        clock=SimpleNamespace(left=lambda: left),
        splits=(SimpleNamespace(truth=lambda _rows: TRUTH, valid=rows, train=rows),),
    )


def history(count: int, **costs: float) -> History:
    metrics = {"step_ms": 1000.0, **costs}
    proposal = Proposal(Architecture(()))
    return History([Trial(n, proposal, State.DONE, (0.0,), metrics) for n in range(count)])


def finalists() -> list[Finalist]:
    return [Finalist("winner", Architecture(()), 0, {}, 1.0)]


OUTPUTS = {number: noisy(number) for number in range(5)}


def test_bounds_hold_for_the_networks_together() -> None:
    fits = bounds_kept(job((Objective("params", 250.0),)), history(3, params=100.0))
    assert fits({0, 1})
    assert not fits({0, 1, 2})
    chosen = members(
        job((Objective("params", 250.0),)), history(5, params=100.0), finalists(), OUTPUTS
    )
    assert len(chosen) == 2


@pytest.mark.parametrize(("left", "count"), [(1e6, 4), (100.0, 4), (99.0, 4), (49.0, 4)])
def test_members_share_the_time_of_the_winner(left: float, count: int) -> None:
    """Two waves of two: each gets half of what there is, which is half of the winner's alone."""
    assert len(members(job(left=left), history(5), finalists(), OUTPUTS)) == count


def test_there_are_fewer_where_each_would_get_too_little() -> None:
    assert len(members(job(left=99.0, ensemble=5), history(5), finalists(), OUTPUTS)) == 4


def test_without_answers_of_the_winner_there_is_nothing_to_start_from() -> None:
    others = {number: OUTPUTS[number] for number in (1, 2)}
    assert members(job(), history(5), finalists(), others) == finalists()


def three() -> list[Finalist]:
    """The winner, another and the default network, which have all been trained again."""
    roles: tuple[Role, ...] = ("winner", "finalist", "default")
    return [
        Finalist(role, Architecture(()), number, {}, 1.0, output=OUTPUTS[number])
        for number, role in enumerate(roles)
    ]


def test_forecasts_are_combined_with_those_of_the_default_network() -> None:
    winner, other, default = three()
    free = job(ensemble=None)
    assert partner(free, [winner, other, default]) is default
    assert partner(free, [winner, other]) is other
    assert partner(free, [winner]) is None
    assert members(free, history(3), [winner, other, default], {}) == [winner, default]
    short = job(left=49.0, ensemble=None)
    assert members(short, history(3), [winner, other, default], {}) == [winner, default]


def test_nobody_is_combined_where_the_user_says_how_many_or_no_one_knows_what_they_say() -> None:
    winner, other, default = three()
    assert partner(job(ensemble=1), [winner, default]) is None
    assert partner(job(ensemble=None), [replace(winner, output=None), other, default]) is None
    assert partner(job(ensemble=None), [winner, replace(default, output=None)]) is None
    no_forecasts = job(ensemble=None)
    no_forecasts.task.modality = "table"
    assert partner(no_forecasts, [winner, default]) is None


def test_a_forecast_counts_inversely_to_its_squared_error() -> None:
    values = np.zeros((6, 2))
    truth = Truth("regression", values, np.array([1.0, 10.0]))
    near = values + np.array([1.0, 10.0])
    assert inverse_errors({3: near, 5: 2 * near}, truth) == pytest.approx({3: 0.8, 5: 0.2})
