"""Component search: one part at a time, then all winners together."""

from __future__ import annotations

import statistics
from random import Random

import pytest

from archwright.core.architecture import Architecture, sample
from archwright.core.space import Choice, seq
from archwright.core.trial import History, State, Trial
from archwright.strategies.components import ComponentSearch, components
from archwright.strategies.random import RandomSearch
from archwright.testing import TOY, check_strategy, run

PARTS = ("a", "b", "c")
SPACE = seq(**{part: Choice((0, 1, 2, 3)) for part in PARTS})


def loss(arch: Architecture) -> float:
    return float(sum(arch.answers[part] for part in PARTS))  # type: ignore[arg-type]


def grow(count: int, *, fail: str = "", seed: int = 0) -> History:
    trials: list[Trial] = []
    while len(trials) < count:
        rng = Random(f"{seed}/{len(trials)}")
        (proposal,) = ComponentSearch(tries=3, starts=1).ask(SPACE, History(tuple(trials)), 1, rng)
        found = (State.DONE, (loss(proposal.arch),))
        failed = proposal.origin == fail
        trials.append(Trial(len(trials), proposal, *((State.FAILED, ()) if failed else found)))
    return History(tuple(trials))


def test_one_component_is_varied_at_a_time_in_turn() -> None:
    first, *others = grow(10).trials
    changed = [
        [part for part in PARTS if trial.arch.answers[part] != first.arch.answers[part]]
        for trial in others
    ]
    assert changed == [["a"]] * 3 + [["b"]] * 3 + [["c"]] * 3
    assert {(t.proposal.origin, t.proposal.parent) for t in others} == {("mutation", 0)}


def test_the_winners_are_joined() -> None:
    """With three tries each component sees all its answers, so the joint is the best of all."""
    joint = grow(11).trials[10]
    assert joint.proposal.origin == "crossover"
    assert joint.losses == (0.0,)


def test_after_a_round_without_gain_several_components_change() -> None:
    trials = grow(40).trials
    assert trials[-1].proposal.origin == "neighbour"
    best = History(trials).best()
    assert trials[-1].proposal.parent == best.number


def test_a_joint_that_failed_does_not_end_the_search() -> None:
    trials = grow(20, fail="crossover").trials
    assert sum(t.proposal.origin == "crossover" for t in trials[:11]) == 1
    assert trials[11].proposal.parent != 0, "the best variant is the next base"


def test_several_workers_get_variants_that_differ() -> None:
    asked = ComponentSearch(tries=3, starts=1).ask(SPACE, grow(1), 5, Random(0))
    assert len({proposal.arch.key for proposal in asked}) == 5


def test_components_are_groups_of_equal_first_steps() -> None:
    edges = [f"cells/cell/{i}" for i in range(6)]
    assert components(edges, 6) == [(edge,) for edge in edges]
    two = ["cells/normal/0", "cells/normal/0/from", "cells/reduction/0", "head"]
    assert components(two, 3) == [tuple(two[:3]), ("head",)]
    assert components(two, 2) == [tuple(two[:2]), ("cells/reduction/0",), ("head",)]
    assert components(two, 1) == [(path,) for path in two]
    assert components(["x"], 6) == [("x",)]
    assert components([], 6) == []


def test_every_hole_is_in_one_component() -> None:
    for seed in range(10):
        paths = list(sample(TOY, Random(seed)).answers)
        parts = components(paths, 4)
        assert sorted(path for part in parts for path in part) == sorted(paths)


@pytest.mark.slow
def test_component_search_beats_random_search() -> None:
    gains = [
        run(RandomSearch(), trials=40, seed=seed).best().losses[0]
        - run(ComponentSearch(tries=2), trials=40, seed=seed).best().losses[0]
        for seed in range(8)
    ]
    error = statistics.stdev(gains) / len(gains) ** 0.5
    assert statistics.mean(gains) > 2 * error, gains


def test_component_search_keeps_the_contract() -> None:
    check_strategy(ComponentSearch(tries=1, starts=2, fidelity=0.5))
