"""Local search: what its paper claims, on a toy loss."""

from __future__ import annotations

from random import Random

from archwright.core.space import Choice, Range, Seq
from archwright.core.trial import History, State, Trial
from archwright.core.vary import neighbours
from archwright.strategies.local import LocalSearch
from archwright.strategies.random import RandomSearch
from archwright.testing import TOY, check_strategy, run


def test_local_search_beats_random_search_at_equal_trials() -> None:
    seeds = range(5)
    mine = [run(LocalSearch(), trials=60, seed=seed).best().losses for seed in seeds]
    theirs = [run(RandomSearch(), trials=60, seed=seed).best().losses for seed in seeds]
    # If neither were better, five wins of five would happen once in 32 times.
    assert all(one < other for one, other in zip(mine, theirs, strict=True))


def test_it_begins_with_random_starts() -> None:
    trials = run(LocalSearch(starts=4, exploration=0.0), trials=8).trials
    assert [t.proposal.origin for t in trials] == ["random"] * 4 + ["neighbour"] * 4


def test_it_moves_on_at_the_first_improvement() -> None:
    trials = run(LocalSearch(starts=3, exploration=0.0), trials=40).trials
    for trial in trials[3:]:
        best = History(trials[: trial.number]).best()
        around = {arch.key for arch in neighbours(TOY, best.arch)}
        seen = {t.arch.key for t in trials[: trial.number]}
        assert trial.proposal.parent == best.number or around <= seen
        assert trial.proposal.parent is not None
        assert trial.arch in neighbours(TOY, trials[trial.proposal.parent].arch)


def test_at_a_local_optimum_it_goes_on_with_the_next_best() -> None:
    space, history = Seq((Choice((0, 1)), Choice((0, 1)), Choice((0, 1)))), History()
    strategy = LocalSearch(starts=1, exploration=0.0)
    for number in range(8):  # all there are: no other is proposed before each was
        (proposal,) = strategy.ask(space, history, 1, Random(number))
        loss = float(proposal.arch.key > "8")
        history = history.add(Trial(number, proposal, State.DONE, (loss,)))
    assert len({trial.arch.key for trial in history.trials}) == 8
    (proposal,) = strategy.ask(space, history, 1, Random(9))
    assert proposal.origin == "random", "nothing is new"


def test_neighbours_that_failed_or_run_are_not_proposed_again() -> None:
    space, history = Seq((Choice((0, 1, 2)), Range(1, 2))), History()
    strategy = LocalSearch(starts=1, exploration=0.0)
    (proposal,) = strategy.ask(space, history, 1, Random(0))
    history = history.add(Trial(0, proposal, State.DONE, (0.0,)))
    for number, state in ((1, State.FAILED), (2, State.RUNNING), (3, State.FAILED)):
        (proposal,) = strategy.ask(space, history, 1, Random(0))
        assert proposal.origin == "neighbour"
        history = history.add(Trial(number, proposal, state))
    assert strategy.ask(space, history, 1, Random(0))[0].origin == "random"


def test_several_neighbours_asked_for_at_once_differ() -> None:
    past = run(LocalSearch(), trials=20)
    asked = LocalSearch(exploration=0.0).ask(TOY, past, 30, Random(0))
    assert len({proposal.arch.key for proposal in asked}) == 30


def test_the_share_of_exploring_proposals_is_what_was_asked_for() -> None:
    past = run(LocalSearch(), trials=12)
    strategy = LocalSearch(exploration=0.3)
    origins = [strategy.ask(TOY, past, 1, Random(seed))[0].origin for seed in range(300)]
    # The standard deviation of 300 draws is 8; four of them are allowed for.
    assert abs(origins.count("random") - 90) < 32


def test_local_search_keeps_the_contract() -> None:
    check_strategy(LocalSearch())
