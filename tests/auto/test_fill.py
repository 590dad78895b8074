"""When a search goes on."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from archwright.auto.fill import MOST_FAILURES, _go_on
from archwright.clock import Clock
from archwright.core.architecture import Architecture
from archwright.core.trial import History, Proposal, State, Trial


def history(failed: int, done: int = 0) -> History:
    proposal = Proposal(Architecture(()))
    lost = [Trial(n, proposal, State.FAILED, error="why") for n in range(failed)]
    found = [
        Trial(failed + n, proposal, State.DONE, (0.5,), {"accuracy": 0.5}, seconds=1.0)
        for n in range(done)
    ]
    return History([*lost, *found])


def job(budget: float, gone: float = 0.0, **clock: Any) -> Any:
    started = time.monotonic() - gone
    options = SimpleNamespace(trials=None)
    return SimpleNamespace(clock=Clock(budget, started, **clock), options=options)


def test_it_goes_on_while_nothing_is_done_until_too_much_has_failed() -> None:
    assert _go_on(job(60.0), history(MOST_FAILURES - 1))
    assert not _go_on(job(60.0), history(MOST_FAILURES))


def test_no_trial_begins_once_the_budget_is_gone_though_none_is_done() -> None:
    assert not _go_on(job(60.0, gone=61.0), history(1))
    assert not _go_on(job(60.0, gone=55.0, closing=6.0), history(0))


@pytest.mark.parametrize(("until", "goes_on"), [(30.0, True), (20.5, False)])
def test_a_trial_begins_if_the_last_ones_would_have_had_the_time(
    until: float, goes_on: bool
) -> None:
    asked = job(60.0, gone=20.0, search_until=until)
    assert _go_on(asked, history(0, done=3)) == goes_on


def test_what_a_slow_trial_took_does_not_end_a_search() -> None:
    slow = replace(history(0, done=1).trials[0], seconds=50.0)
    found = History([slow, *history(0, done=3).trials])
    assert _go_on(job(60.0, gone=20.0, search_until=30.0), found)
