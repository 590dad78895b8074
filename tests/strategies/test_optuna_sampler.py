"""Optuna's samplers as strategies."""

from __future__ import annotations

import math
import statistics
import warnings
from random import Random

import optuna
import pytest

from archwright import registry
from archwright.core.architecture import sample
from archwright.core.space import Choice, seq
from archwright.core.trial import History, Proposal, State, Trial
from archwright.errors import SpaceError
from archwright.strategies.optuna_sampler import OptunaSampler
from archwright.strategies.random import RandomSearch
from archwright.testing import TOY, check_strategy, run, toy_loss

SMALL = seq(a=Choice((True, False)), b=Choice((1, 2.5, "x")), c=Choice((0, 1)))


def grown(trials: int) -> History:
    """Return a history of random trials of the toy space."""
    return run(RandomSearch(), trials=trials)


@pytest.mark.parametrize("name", ["Random", "NSGAII", pytest.param("TPE", marks=pytest.mark.slow)])
def test_optuna_samplers_keep_the_contract(name: str) -> None:
    check_strategy(OptunaSampler(name))


@pytest.mark.slow  # it fits Gaussian processes
def test_optunas_gaussian_process_is_a_function_of_its_arguments() -> None:
    history = History()
    for number in range(12):
        trial = Trial(number, Proposal(sample(SMALL, Random(number))), State.DONE, (number / 10,))
        history = history.add(trial)
    one, other = (OptunaSampler("GP").ask(SMALL, history, 1, Random(3)) for _ in range(2))
    assert one == other


@pytest.mark.parametrize("name", ["TPE", "NSGAII"])
def test_what_was_asked_before_changes_no_answer(name: str) -> None:
    strategy, past = OptunaSampler(name), grown(60)
    fresh = strategy.ask(TOY, past, 1, Random(5))
    strategy.ask(TOY, grown(75), 3, Random(6))  # the mirror goes on, and has to go back
    assert strategy.ask(TOY, past, 1, Random(5)) == fresh


def test_a_trial_that_finishes_out_of_order_is_put_where_it_belongs() -> None:
    strategy, trials = OptunaSampler(), grown(40).trials
    late = Trial(20, trials[20].proposal)
    with_it = History(trials)
    fresh = strategy.ask(TOY, with_it, 1, Random(1))
    strategy.ask(TOY, History((*trials[:20], late, *trials[21:])), 1, Random(1))
    assert strategy.ask(TOY, with_it, 1, Random(1)) == fresh


def test_nsga2_of_optuna_learns_from_whole_generations() -> None:
    past = grown(100)
    before = [toy_loss(trial.arch) for trial in past.trials]
    after = [toy_loss(p.arch) for p in OptunaSampler("NSGAII").ask(TOY, past, 40, Random(0))]
    gain = statistics.mean(before) - statistics.mean(after)
    # Two standard errors of the difference: by chance alone once in forty times.
    assert gain > 2 * math.hypot(statistics.stdev(before) / 10, statistics.stdev(after) / 40**0.5)


def test_each_proposal_gets_literals_of_the_space_back() -> None:
    for proposal in OptunaSampler("Random").ask(SMALL, History(), 20, Random(0)):
        answers = proposal.arch.answers
        assert type(answers["a"]) is bool
        assert type(answers["c"]) is int


def test_optuna_is_silent_and_left_as_it_was() -> None:
    before = optuna.logging.get_verbosity()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        OptunaSampler("TPE").ask(TOY, grown(15), 1, Random(0))
    assert told == []
    assert optuna.logging.get_verbosity() == before


def test_the_registry_knows_optunas_samplers_by_prefix() -> None:
    assert registry.find("strategies", "optuna:TPE")(fidelity=0.5) == OptunaSampler("TPE", 0.5)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("optuna:tpe", "optuna:TPE"),
        ("optuna:NSGA2", "optuna:NSGAII"),
        ("optuna:TPEs", "optuna:TPE"),
    ],
)
def test_an_unknown_sampler_gets_the_nearest_suggested(name: str, hint: str) -> None:
    with pytest.raises(SpaceError, match=f"no such strategy: '{name}'; did you mean '{hint}'"):
        registry.find("strategies", name)
