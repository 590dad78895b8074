"""`--strategy auto`: which strategy suits which run, and that the choice can be stored."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from archwright.auto.choose import LEAST_POOL, MOST_POOL, Choice, Situation, choose
from archwright.core.architecture import Architecture

USUAL = Situation(size=10**18, trials=20, seconds=25.0)


def test_the_default_is_the_surrogate_search_and_says_why() -> None:
    found = choose(USUAL)
    assert found == Choice("surrogate", "it needs the fewest trials to find good networks")
    assert found.words() == f"surrogate, chosen because {found.why}."


@pytest.mark.parametrize(
    ("change", "strategy", "why"),
    [
        ({"size": 20}, "grid", "all 20 architectures"),
        ({"size": 21}, "surrogate", "fewest trials"),
        ({"size": 20, "exploring": True}, "surrogate", "fewest trials"),
        ({"workers": 8}, "surrogate", "fewest trials"),
        ({"workers": 9}, "evolution", "9 workers"),
        ({"trials": 5000, "seconds": 0.3}, "evolution", "5,000 trials of 0.3 s"),
        ({"trials": 5000, "seconds": 30.0}, "surrogate", "fewest trials"),
        ({"trials": 5000, "seconds": 5.0, "workers": 4}, "evolution", "5,000 trials of 5.0 s"),
        ({"trials": 5000, "seconds": 0.0}, "evolution", "5,000 trials are not"),
        ({"trials": 900, "seconds": 0.3}, "surrogate", "fewest trials"),
    ],
)
def test_a_situation_has_its_strategy(change: dict[str, float], strategy: str, why: str) -> None:
    found = choose(replace(USUAL, **change))
    assert found.strategy == strategy
    assert why in found.why


@pytest.mark.parametrize(
    ("scorable", "pool"), [(LEAST_POOL - 1, 0), (LEAST_POOL, LEAST_POOL), (10**6, MOST_POOL)]
)
def test_untrained_networks_are_scored_where_many_can_be(scorable: int, pool: int) -> None:
    found = choose(replace(USUAL, scorable=scorable))
    assert found.pool == pool
    assert ("scored untrained" in found.words()) == (pool > 0)


def test_a_choice_comes_back_from_json_as_it_was() -> None:
    past = (Architecture.of({"depth": 2, "body/norm": "batch"}),)
    for choice in (Choice("optuna:TPE", past=past), Choice("surrogate", "so", 200)):
        stored = json.loads(json.dumps(choice.to_json()))
        assert Choice.from_json(stored) == choice
