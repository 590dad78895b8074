"""REINFORCE: a distribution for each hole that moves towards what did well."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from archwright.core.architecture import Architecture
from archwright.core.space import Choice, Hole, Range, seq
from archwright.core.trial import History, Proposal, State, Trial
from archwright.strategies import reinforce
from archwright.strategies.random import RandomSearch
from archwright.strategies.reinforce import Policy, Reinforce, draw, options, place
from archwright.testing import TOY, check_strategy, run

SPACE = seq(a=Choice(("good", "bad", "worse")), b=Choice((0, 1)))
LOSSES = {"good": 0.0, "bad": 1.0, "worse": 2.0}


def tried(trials: int) -> History:
    """Return a history of random architectures of which only the first answer matters."""
    history = History()
    for number in range(trials):
        (proposal,) = RandomSearch().ask(SPACE, history, 1, Random(number))
        loss = LOSSES[str(proposal.arch.answers["a"])]
        history = history.add(Trial(number, proposal, State.DONE, (loss,)))
    return history


def share(history: History, value: str, strategy: Reinforce) -> float:
    asked = strategy.ask(SPACE, history, 300, Random(0))
    return sum(proposal.arch.answers["a"] == value for proposal in asked) / 300


def test_what_did_well_is_proposed_more_and_more_often() -> None:
    strategy = Reinforce(exploration=0.0)
    shares = [share(tried(trials), "good", strategy) for trials in (1, 20, 80)]
    assert shares[0] < shares[1] < shares[2]
    assert shares[2] > 0.8


def test_a_step_is_the_gradient_of_the_log_probability_times_the_advantage() -> None:
    one = Trial(0, Proposal(Architecture.of({"a": "bad", "b": 0})), State.DONE, (1.0,))
    two = Trial(1, Proposal(Architecture.of({"a": "good", "b": 0})), State.DONE, (0.0,))
    first = Policy().after(SPACE, one, 0.5, 0.9)
    assert not first.logits["a"].any(), "the first reward is what is usual"
    second = first.after(SPACE, two, 0.5, 0.9)
    push = 0.5 * 1.0 / np.sqrt(0.1)
    np.testing.assert_allclose(second.logits["a"], push * np.array([2, -1, -1]) / 3)
    assert second.baseline == pytest.approx(0.9 * -1.0)


def test_reinforce_beats_random_search_at_equal_trials() -> None:
    seeds = range(5)
    mine = [run(Reinforce(), trials=60, seed=seed).best().losses for seed in seeds]
    theirs = [run(RandomSearch(), trials=60, seed=seed).best().losses for seed in seeds]
    # If neither were better, five wins of five would happen once in 32 times.
    assert all(one < other for one, other in zip(mine, theirs, strict=True))


def test_what_is_kept_of_long_histories_changes_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    past, strategy = tried(60), Reinforce()
    whole = strategy.ask(SPACE, past, 5, Random(0))
    monkeypatch.setattr(reinforce, "CHUNK", 7)
    reinforce._folded.cache_clear()
    assert strategy.ask(SPACE, past, 5, Random(0)) == whole


def test_the_share_of_exploring_proposals_is_what_was_asked_for() -> None:
    asked = Reinforce(exploration=0.3).ask(SPACE, tried(5), 300, Random(0))
    # The standard deviation of 300 draws is 8; four of them are allowed for.
    assert abs(sum(proposal.origin == "random" for proposal in asked) - 90) < 32


@pytest.mark.parametrize(
    "hole",
    [Range(1, 5), Range(-20, 300), Range(8, 1024, log=True), Range(1, 9, log=True), Choice((3, 5))],
    ids=str,
)
def test_each_answer_belongs_to_one_option_and_each_option_has_answers(hole: Hole) -> None:
    places = [place(hole, value) for value in hole.values]
    assert set(places) == set(range(options(hole)))
    for option in range(options(hole)):
        drawn = {draw(hole, option, Random(seed)) for seed in range(20)}
        assert {place(hole, value) for value in drawn} == {option}


def test_reinforce_keeps_the_contract_in_a_space_of_every_kind_of_node() -> None:
    check_strategy(Reinforce())
    origins = {trial.proposal.origin for trial in run(Reinforce(), trials=30).trials}
    assert origins == {"random", "model"}
    assert Reinforce().ask(TOY, History(), 2, Random(0))[0].origin == "random"
