"""PriorBand: known-good architectures, the best so far, and chance."""

from __future__ import annotations

import statistics
from collections import Counter
from random import Random

import pytest

from archwright.core.architecture import Architecture, mutate, sample
from archwright.core.trial import History
from archwright.errors import SpaceError
from archwright.strategies.hyperband import Hyperband
from archwright.strategies.priorband import PriorBand, distance, leaders, likelihood
from archwright.strategies.rungs import climb as rungs_of
from archwright.testing import TOY, check_strategy, run, toy_loss
from tests.strategies.rungs import climb, past

RANDOM = [sample(TOY, Random(seed)) for seed in range(200)]
GOOD, BAD = min(RANDOM, key=toy_loss), max(RANDOM, key=toy_loss)
LOW = 1 / 9


def test_the_prior_comes_first_as_it_is() -> None:
    first, second = PriorBand((GOOD, BAD)).ask(TOY, History(), 2, Random(0))
    assert (first.arch, second.arch) == (GOOD, BAD)
    assert (first.fidelity, first.origin) == (LOW, "portfolio")


def test_on_the_lowest_rung_half_is_left_to_chance() -> None:
    """1 / (1 + 3^0): of 200 draws 100, give or take three standard deviations of 7."""
    known = past((GOOD, LOW, 0.1))
    asked = [PriorBand((GOOD,)).ask(TOY, known, 1, Random(seed))[0] for seed in range(200)]
    counts = Counter(proposal.origin for proposal in asked)
    assert 79 <= counts["random"] <= 121
    assert all(p.parent == 0 for p in asked if p.origin == "mutation")


def test_higher_brackets_leave_less_to_chance() -> None:
    rows = [(arch, LOW, 0.1 * i) for i, arch in enumerate((GOOD, *RANDOM[:8]))]
    climbed = [(arch, 1 / 3, 0.1 * i) for i, arch in enumerate((GOOD, *RANDOM[:2]))]
    bracket = past(*rows, *climbed, (GOOD, 1.0, 0.1))
    asked = [PriorBand((GOOD,)).ask(TOY, bracket, 1, Random(seed))[0] for seed in range(200)]
    assert {p.fidelity for p in asked} == {1 / 3}
    assert sum(p.origin == "random" for p in asked) <= 68  # a quarter of 200, and three deviations


def test_a_prior_is_trusted_as_far_as_the_best_trials_are_like_it() -> None:
    near = [mutate(TOY, GOOD, Random(seed)) for seed in range(9)]
    rungs = rungs_of(TOY, past(*((arch, 1.0, 0.1 * i) for i, arch in enumerate(near))), (1.0,))
    best = leaders(rungs, 3)
    assert [trial.number for trial in best] == [0, 1, 2]
    assert likelihood(best, GOOD) > 4 * likelihood(best, BAD)


def test_distance_counts_the_holes_that_differ() -> None:
    one = Architecture.of({"a": 1, "b": 2})
    assert distance(one, one) == 0
    assert distance(one, Architecture.of({"a": 1, "c": 2})) == 2


def test_without_a_prior_the_best_so_far_stands_in() -> None:
    trials = climb(PriorBand(), work=6).trials
    assert {trial.proposal.origin for trial in trials} == {"random", "mutation", "promotion"}


def test_a_foreign_prior_is_refused_with_its_path() -> None:
    with pytest.raises(SpaceError, match="stem/kernel: the architecture has no answer"):
        PriorBand((Architecture.of({"x": 1}),)).check(TOY)
    PriorBand((GOOD,)).check(TOY)


@pytest.mark.slow
def test_a_good_prior_helps_and_a_bad_one_is_overcome() -> None:
    """The paper's claims, in 12 full trainings and 8 seeds."""

    def found(strategy: PriorBand | Hyperband) -> float:
        runs = (climb(strategy, work=12, seed=seed) for seed in range(8))
        return statistics.mean(toy_loss(history.best().arch) for history in runs)

    plain = found(Hyperband())
    assert found(PriorBand((GOOD,))) < plain - 0.02
    assert found(PriorBand((BAD,))) < plain + 0.02


def test_priorband_keeps_the_contract() -> None:
    check_strategy(PriorBand((GOOD, BAD)))
    assert run(PriorBand((GOOD,)), trials=3, fail=1.0).trials[2].proposal.origin != "portfolio"
