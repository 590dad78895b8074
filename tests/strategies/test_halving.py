"""Successive halving: brackets with a barrier between rungs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random

from archwright.core.architecture import sample
from archwright.core.space import Node
from archwright.core.trial import History, Proposal, State
from archwright.strategies.halving import SuccessiveHalving
from archwright.testing import TOY, check_strategy
from tests.strategies.rungs import climb, past

ARCHS = [sample(TOY, Random(seed)) for seed in range(12)]
LOW, MIDDLE, TOP = 1 / 9, 1 / 3, 1.0


@dataclass(frozen=True)
class Few:
    """Runs out of architectures."""

    count: int
    fidelity: float = 1.0

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        return [Proposal(arch, self.fidelity) for arch in ARCHS[len(history) : self.count][:n]]


def test_each_bracket_goes_from_nine_to_three_to_one() -> None:
    trials = climb(SuccessiveHalving(), work=5.9).trials
    rungs = Counter(round(trial.proposal.fidelity, 3) for trial in trials)
    assert rungs == {0.111: 18, 0.333: 6, 1.0: 2}
    assert [t.proposal.fidelity for t in trials[:13]] == [LOW] * 9 + [MIDDLE] * 3 + [TOP]


def test_the_best_of_the_bracket_go_on_and_only_they() -> None:
    trials = climb(SuccessiveHalving(), work=3).trials
    first = sorted(trials[:9], key=lambda trial: trial.losses)[:3]
    assert {t.arch for t in trials[9:12]} == {t.arch for t in first}
    assert all(trials[t.proposal.parent or 0].arch == t.arch for t in trials[9:13])


def test_a_rung_is_waited_for_while_the_next_bracket_begins() -> None:
    low = [(arch, LOW, 0.1 * i) for i, arch in enumerate(ARCHS[:8])]
    waiting = past(*low, (ARCHS[8], LOW, State.RUNNING))
    (proposal,) = SuccessiveHalving().ask(TOY, waiting, 1, Random(0))
    assert (proposal.origin, proposal.fidelity) == ("random", LOW)


def test_two_workers_find_work_at_any_time() -> None:
    trials = climb(SuccessiveHalving(), work=6, workers=2).trials
    assert sum(trial.proposal.fidelity for trial in trials) >= 6


def test_failures_do_not_hold_up_a_bracket() -> None:
    rows = [(ARCHS[0], LOW, 0.5), *((arch, LOW, State.FAILED) for arch in ARCHS[1:9])]
    assert SuccessiveHalving().ask(TOY, past(*rows), 1, Random(0))[0].arch == ARCHS[0]
    all_failed = past(*((arch, LOW, State.FAILED) for arch in ARCHS[:9]))
    assert SuccessiveHalving().ask(TOY, all_failed, 1, Random(0))[0].origin == "random"


def test_a_bracket_that_cannot_be_filled_is_gone_on_with() -> None:
    trials = climb(SuccessiveHalving(Few(4)), work=100).trials
    assert [t.proposal.fidelity for t in trials] == [LOW] * 4 + [MIDDLE, TOP]


def test_the_width_can_be_chosen() -> None:
    trials = climb(SuccessiveHalving(width=3, rungs=2), work=4).trials
    assert [round(t.proposal.fidelity, 3) for t in trials] == [0.333, 0.333, 0.333, 1.0] * 2


def test_halving_keeps_the_contract() -> None:
    check_strategy(SuccessiveHalving(rungs=(0.1, 0.4, 1.0), fidelity=0.5))
