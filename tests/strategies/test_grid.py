"""Grid search: everything once."""

from __future__ import annotations

from math import gcd
from random import Random

import pytest

from archwright.core.architecture import Architecture, sample
from archwright.core.enumerate import index_of
from archwright.core.space import Choice, Node, Range, Repeat, op, seq, size
from archwright.core.trial import History, Proposal, State, Trial
from archwright.strategies.grid import GridSearch, stride
from archwright.testing import check_strategy

SMALL = seq(
    stem=op("conv", width=Range(1, 5)),
    body=Repeat(Choice((op("conv", kernel=Choice((3, 5))), op("pool"))), Range(0, 2)),
)
HUGE = Repeat(Choice(("a", "b", "c", "d")), 31)


def visits(space: Node, strategy: GridSearch, *, at_once: int = 1) -> list[Architecture]:
    history = History()
    while asked := strategy.ask(space, history, at_once, Random(0)):
        for proposal in asked:
            history = history.add(Trial(len(history), proposal, State.DONE, (0.0,)))
    return [trial.arch for trial in history.trials]


@pytest.mark.parametrize("at_once", [1, 7])
def test_grid_visits_everything_once_and_stops(at_once: int) -> None:
    found = visits(SMALL, GridSearch(), at_once=at_once)
    assert len({arch.key for arch in found}) == len(found) == size(SMALL)


def test_the_order_is_always_the_same() -> None:
    assert visits(SMALL, GridSearch()) == visits(SMALL, GridSearch(), at_once=3)


def test_what_others_proposed_is_not_proposed_again() -> None:
    known = sample(SMALL, Random(0))
    trial = Trial(0, Proposal(known, origin="portfolio"), State.DONE, (0.0,))
    history, found = History((trial,)), []
    while asked := GridSearch().ask(SMALL, history, 1, Random(0)):
        found.append(asked[0].arch)
        history = history.add(Trial(len(history), asked[0], State.DONE, (0.0,)))
    assert len(found) == size(SMALL) - 1
    assert known not in found


def test_a_space_too_big_to_finish_is_spread_over_from_the_start() -> None:
    history = History()
    for number in range(64):
        (proposal,) = GridSearch().ask(HUGE, history, 1, Random(0))
        history = history.add(Trial(number, proposal, State.FAILED, error="!"))
    tenths = {index_of(HUGE, t.arch) * 10 // size(HUGE) for t in history.trials}
    assert tenths == set(range(10))
    answers = {(path, value) for t in history.trials for path, value in t.arch.decisions}
    assert len(answers) > 0.95 * 31 * 4, "hardly an answer to a hole that was not seen"


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 15_625, 6_561, 2 * 3 * 5 * 7 * 11 * 13, 10**18])
def test_the_stride_comes_to_all(count: int) -> None:
    assert gcd(stride(count), count) == 1


def test_grid_keeps_the_contract() -> None:
    check_strategy(GridSearch())
