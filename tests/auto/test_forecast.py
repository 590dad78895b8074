"""What a run will be: how many workers, which default network, and what it says of itself."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import pytest
import torch
from torch import nn

from archwright.auto import forecast
from archwright.auto.forecast import Setup, affordable, plan_run, threads, workers
from archwright.auto.options import Options
from archwright.clock import Clock
from archwright.core.architecture import decode
from archwright.evaluators.train import Split
from archwright.nets.site import Signature
from archwright.nets.weigh import weigh
from archwright.spaces import chain, mlp
from archwright.train.plan import Measured
from archwright.train.remember import cores

SHAPE = (1, 16, 16)
SPACE, STARTS = chain.chain(SHAPE), chain.portfolio(SHAPE)


@pytest.fixture
def split() -> Split:
    images = torch.rand(120, *SHAPE, generator=torch.Generator().manual_seed(0))
    rows = torch.arange(120)
    return Split(Signature(SHAPE, 3), images, rows % 3, rows[:100], rows[100:], "image")


def clock(budget: float) -> Clock:
    return Clock(budget=budget, started=time.monotonic())


def test_under_a_budget_there_is_a_worker_a_core(split: Split) -> None:
    asked = Options(budget=60.0)
    assert workers(asked, (split,), 60.0) == min(cores(), forecast.MOST_WORKERS)
    assert workers(replace(asked, workers=3), (split,), 60.0) == 3


def test_without_a_budget_equal_commands_give_equal_trials(split: Split) -> None:
    assert workers(Options(trials=3), (split,), math.inf) == 1


def test_workers_need_room_to_share_the_data(split: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast, "_shared_room", lambda: 1e6)
    assert workers(Options(budget=60.0), (split,), 60.0) == 1


def test_cores_are_divided_among_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast.remember, "cores", lambda: 8)
    assert [threads(count) for count in (1, 2, 8, 20)] == [(1, 8), (1, 4), (1,), (1,)]


def test_the_default_network_is_the_first_there_is_time_for(split: Split) -> None:
    macs = [weigh(decode(SPACE, arch), split.signature)["macs"] for arch in STARTS]
    cheapest = STARTS[macs.index(min(macs))]
    assert cheapest != STARTS[0]
    asked = Options(budget=60.0)
    assert affordable(split, SPACE, STARTS, asked, clock(600.0)) == STARTS[0]
    assert affordable(split, SPACE, STARTS, asked, clock(0.0)) == cheapest
    assert affordable(split, SPACE, STARTS, Options(trials=1), clock(math.inf)) == STARTS[0]


@pytest.mark.parametrize("budget", [60.0, math.inf])
def test_a_setup_is_stored_and_read_again(split: Split, budget: float) -> None:
    options = Options(budget=budget, trials=4, workers=1)
    setup = plan_run((split,), SPACE, STARTS, options, clock(budget))
    assert Setup.from_json(setup.to_json()) == setup


def test_folds_of_a_table_are_trained_at_once_where_that_was_faster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shape, rows = (5,), torch.arange(120)
    x = torch.rand(120, *shape, generator=torch.Generator().manual_seed(0))
    table = Split(Signature(shape, 3), x, rows % 3, rows[:80], rows[80:], "table")
    seen: list[int] = []

    def measured(
        nets: list[nn.Module], _data: object, _recipe: object, alone: Measured, seconds: float
    ) -> Measured:
        assert seconds == pytest.approx(0.02 * 60)
        seen.append(len(nets))
        return replace(alone, plan=replace(alone.plan, fused=7))

    monkeypatch.setattr(forecast.remember, "alike_measured", measured)
    space, starts = mlp.mlp(shape), mlp.portfolio(shape)
    options, folds = Options(budget=60.0, workers=1), (table, replace(table, train=rows[40:]))
    assert plan_run(folds, space, starts, options, clock(60.0)).plan.fused == 7
    assert plan_run((table,), space, starts, options, clock(60.0)).plan.fused == 0
    endless = plan_run(folds, space, starts, replace(options, trials=2), clock(math.inf))
    assert endless.plan.fused == 0, "equal commands give equal trials"
    assert seen == [2]


def test_time_that_is_too_short_for_the_recipe_is_kept_for_the_winner(split: Split) -> None:
    many = replace(split, train=torch.arange(100).repeat(400))
    options = Options(budget=40.0, workers=1)
    short = plan_run((many,), SPACE, STARTS, options, clock(40.0))
    assert short.short
    assert short.step_limit >= short.step_seconds
    ample = plan_run((split,), SPACE, STARTS, replace(options, epochs=1), clock(40.0))
    assert not ample.short
    assert short.search_seconds < ample.search_seconds
