"""Stopping replayed: what would have been saved, and what would have been lost."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import pytest

from archwright.core.architecture import sample
from archwright.core.objective import Objective
from archwright.core.trial import Proposal, State, Trial
from archwright.testing import TOY
from benchmarks.stopping import Source, measure, replay, shuffled, trials

AIM = Objective("log_loss")


def made(ends: Sequence[float], told: bool = True) -> list[Trial]:
    """Return trials whose curves lie 0.1 above their ends a quarter before, or tell nothing."""
    rng, found = Random(0), []
    for number, end in enumerate(ends):
        seen = end if told else rng.random()
        curve = [{"share": q / 4, "log_loss": seen + 0.1 * (4 - q)} for q in (1, 2, 3)]
        points = (*curve, {"share": 1.0, "log_loss": end})
        proposal = Proposal(sample(TOY, rng), origin="portfolio" if number == 0 else "random")
        metrics = {"log_loss": end}
        found.append(Trial(number, proposal, State.DONE, (end,), metrics, points, seconds=1.0))
    return found


def ends(count: int) -> list[float]:
    rng = Random(1)
    return [rng.random() for _ in range(count)]


def test_where_curves_tell_all_what_cannot_win_is_stopped_after_a_quarter() -> None:
    found = replay(made([*ends(20), 0.9, -0.5]), AIM, 0.05)
    assert found.wrong == 0
    assert found.stopped > 5
    assert found.saved == pytest.approx(0.75 * found.stopped)
    assert found.ended[0].number == 0
    assert found.ended[-1].losses == (-0.5,), "the best of all"
    assert found.clock[-1] == pytest.approx(22 - found.saved)


def test_where_curves_tell_nothing_little_is_stopped() -> None:
    assert replay(made(ends(40), told=False), AIM, 0.05).saved < 3


def test_what_is_shuffled_keeps_its_trials_and_the_starts_first() -> None:
    given = made(ends(6))
    for order in shuffled(given, 3):
        assert order[0] is given[0]
        assert sorted(t.number for t in order) == list(range(6))


def test_stopping_wins_in_equal_time_where_curves_tell_all() -> None:
    found = measure(made(ends(40)), "log_loss", 0.05)
    assert found.saved > 0.2
    assert found.wrong == found.shuffled == 0
    assert found.won > 0.5


def test_real_trials_have_curves_that_can_be_replayed() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 4)).astype(np.float32)
    source = Source((x, (x[:, 0] > 0).astype(int)), None, "accuracy", epochs=8)
    found = trials(source, 3, 0)
    assert [len(trial.curve) for trial in found] == [4, 4, 4]
    assert all(trial.proposal.origin == "portfolio" for trial in found)
