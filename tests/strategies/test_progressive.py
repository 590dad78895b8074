"""Progressive search: sizes in order, the best grow, a predictor ranks."""

from __future__ import annotations

import statistics
from collections import Counter
from random import Random

import numpy as np
import pytest

from archwright.core.architecture import Architecture, sample
from archwright.core.space import Choice, Dag, Node, Range, Repeat, Seq, op, seq
from archwright.core.trial import History, Proposal, State, Trial
from archwright.errors import SpaceError
from archwright.strategies.progressive import Progressive, predicted, size
from archwright.strategies.random import RandomSearch
from archwright.testing import TOY, check_strategy, run

EDGE = Choice((op("none"), op("skip_connect"), op("conv", kernel=Choice((1, 3))), op("pool")))
CELL = Dag(((0, 1, EDGE), (0, 2, EDGE), (1, 2, EDGE), (0, 3, EDGE), (1, 3, EDGE), (2, 3, EDGE)))
CHAIN = seq(layers=Repeat(op("conv", width=Choice((8, 16))), Range(1, 6)), units=Range(4, 64))
LAYERS = [Choice((op("identity"), op("mb3", out=i), op("mb6", out=i))) for i in range(8)]
MACRO = Seq(tuple(LAYERS))


def convs(arch: Architecture) -> float:
    """A loss: the more of these, the better."""
    return -float(sum(value in ("conv", "mb6", 16) for value in arch.answers.values()))


def grow(space: Node, count: int, *, beam: int = 4, seed: int = 0) -> list[Trial]:
    trials: list[Trial] = []
    while len(trials) < count:
        rng = Random(f"{seed}/{len(trials)}")
        (proposal,) = Progressive(beam).ask(space, History(tuple(trials)), 1, rng)
        loss = convs(proposal.arch)
        trials.append(Trial(len(trials), proposal, State.DONE, (loss,)))
    return trials


@pytest.mark.parametrize("space", [CELL, CHAIN, MACRO], ids=["cell", "chain", "macro"])
def test_networks_grow_step_by_step(space: Node) -> None:
    sizes = [size(space, trial.arch) for trial in grow(space, 20)]
    assert sizes == [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4 + [5] * 4


def test_what_grows_is_among_the_best_of_the_size_before() -> None:
    trials = grow(MACRO, 12, beam=6)
    assert all(trial.proposal.parent is None for trial in trials[:6])
    for child in trials[6:]:
        parent = trials[child.proposal.parent or 0]
        changed = [p for p, v in child.arch.decisions if parent.arch.answers[p] != v]
        assert len(changed) == 1, "one step larger"


def test_the_predictor_prefers_what_has_worked() -> None:
    """Half of what can be added is `mb6`, so by chance half of the last layers would be."""
    trials = grow(MACRO, 32, beam=4)
    kinds = Counter(value for trial in trials[16:] for value in trial.arch.answers.values())
    assert kinds["mb6"] > 4 * kinds["mb3"]
    assert {trial.proposal.origin for trial in trials[4:]} == {"model"}


def test_the_predictor_ranks_networks_that_it_has_not_seen() -> None:
    archs = [sample(CELL, Random(seed)) for seed in range(60)]
    trials = [Trial(i, Proposal(a), State.DONE, (convs(a),)) for i, a in enumerate(archs[:40])]
    found = predicted(CELL, trials, archs[40:])
    assert np.corrcoef(found, [convs(arch) for arch in archs[40:]])[0, 1] > 0.7


def test_after_the_largest_size_the_best_are_varied() -> None:
    small = seq(layers=Repeat(EDGE, 2))
    trials = grow(small, 10, beam=2)
    assert [size(small, trial.arch) for trial in trials[:4]] == [1, 1, 2, 2]
    assert trials[-1].proposal.parent is not None


def test_the_search_goes_on_when_all_near_the_best_is_known() -> None:
    """There are 40 networks; two changes of the best do not reach all of them."""
    small = seq(layers=Repeat(Choice((op("identity"), op("mb3"), op("mb6"), op("mb9"))), 3))
    trials = grow(small, 60, beam=1)
    assert len({trial.arch.key for trial in trials}) >= 40


def test_networks_of_a_size_that_all_failed_do_not_end_the_search() -> None:
    first = Progressive(2).ask(MACRO, History(), 2, Random(0))
    failed = History(tuple(Trial(i, p, State.FAILED) for i, p in enumerate(first)))
    (proposal,) = Progressive(2).ask(MACRO, failed, 1, Random(0))
    assert size(MACRO, proposal.arch) == 2


def test_a_space_where_nothing_can_grow_is_refused_with_a_path() -> None:
    fixed = seq(kernel=Choice((3, 5)), kind=Choice(("relu", "gelu")))
    with pytest.raises(SpaceError, match="kernel: neither this hole nor another"):
        Progressive().check(fixed)
    for space in (CELL, CHAIN, MACRO, TOY):
        Progressive().check(space)


def test_several_workers_get_networks_that_differ() -> None:
    asked = Progressive().ask(CELL, History(), 4, Random(0))
    assert len({proposal.arch.key for proposal in asked}) == 4


@pytest.mark.slow
def test_progressive_search_beats_random_search() -> None:
    gains = [
        run(RandomSearch(), trials=40, seed=seed).best().losses[0]
        - run(Progressive(4), trials=40, seed=seed).best().losses[0]
        for seed in range(5)
    ]
    assert statistics.mean(gains) > 2 * statistics.stdev(gains) / len(gains) ** 0.5, gains


def test_progressive_keeps_the_contract() -> None:
    check_strategy(Progressive(beam=3, fidelity=0.5))
