"""The portfolio: known-good starts first."""

from __future__ import annotations

from random import Random

from archwright.core.architecture import sample
from archwright.core.trial import History
from archwright.strategies.portfolio import Portfolio
from archwright.strategies.random import RandomSearch
from archwright.testing import TOY, check_strategy, run

STARTS = tuple(sample(TOY, Random(seed)) for seed in range(3))


def test_each_start_comes_once_and_in_order_then_the_others_follow() -> None:
    trials = run(Portfolio(STARTS, RandomSearch()), trials=6).trials
    assert [trial.arch for trial in trials[:3]] == list(STARTS)
    assert [trial.proposal.origin for trial in trials] == ["portfolio"] * 3 + ["random"] * 3


def test_a_start_that_failed_does_not_come_again() -> None:
    trials = run(Portfolio(STARTS, RandomSearch()), trials=6, fail=1.0).trials
    assert [trial.proposal.origin for trial in trials] == ["portfolio"] * 3 + ["random"] * 3


def test_as_many_starts_come_as_are_asked_for() -> None:
    strategy = Portfolio(STARTS, RandomSearch())
    assert [p.arch for p in strategy.ask(TOY, History(), 2, Random(0))] == list(STARTS[:2])


def test_a_quick_first_look_comes_before_the_full_portfolio() -> None:
    inner = Portfolio(STARTS, RandomSearch(0.5), 0.5)
    trials = run(Portfolio(STARTS[:1], inner, 0.1), trials=6).trials
    looked = [(trial.arch, trial.proposal.fidelity) for trial in trials[:4]]
    assert looked == [(STARTS[0], 0.1), *((arch, 0.5) for arch in STARTS)]
    assert trials[4].proposal.fidelity == 0.5


def test_a_portfolio_keeps_the_contract() -> None:
    check_strategy(Portfolio(STARTS, RandomSearch()))


def test_without_starts_the_other_strategy_is_asked_at_once() -> None:
    assert run(Portfolio((), RandomSearch()), trials=1).trials[0].proposal.origin == "random"
