"""A shrinking space: what is clearly worse is dropped, and nothing else."""

from __future__ import annotations

import math
import statistics
from random import Random

import pytest

from archwright.core.architecture import Architecture, sample
from archwright.core.space import Choice, Range, Repeat, op, seq
from archwright.core.trial import History, Proposal, State, Trial
from archwright.strategies.asha import Asha
from archwright.strategies.evolution import RegularizedEvolution
from archwright.strategies.random import RandomSearch
from archwright.strategies.shrink import Shrink, bands
from archwright.testing import TOY, check_strategy, run

SPACE = seq(
    width=Range(1, 64, log=True),
    kind=Choice(("good", "fair", "bad")),
    layers=Repeat(Choice((op("conv"), op("slow"))), Range(1, 3)),
)


def loss(arch: Architecture) -> float:
    slow = sum(value == "slow" for value in arch.answers.values())
    kind = {"good": 0.0, "fair": 0.1, "bad": 6.0}[str(arch.answers["kind"])]
    return kind + 4 * slow - math.log(float(arch.answers["width"]))


def history(count: int, *, fidelity: float = 1.0, seed: int = 0) -> History:
    rng = Random(seed)
    drawn = [sample(SPACE, rng) for _ in range(count)]
    return History(
        tuple(
            Trial(i, Proposal(arch, fidelity), State.DONE, (loss(arch),))
            for i, arch in enumerate(drawn)
        )
    )


def test_what_is_clearly_worse_is_dropped_and_what_is_as_good_stays() -> None:
    gone = Shrink().dropped(SPACE, history(200))
    assert gone["kind"] == ("bad",)
    assert gone["layers/0"] == gone["layers/1"] == gone["layers/2"] == ("slow",)
    assert 1 in gone["width"]
    assert 64 not in gone["width"]


def test_chance_alone_drops_hardly_anything() -> None:
    """Five answers can be dropped; at 2.5 standard errors each is in one of 160 histories."""

    def blind(seed: int) -> History:
        trials = history(80, seed=seed).trials
        rng = Random(seed)
        return History(tuple(Trial(t.number, t.proposal, t.state, (rng.random(),)) for t in trials))

    assert sum(len(Shrink().dropped(SPACE, blind(seed))) > 0 for seed in range(20)) <= 3


def test_nothing_is_dropped_before_there_is_evidence() -> None:
    assert Shrink().dropped(SPACE, History()) == {}
    assert Shrink().dropped(SPACE, history(9)) == {}
    assert Shrink().dropped(SPACE, history(80, fidelity=0.5)) == {}


def test_answers_of_the_best_stay_whatever_the_others_found() -> None:
    trials = list(history(80).trials)
    bad = next(trial for trial in trials if trial.arch.answers["kind"] == "bad")
    trials[bad.number] = Trial(bad.number, bad.proposal, State.DONE, (-9.0,))
    assert "kind" not in Shrink().dropped(SPACE, History(tuple(trials)))


@pytest.mark.parametrize("share", [0.1, 0.4, 0.5])
def test_only_a_share_of_each_hole_goes(share: float) -> None:
    gone = Shrink(share=share, doubt=0.1).dropped(SPACE, history(200))
    assert len(gone.get("kind", ())) <= 3 * share
    assert len(gone.get("width", ())) <= 64 * share
    assert len(gone.get("layers/0", ())) <= 2 * share


def test_what_is_proposed_lies_within_what_is_left() -> None:
    past = history(80)
    for strategy in (RandomSearch(), RegularizedEvolution()):
        for seed in range(20):
            (proposal,) = Shrink(strategy).ask(SPACE, past, 1, Random(seed))
            assert proposal.arch.answers["kind"] != "bad"
            assert "slow" not in proposal.arch.answers.values()


def test_long_ranges_are_judged_in_parts() -> None:
    assert [len(part) for part in bands(Range(1, 16))] == [4, 4, 4, 4]
    assert [part[0] for part in bands(Range(4, 63, log=True))] == [4, 8, 16, 32]
    assert bands(Range(1, 3)) == [(1,), (2,), (3,)]
    assert bands(Choice(("a", "b"))) == [("a",), ("b",)]
    assert {v for part in bands(Range(1, 9, log=True)) for v in part} == set(range(1, 10))


def test_shrinking_helps_random_search() -> None:
    """Twelve seeds of 60 trials, on the loss above, whose best value is -4.16."""

    def found(strategy: Shrink | RandomSearch, seed: int) -> float:
        trials: list[Trial] = []
        for number in range(60):
            rng = Random(f"{seed}/{number}")
            (proposal,) = strategy.ask(SPACE, History(tuple(trials)), 1, rng)
            trials.append(Trial(number, proposal, State.DONE, (loss(proposal.arch),)))
        return statistics.mean(trial.losses[0] for trial in trials[30:])

    gains = [found(RandomSearch(), seed) - found(Shrink(), seed) for seed in range(12)]
    error = statistics.stdev(gains) / len(gains) ** 0.5
    assert statistics.mean(gains) > 3 * error, gains


def test_shrink_keeps_the_contract_with_any_strategy_inside() -> None:
    for inner in (RegularizedEvolution(population=6), Asha(rungs=2)):
        check_strategy(Shrink(inner, enough=2, doubt=0.5))
    trials = run(Shrink(RegularizedEvolution(), fidelity=0.5), trials=30).trials
    assert {trial.proposal.fidelity for trial in trials} == {0.5}
    assert Shrink(enough=2, doubt=0.5).dropped(TOY, run(RandomSearch(), trials=30))
