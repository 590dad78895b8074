"""Asynchronous successive halving: promotion without a barrier."""

from __future__ import annotations

import statistics
from random import Random

import pytest

from archwright.core.architecture import sample
from archwright.core.trial import State
from archwright.errors import SpaceError
from archwright.strategies.asha import Asha
from archwright.strategies.evolution import RegularizedEvolution
from archwright.strategies.random import RandomSearch
from archwright.testing import TOY, check_strategy, toy_loss
from tests.strategies.rungs import climb, past

ARCHS = [sample(TOY, Random(seed)) for seed in range(9)]
LOW, MIDDLE, TOP = 1 / 9, 1 / 3, 1.0


def test_the_best_third_goes_up_as_soon_as_there_is_one() -> None:
    few = past(*((arch, LOW, loss) for arch, loss in zip(ARCHS, (0.3, 0.1), strict=False)))
    assert Asha().ask(TOY, few, 1, Random(0))[0].origin == "random"
    enough = past(*((arch, LOW, loss) for arch, loss in zip(ARCHS, (0.3, 0.1, 0.2), strict=False)))
    (proposal,) = Asha().ask(TOY, enough, 1, Random(0))
    assert (proposal.arch, proposal.fidelity) == (ARCHS[1], MIDDLE)
    assert (proposal.origin, proposal.parent) == ("promotion", 1)


@pytest.mark.parametrize("state", [State.RUNNING, State.FAILED])
def test_nobody_goes_up_twice_whatever_became_of_it(state: State) -> None:
    low = [(arch, LOW, 0.1 * i) for i, arch in enumerate(ARCHS[:3])]
    (proposal,) = Asha().ask(TOY, past(*low, (ARCHS[0], MIDDLE, state)), 1, Random(0))
    assert (proposal.origin, proposal.fidelity) == ("random", LOW)


def test_nothing_waits_for_running_trials() -> None:
    rows = [(arch, LOW, 0.1 * i) for i, arch in enumerate(ARCHS[:3])]
    running = [(arch, LOW, State.RUNNING) for arch in ARCHS[3:]]
    assert Asha().ask(TOY, past(*running, *rows), 1, Random(0))[0].origin == "promotion"


def test_failed_trials_count_as_the_worst_of_their_rung() -> None:
    rows = past((ARCHS[0], LOW, 0.5), *((arch, LOW, State.FAILED) for arch in ARCHS[1:3]))
    assert Asha().ask(TOY, rows, 1, Random(0))[0].arch == ARCHS[0]


def test_the_highest_rung_is_served_first() -> None:
    low = [(arch, LOW, 0.1 * i) for i, arch in enumerate(ARCHS)]
    middle = [(arch, MIDDLE, 0.1 * i) for i, arch in enumerate(ARCHS[:3])]
    proposals = Asha().ask(TOY, past(*low, *middle), 4, Random(0))
    assert [p.fidelity for p in proposals] == [TOP, LOW, LOW, LOW]


def test_rungs_that_are_far_apart_let_fewer_up() -> None:
    low = [(arch, 0.1, 0.1 * i) for i, arch in enumerate(ARCHS)]
    two = Asha(rungs=(0.1, 1.0))
    assert two.ask(TOY, past(*low), 1, Random(0))[0].origin == "random"
    ten = past(*low, (sample(TOY, Random(9)), 0.1, 5.0))
    assert two.ask(TOY, ten, 1, Random(0))[0].fidelity == TOP


def test_any_strategy_can_propose_what_is_new() -> None:
    strategy = Asha(RegularizedEvolution(population=6), rungs=2)
    origins = {trial.proposal.origin for trial in climb(strategy, work=12).trials}
    assert origins == {"random", "mutation", "promotion"}
    check_strategy(strategy)


def test_rungs_are_refused_before_the_search_starts() -> None:
    with pytest.raises(SpaceError, match="rising shares"):
        Asha(rungs=(1.0, 0.1))


@pytest.mark.slow
def test_halving_finds_better_networks_than_full_trainings_at_equal_work() -> None:
    """The paper's claim, on a loss whose low fidelities are noisy: 27 trainings, 12 seeds."""
    gains = [
        toy_loss(climb(RandomSearch(), work=27, seed=seed).best().arch)
        - toy_loss(climb(Asha(), work=27, seed=seed).best().arch)
        for seed in range(12)
    ]
    error = statistics.stdev(gains) / len(gains) ** 0.5
    assert statistics.mean(gains) > 2 * error, gains
