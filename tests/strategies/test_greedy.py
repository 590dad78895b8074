"""Greedy search: one hole after the other."""

from __future__ import annotations

from random import Random

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, seq
from archwright.core.trial import History, Proposal, State, Trial
from archwright.strategies.greedy import Greedy
from archwright.testing import check_strategy, run

SPACE = seq(a=Choice((0, 1, 2)), b=Choice((0, 1, 2)), c=Choice((0, 1, 2)))


def begun(*losses_by_answers: tuple[tuple[int, int, int], float]) -> History:
    """Return a history of trials with these answers, all drawn at random."""
    return History(
        tuple(
            Trial(i, Proposal(arch(*answers)), State.DONE, (loss,))
            for i, (answers, loss) in enumerate(losses_by_answers)
        )
    )


def arch(a: int, b: int, c: int) -> Architecture:
    return Architecture.of({"a": a, "b": b, "c": c})


def gone_on(history: History, trials: int) -> History:
    """Go on with the sum of the answers as the loss."""
    while len(history) < trials:
        (proposal,) = Greedy().ask(SPACE, history, 1, Random(0))
        loss = float(sum(map(int, proposal.arch.answers.values())))
        history = history.add(Trial(len(history), proposal, State.DONE, (loss,)))
    return history


def test_each_hole_is_settled_before_the_next_one() -> None:
    history = gone_on(begun(((2, 2, 2), 6.0)), 7)
    found = [tuple(t.arch.answers.values()) for t in history.trials]
    assert found == [
        (2, 2, 2),
        *[(0, 2, 2), (1, 2, 2)],
        *[(0, 0, 2), (0, 1, 2)],
        *[(0, 0, 0), (0, 0, 1)],
    ]
    assert history.best().arch == arch(0, 0, 0)


def test_after_a_sweep_that_brought_nothing_it_begins_anew() -> None:
    history = gone_on(begun(((2, 2, 2), 6.0)), 7 + 4)  # four neighbours of the best are still new
    assert history.trials[7].proposal.origin == "neighbour"
    (proposal,) = Greedy().ask(SPACE, history, 1, Random(1))
    assert proposal.origin == "random"


def test_a_new_beginning_is_climbed_from_even_where_an_older_climb_was_better() -> None:
    history = gone_on(begun(((2, 2, 2), 6.0)), 11)
    start = Trial(11, Proposal(arch(2, 1, 2)), State.DONE, (5.0,))
    (proposal,) = Greedy().ask(SPACE, history.add(start), 1, Random(0))
    assert proposal.parent == 11


def test_of_several_beginnings_the_best_is_climbed_from() -> None:
    history = begun(((2, 2, 2), 6.0), ((1, 1, 1), 3.0), ((2, 1, 2), 5.0))
    (proposal,) = Greedy().ask(SPACE, history, 1, Random(0))
    assert proposal.parent == 1


def test_at_the_end_of_a_sweep_it_waits_for_those_that_run() -> None:
    history = gone_on(begun(((2, 2, 2), 6.0)), 10)
    (last,) = Greedy().ask(SPACE, history, 3, Random(0))
    assert Greedy().ask(SPACE, history.add(Trial(10, last)), 1, Random(0)) == []


def test_greedy_keeps_the_contract_and_its_fidelity() -> None:
    check_strategy(Greedy())
    origins = {trial.proposal.origin for trial in run(Greedy(fidelity=0.5), trials=10).trials}
    assert origins == {"random", "neighbour"}
