"""Warm starts: what did well on past tasks comes first."""

from __future__ import annotations

import statistics
import zlib
from random import Random

from archwright.core.architecture import Architecture, sample
from archwright.core.space import Choice, seq
from archwright.core.trial import History
from archwright.strategies.warm import Past, WarmStart, starts
from archwright.testing import TOY, check_strategy, run, toy_loss

SPACE = seq(kind=Choice(("a", "b", "c", "d")), size=Choice((1, 2)))


def arch(kind: str, size: int = 1) -> Architecture:
    return Architecture.of({"kind": kind, "size": size})


def task(*kinds: str) -> Past:
    """A task on which these are from best to worst."""
    return Past(tuple((arch(kind), float(i)) for i, kind in enumerate(kinds)))


def test_each_task_is_served_before_a_task_is_served_twice() -> None:
    pasts = (task("a", "b", "c", "d"), task("a", "c", "b", "d"), task("d", "c", "b", "a"))
    assert starts(SPACE, pasts, 2) == (arch("a"), arch("d"))


def test_an_all_rounder_comes_before_what_is_best_on_one_task_alone() -> None:
    pasts = (task("a", "b", "c", "d"), task("c", "b", "d", "a"), task("d", "b", "a", "c"))
    assert starts(SPACE, pasts, 1) == (arch("b"),)


def test_when_every_task_has_its_best_the_best_on_average_follow() -> None:
    assert starts(SPACE, (task("b", "d", "a", "c"),), 9) == tuple(map(arch, "bdac"))


def test_losses_of_different_scales_are_only_ranked() -> None:
    tiny = Past(tuple((arch(kind), 1e-9 * i) for i, kind in enumerate("abcd")))
    huge = Past(tuple((arch(kind), 1e9 * i) for i, kind in enumerate("dabc")))
    assert starts(SPACE, (tiny, huge), 1) == (arch("a"),)


def test_what_does_not_fit_the_space_is_left_out() -> None:
    foreign = (
        Architecture.of({"kind": "z", "size": 1}),
        Architecture.of({"kind": "a"}),
        Architecture.of({"kind": "a", "size": 1, "more": 2}),
    )
    trials = (*((each, 0.0) for each in foreign), (arch("c", 2), 1.0))
    assert starts(SPACE, (Past(trials), Past(((foreign[0], 0.0),))), 8) == (arch("c", 2),)


def test_the_order_of_stored_answers_does_not_matter() -> None:
    turned = Architecture.of({"size": 1, "kind": "a"})
    assert starts(SPACE, (Past(((turned, 0.0), (arch("a"), 1.0))),), 8) == (arch("a"),)


def test_nothing_known_gives_no_starts() -> None:
    assert starts(SPACE, (), 8) == starts(SPACE, (Past(()),), 8) == ()
    assert WarmStart().ask(SPACE, History(), 1, Random(0))[0].origin == "random"


def test_starts_are_proposed_first_and_once() -> None:
    known = tuple((sample(TOY, Random(seed)), float(seed)) for seed in range(3))
    trials = run(WarmStart((Past(known),), count=2), trials=4).trials
    assert [trial.proposal.origin for trial in trials] == ["portfolio"] * 2 + ["random"] * 2
    assert trials[0].arch == known[0][0]
    check_strategy(WarmStart((Past(known),), fidelity=0.5))


def test_related_tasks_save_trials() -> None:
    """Five past tasks of 60 trials, each a noisy version of the new one, against 8 cold ones."""

    def related(each: Architecture, number: int) -> float:
        return toy_loss(each) + zlib.crc32(f"{number}{each.key}".encode()) / 2**32 / 10

    drawn = [sample(TOY, Random(seed)) for seed in range(300)]
    pasts = tuple(
        Past(tuple((each, related(each, n)) for each in drawn[60 * n : 60 * n + 60]))
        for n in range(5)
    )
    warm = run(WarmStart(pasts), trials=8).best().losses[0]
    cold = statistics.mean(run(WarmStart(), trials=8, seed=s).best().losses[0] for s in range(20))
    assert warm < cold - 0.05
