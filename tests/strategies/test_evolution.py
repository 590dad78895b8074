"""Regularised evolution: what its paper claims, on a toy loss."""

from __future__ import annotations

import math
import statistics
from random import Random

import pytest

from archwright.core.architecture import sample
from archwright.core.trial import History, Proposal, State, Trial
from archwright.strategies.evolution import RegularizedEvolution
from archwright.strategies.random import RandomSearch
from archwright.testing import TOY, run


def history(losses: list[float], *, fidelity: float = 1.0, failed: int = 0) -> History:
    rng = Random(0)
    trials = [
        Trial(i, Proposal(sample(TOY, rng), fidelity), State.DONE, (loss,))
        for i, loss in enumerate(losses)
    ]
    for number in range(len(losses), len(losses) + failed):
        trials.append(Trial(number, Proposal(sample(TOY, rng), fidelity), State.FAILED, error="!"))
    return History(tuple(trials))


@pytest.mark.slow
def test_evolution_beats_random_search_at_equal_trials() -> None:
    seeds, trials = range(8), 80
    gains = [
        run(RandomSearch(), trials=trials, seed=seed).best().losses[0]
        - run(RegularizedEvolution(), trials=trials, seed=seed).best().losses[0]
        for seed in seeds
    ]
    error = statistics.stdev(gains) / math.sqrt(len(gains))
    # Three standard errors: by chance alone once in a hundred (Student's t, 7 degrees of freedom).
    assert statistics.mean(gains) > 3 * error, gains


def test_the_first_generation_is_random() -> None:
    few = history([0.1] * 9)
    strategy = RegularizedEvolution(starts=10, exploration=0.0)
    assert strategy.ask(TOY, few, 1, Random(0))[0].origin == "random"
    assert strategy.ask(TOY, history([0.1] * 10), 1, Random(0))[0].origin == "mutation"


def test_the_share_of_exploring_proposals_is_what_was_asked_for() -> None:
    past, strategy = history([0.5] * 12), RegularizedEvolution(exploration=0.3)
    origins = [strategy.ask(TOY, past, 1, Random(seed))[0].origin for seed in range(300)]
    # The standard deviation of 300 draws is 8; four of them are allowed for.
    assert abs(origins.count("random") - 90) < 32


def test_children_differ_from_their_parent_in_few_answers() -> None:
    past = history([0.5] * 12)
    for seed in range(20):
        (child,) = RegularizedEvolution(exploration=0.0).ask(TOY, past, 1, Random(seed))
        assert child.origin == "mutation"
        assert child.parent is not None
        assert child.arch != past.trials[child.parent].arch


def test_the_oldest_die_however_good_they_are() -> None:
    past = history([0.0, *[0.5] * 24])  # the best is older than the population
    strategy = RegularizedEvolution(population=24, tournament=24, exploration=0.0)
    parents = {strategy.ask(TOY, past, 1, Random(seed))[0].parent for seed in range(20)}
    assert parents == {1}, "the first of the equally good ones that are alive"


def test_the_best_of_the_tournament_is_the_parent() -> None:
    past = history([0.5] * 10 + [0.1] + [0.5] * 10)
    strategy = RegularizedEvolution(population=24, tournament=24, exploration=0.0)
    assert strategy.ask(TOY, past, 1, Random(0))[0].parent == 10


def test_failed_trials_are_no_parents_and_no_obstacle() -> None:
    past = history([0.5] * 12, failed=50)
    for seed in range(20):
        (child,) = RegularizedEvolution(exploration=0.0).ask(TOY, past, 1, Random(seed))
        assert child.parent in range(12)
    only = history([], failed=30)
    assert RegularizedEvolution().ask(TOY, only, 1, Random(0))[0].origin == "random"


def test_trials_of_another_fidelity_are_not_compared() -> None:
    past = history([0.1] * 30, fidelity=0.5)
    (proposal,) = RegularizedEvolution(fidelity=1.0).ask(TOY, past, 1, Random(0))
    assert (proposal.origin, proposal.fidelity) == ("random", 1.0)


def test_several_children_can_be_asked_for_at_once() -> None:
    past = history([0.5] * 12)
    assert len(RegularizedEvolution().ask(TOY, past, 5, Random(0))) == 5
