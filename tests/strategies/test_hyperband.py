"""Hyperband: brackets that begin on each rung."""

from __future__ import annotations

from collections import Counter

from archwright.strategies.hyperband import Hyperband
from archwright.testing import check_strategy
from tests.strategies.rungs import climb


def test_the_brackets_are_those_of_the_paper() -> None:
    """R = 9, eta = 3: 9, 3, 1; then 5, 1; then 3 (table 1 has the same for R = 81)."""
    trials = climb(Hyperband(), work=8.5).trials
    began = [t for t in trials if t.proposal.origin == "random"]
    assert Counter(round(t.proposal.fidelity, 3) for t in began[:17]) == {0.111: 9, 0.333: 5, 1: 3}
    climbed = [round(t.proposal.fidelity, 3) for t in trials if t.proposal.origin == "promotion"]
    assert climbed[:5] == [0.333, 0.333, 0.333, 1.0, 1.0]


def test_after_the_last_bracket_the_first_comes_again() -> None:
    trials = climb(Hyperband(rungs=2), work=7).trials
    assert [round(t.proposal.fidelity, 2) for t in trials[:10]] == [
        *(0.33, 0.33, 0.33, 1.0),  # three begin, one is left
        *(1.0, 1.0),
        *(0.33, 0.33, 0.33, 1.0),
    ]


def test_hyperband_keeps_the_contract() -> None:
    check_strategy(Hyperband(rungs=(0.06, 1.0)))
