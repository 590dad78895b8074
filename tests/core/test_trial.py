from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from archwright.core.architecture import Architecture
from archwright.core.trial import History, Proposal, Result, State, Trial


def trial(number: int, loss: float | None = None, params: int = 0, **proposal: Any) -> Trial:
    """Return a finished trial, or a running one where there is no loss."""
    made = Proposal(Architecture.of({"width": number}), **proposal)
    if loss is None:
        return Trial(number, made)
    return Trial(number, made, State.DONE, losses=(loss,), metrics={"params": params})


def numbers(trials: list[Trial]) -> list[int]:
    return [each.number for each in trials]


def test_a_history_tells_its_trials_apart_by_state() -> None:
    failed = Trial(1, Proposal(Architecture.of({"width": 1})), State.FAILED, error="out of memory")
    history = History((trial(0, 0.5), failed, trial(2)))
    assert len(history) == 3
    assert numbers(history.done) == [0]
    assert numbers(history.failed) == [1]
    assert numbers(history.running) == [2]


def test_strategies_see_what_was_stopped_as_done_and_as_good_as_it_was_expected() -> None:
    stopped = Trial(1, trial(1).proposal, State.STOPPED, expected=(0.7,), error="no hope")
    history = History((trial(0, 0.5), stopped, trial(2)))
    assert (numbers(history.done), numbers(history.stopped)) == ([0], [1])
    assert numbers(history.ranked()) == [0], "it never counts as a result"
    believed = history.believed()
    assert [each.losses for each in believed.done] == [(0.5,), (0.7,)]
    assert believed.running == history.running
    assert believed.believed() is believed
    assert numbers(history.add(replace(stopped, number=3)).stopped) == [1, 3]


def test_a_history_remembers_what_was_proposed_whatever_became_of_it() -> None:
    history = History((trial(0, 0.5), trial(1)))
    assert history.seen == {(t.arch.key, t.proposal.fidelity) for t in history.trials}


def test_the_best_trial_has_the_lowest_loss() -> None:
    assert History((trial(0, 0.5), trial(1, 0.2), trial(2, 0.9))).best().number == 1


def test_between_equals_the_earlier_trial_is_better() -> None:
    assert numbers(History((trial(0, 0.5), trial(1, 0.5))).ranked()) == [0, 1]


def test_only_trials_of_the_highest_fidelity_are_compared() -> None:
    cheap = trial(0, 0.1, fidelity=0.25)
    assert numbers(History((cheap, trial(1, 0.4), trial(2, 0.3))).ranked()) == [2, 1]


def test_the_trials_of_a_lower_fidelity_are_ranked_when_it_is_named() -> None:
    history = History((trial(0, 0.5, fidelity=0.25), trial(1, 0.4))).add(
        trial(2, 0.3, fidelity=0.25)
    )
    assert numbers(history.ranked(0.25)) == [2, 0]
    assert numbers(history.add(trial(3, 0.4, fidelity=0.25)).ranked(0.25)) == [2, 3, 0]
    assert history.ranked(0.5) == []


def test_where_nothing_has_finished_there_is_no_best() -> None:
    history = History((trial(0),))
    assert history.ranked() == []
    with pytest.raises(ValueError, match="no trial has finished"):
        history.best()


def test_the_front_holds_what_nothing_beats_in_both_loss_and_cost() -> None:
    history = History(
        (
            trial(0, 0.5, params=100),
            trial(1, 0.6, params=200),  # worse and dearer than 0
            trial(2, 0.3, params=300),
            trial(3, 0.4, params=300),  # as dear as 2, and worse
            trial(4, 0.3, params=400),  # as good as 2, and dearer
        )
    )
    assert numbers(history.front("params")) == [0, 2]


def test_the_front_of_nothing_is_empty() -> None:
    assert History().front("params") == []


def test_a_lineage_leads_from_the_oldest_ancestor_to_the_trial() -> None:
    history = History((trial(0, 0.5), trial(1, 0.4, parent=0), trial(2), trial(3, 0.3, parent=1)))
    assert numbers(history.lineage(3)) == [0, 1, 3]
    assert numbers(history.lineage(2)) == [2]


def test_results_made_apart_share_nothing() -> None:
    assert Result({"accuracy": 1.0}).artefacts is not Result({"accuracy": 1.0}).artefacts


def test_a_history_that_grew_knows_what_one_made_at_once_knows() -> None:
    failed = Trial(3, Proposal(Architecture.of({"width": 3})), State.FAILED, error="out of memory")
    trials = (
        *(trial(0, 0.5, fidelity=0.3), trial(1, 0.4, fidelity=0.3), trial(2), failed),
        *(trial(4, 0.9), trial(5, 0.2), trial(6, 0.9), trial(7, 0.1, fidelity=0.3)),
    )
    grown = History()
    for count, each in enumerate(trials, 1):
        looked = (grown.done, grown.failed, grown.running, grown.seen, grown.ranked())
        whole = History(trials[: count - 1])
        assert looked == (whole.done, whole.failed, whole.running, whole.seen, whole.ranked())
        grown = grown.add(each)
    assert grown == History(trials)
    assert numbers(grown.ranked()) == [5, 4, 6]
    assert grown.best().number == 5


def test_a_history_that_grows_leaves_the_one_before_as_it_was() -> None:
    first = History((trial(0, 0.5),))
    assert numbers(first.ranked()) == numbers(first.done) == [0]
    first.add(trial(1, 0.4))
    assert len(first) == len(first.seen) == 1
    assert numbers(first.ranked()) == numbers(first.done) == [0]


def test_the_ranking_is_the_callers_own() -> None:
    history = History((trial(0, 0.5), trial(1, 0.4)))
    history.ranked().clear()
    assert history.best().number == 1


@pytest.mark.parametrize(
    ("origin", "explores"), [("random", True), ("scored", True), ("model", False)]
)
def test_what_was_drawn_explores(origin: str, explores: bool) -> None:
    assert Proposal(Architecture.of({}), origin=origin).explores is explores
