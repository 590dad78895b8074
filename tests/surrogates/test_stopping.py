"""When a trial has no hope left, by its learning curve and those of finished ones."""

from __future__ import annotations

from random import Random

import pytest

from archwright.core.architecture import sample
from archwright.core.objective import Objective
from archwright.core.trial import Curve, History, Proposal, State, Trial
from archwright.surrogates.stopping import FEWEST, Hopeless, Peers
from archwright.testing import TOY

AIM = Objective("accuracy")
SHARES = (0.25, 0.5, 0.75)


def curve(*accuracies: float) -> Curve:
    return tuple({"share": s, "accuracy": a} for s, a in zip(SHARES, accuracies, strict=False))


def history(trials: int, fidelity: float = 1.0, noise: float = 0.01, seed: int = 0) -> History:
    """Trials whose accuracy grows by 0.1 a quarter, from anything between 0.3 and 0.6."""
    rng, found = Random(seed), []
    for number in range(trials):
        start, proposal = rng.uniform(0.3, 0.6), Proposal(sample(TOY, rng), fidelity)
        end = start + 0.3 + rng.gauss(0, noise)
        points = (*curve(start, start + 0.1, start + 0.2), {"share": 1.0, "accuracy": end})
        metrics = {"accuracy": end}
        found.append(Trial(number, proposal, State.DONE, (-end,), metrics, points))
    return History(found)


def stopped(peers: Peers, points: Curve) -> bool:
    try:
        peers.look(points)
    except Hopeless:
        return True
    return False


def test_a_bad_curve_ends_a_trial_in_plain_words() -> None:
    peers = Peers.of(history(12), 1.0, AIM, 0.05)
    reason = "stopped after 50 % of its schedule: the chance to be among the best 3 was below 5 %"
    with pytest.raises(Hopeless, match=reason) as caught:
        peers.look(curve(0.3, 0.4))
    assert caught.value.loss == pytest.approx(-0.6, abs=0.02), "the end is expected 0.2 above"


def test_a_good_curve_does_not() -> None:
    assert not stopped(Peers.of(history(12), 1.0, AIM, 0.05), curve(0.6, 0.7))


def test_where_curves_tell_nothing_none_is_stopped() -> None:
    rng = Random(1)
    trials = [
        Trial(t.number, t.proposal, t.state, (loss := -rng.random(),), {"accuracy": -loss}, t.curve)
        for t in history(20).trials
    ]
    assert not stopped(Peers.of(History(trials), 1.0, AIM, 0.05), curve(0.3))


def test_few_peers_or_those_of_another_fidelity_stop_nothing() -> None:
    hopeless = curve(0.01)
    assert stopped(Peers.of(history(FEWEST), 1.0, AIM, 0.05), hopeless)
    assert not stopped(Peers.of(history(FEWEST - 1), 1.0, AIM, 0.05), hopeless)
    assert not stopped(Peers.of(history(20, fidelity=0.5), 1.0, AIM, 0.05), hopeless)


def test_an_error_of_nothing_stops_nothing() -> None:
    assert not stopped(Peers.of(history(40), 1.0, AIM, 0.0), curve(0.01))


def test_curves_of_before_shares_were_written_are_no_peers() -> None:
    old = [
        Trial(
            t.number, t.proposal, t.state, t.losses, t.metrics, tuple({"epoch": 1.0} for _ in "ab")
        )
        for t in history(20).trials
    ]
    assert not stopped(Peers.of(History(old), 1.0, AIM, 0.05), curve(0.01))


def test_it_is_looked_at_when_a_quarter_has_ended_and_at_no_other_point() -> None:
    peers = Peers.of(history(12), 1.0, AIM, 0.05)
    points = tuple({"share": share, "accuracy": 0.01} for share in (0.3, 0.4, 0.45, 0.51))
    assert [stopped(peers, points[:n]) for n in (1, 2, 3, 4)] == [True, False, False, True]


def test_a_point_between_those_of_the_peers_is_read_off_their_curves() -> None:
    peers = Peers.of(history(40, noise=0.001), 1.0, AIM, 0.05)
    assert peers.outlook(0.6, -0.54).loss == pytest.approx(-0.7, abs=0.005)


def test_a_dip_does_not_end_what_was_better_before() -> None:
    peers = Peers.of(history(12), 1.0, AIM, 0.05)
    assert not stopped(peers, curve(0.72, 0.4))


def test_of_trials_that_are_like_their_peers_few_are_stopped_wrongly() -> None:
    """20 histories of 20, each judging 30 others: at most 5 % are expected to be wrong."""
    wrong = seen = 0
    for seed in range(20):
        peers = Peers.of(history(20, noise=0.05, seed=seed), 1.0, AIM, 0.05)
        for trial in history(30, noise=0.05, seed=1000 + seed).trials:
            if any(stopped(peers, trial.curve[:n]) for n in (1, 2, 3)):
                seen += 1
                wrong += trial.losses[0] < peers.bar
    assert seen > 200
    assert wrong / seen < 0.05
