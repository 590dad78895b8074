"""NSGA-II: sorting into fronts, crowding, and what its paper claims."""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random

import pytest

from archwright.core.architecture import Architecture
from archwright.core.trial import History, State, Trial
from archwright.strategies.base import Strategy
from archwright.strategies.nsga2 import Nsga2, crowding, fronts, survivors
from archwright.strategies.random import RandomSearch
from archwright.testing import TOY, check_strategy, toy_loss

Point = tuple[float, float]


def dominates(one: Point, other: Point) -> bool:
    return one != other and one[0] <= other[0] and one[1] <= other[1]


def weight(arch: Architecture) -> float:
    """Return a cost that pulls against nothing in particular: the sum of the numbers chosen."""
    return float(sum(v for v in arch.answers.values() if isinstance(v, int)))


def searched(strategy: Strategy, trials: int, seed: int) -> History:
    history = History()
    for number in range(trials):
        (proposal,) = strategy.ask(TOY, history, 1, Random(f"{seed}/{number}"))
        loss, cost = toy_loss(proposal.arch), weight(proposal.arch)
        history = history.add(Trial(number, proposal, State.DONE, (loss,), {"params": cost}))
    return history


def volume(history: History) -> float:
    """Return the area that the front dominates, up to a loss of 1 and a cost of 100."""
    area, above = 0.0, 1.0
    for trial in history.front("params"):
        loss, cost = trial.losses[0], trial.metrics["params"]
        area += max(0.0, above - loss) * max(0.0, 100.0 - cost)
        above = min(above, loss)
    return area


def test_nsga2_dominates_more_than_random_search_at_equal_trials() -> None:
    gains = [
        volume(searched(Nsga2(), 80, seed)) - volume(searched(RandomSearch(), 80, seed))
        for seed in range(5)
    ]
    assert min(gains) > 0, "if it were no better, five wins of five would happen once in 32 times"


def test_nothing_in_a_front_dominates_another_and_each_front_is_dominated_by_the_one_before() -> (
    None
):
    rng = Random(0)
    points = [(rng.random(), rng.random()) for _ in range(200)]
    found = [[points[i] for i in front] for front in fronts(points)]
    assert sum(map(len, found)) == 200
    for front in found:
        assert not any(dominates(one, other) for one in front for other in front)
    for better, worse in pairwise(found):
        assert all(any(dominates(one, other) for one in better) for other in worse)


def test_the_ends_of_a_front_are_never_crowded_and_the_others_by_their_gaps() -> None:
    points = [(0.0, 10.0), (1.0, 9.0), (2.0, 8.0), (10.0, 0.0)]
    found = crowding(points, [0, 1, 2, 3])
    assert found[0] == found[3] == math.inf
    assert found[1] == pytest.approx(0.2 + 0.2)
    assert found[2] == pytest.approx(0.9 + 0.9)


def test_of_the_last_front_that_fits_the_least_crowded_survive() -> None:
    points = [(0.0, 10.0), (1.0, 9.0), (2.0, 8.0), (10.0, 0.0), (11.0, 11.0)]
    assert set(survivors(points, 3)) == {0, 3, 2}
    assert set(survivors(points, 9)) == {0, 1, 2, 3, 4}


def test_a_trial_without_the_metric_counts_as_infinitely_dear() -> None:
    points = [(0.3, math.inf), (0.2, math.inf), (0.4, math.inf)]
    assert fronts(points) == [[1], [0], [2]], "only the loss counts"
    assert list(survivors([(0.1, math.inf), (0.5, 3.0), (0.6, 4.0)], 2)) == [0, 1]


def test_nsga2_keeps_the_contract() -> None:
    check_strategy(Nsga2())
