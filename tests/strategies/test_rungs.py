"""What a rung is asked, and what an inner strategy gets to see."""

from __future__ import annotations

from random import Random

import pytest

from archwright.core.architecture import Architecture, sample
from archwright.core.space import Choice, Dag, op
from archwright.core.trial import State
from archwright.errors import SpaceError
from archwright.strategies.rungs import climb, corrected, levels
from archwright.testing import TOY
from tests.strategies.rungs import past

A, B, C, D = (sample(TOY, Random(seed)) for seed in range(4))


def test_rungs_are_counted_or_given_as_shares() -> None:
    assert levels(0.9, 3, 3) == pytest.approx((0.1, 0.3, 0.9))
    assert levels(0.5, 3, (0.06, 1.0)) == (0.03, 0.5)
    assert levels(0.3, 2, 4)[-1] == 0.3, "the last one is the highest fidelity to the bit"


@pytest.mark.parametrize("rungs", [0, (), (0.5, 0.9), (1.0, 0.5), (0.5, 0.5, 1.0), (0.0, 1.0)])
def test_rungs_that_do_not_rise_to_the_top_are_refused(rungs: int | tuple[float, ...]) -> None:
    with pytest.raises(SpaceError, match="rising shares"):
        levels(1.0, 3, rungs)


def test_a_rung_that_leaves_nobody_out_is_refused() -> None:
    with pytest.raises(SpaceError, match="eta=1"):
        levels(1.0, 1, 3)


def test_failed_trials_are_over_but_not_among_the_best() -> None:
    rows = [(A, 0.5, 0.3), (B, 0.5, State.FAILED), (C, 0.5, State.RUNNING), (D, 1.0, 0.1)]
    rung = climb(TOY, past(*rows), (0.5,))[0]
    assert (rung.finished, [trial.arch for trial in rung.best]) == (2, [A])


def test_a_network_is_found_under_other_answers_that_make_the_same() -> None:
    edge = Choice((op("none"), op("identity"), op("conv")))
    cell = Dag(((0, 1, edge), (0, 2, edge), (1, 2, edge)))
    near = Architecture.of({"0": "conv", "1": "none", "2": "identity"})
    far = Architecture.of({"0": "identity", "1": "none", "2": "conv"})
    other = Architecture.of({"0": "conv", "1": "none", "2": "conv"})
    (rung,) = climb(cell, past((near, 1.0, 0.1)), (1.0,))
    found = rung.find(far)
    assert found is not None
    assert found.arch == near
    assert rung.find(other) is None


def test_higher_rungs_correct_the_order_of_those_that_met_there() -> None:
    low = [(A, 0.1, 0.1), (B, 0.1, 0.2), (C, 0.1, 0.3), (D, 0.1, 0.4)]
    rungs = climb(TOY, past(*low, (A, 1.0, 9.0), (C, 1.0, 8.0)), (0.1, 1.0))
    seen = {trial.arch: trial.losses for trial in corrected(rungs).trials}
    assert seen == {A: (0.3,), B: (0.2,), C: (0.1,), D: (0.4,)}


def test_what_runs_or_failed_is_seen_as_it_is() -> None:
    rows = [(A, 0.1, 0.1), (B, 0.1, State.FAILED), (C, 0.1, State.RUNNING), (A, 1.0, State.FAILED)]
    states = [trial.state for trial in corrected(climb(TOY, past(*rows), (0.1, 1.0))).trials]
    assert states == [State.DONE, State.FAILED, State.RUNNING]
