"""Surrogate search, and its kinds with other models."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

import numpy as np
import pytest

from archwright import registry
from archwright.bench.entrants import strategy
from archwright.bench.table import Protocol, Table
from archwright.core.architecture import Architecture, active, sample
from archwright.core.graph import canonical_key
from archwright.core.space import Choice, Node, Range, Seq, seq
from archwright.core.trial import History, Proposal, State, Trial
from archwright.core.vary import neighbours
from archwright.spaces.darts import darts
from archwright.spaces.macro import macro
from archwright.strategies.bananas import Bananas
from archwright.strategies.base import Strategy
from archwright.strategies.forest import Forest
from archwright.strategies.random import RandomSearch
from archwright.strategies.surrogate import SurrogateSearch, expected_improvement
from archwright.surrogates.base import Floats, Rows
from archwright.surrogates.ensemble_mlp import Ensemble
from archwright.surrogates.forest import RandomForest
from archwright.testing import TOY, check_strategy, toy_loss

KINDS: dict[str, Callable[..., Strategy]] = {
    "surrogate": SurrogateSearch,
    "forest": Forest,
    "bananas": Bananas,
}
every = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)

GRID = Seq(tuple(Range(0, 7) for _ in range(4)))
"""4096 points."""


def bowl(arch: Architecture) -> float:
    """Return a loss without steps that is 0 at 5, 5, 5, 5."""
    return sum((float(value) - 5) ** 2 for value in arch.answers.values())


def done(
    space: Node, count: int, loss: Callable[[Architecture], float], fidelity: float = 1.0
) -> History:
    """Return a history of architectures that were drawn at random."""
    archs = [sample(space, Random(seed)) for seed in range(count)]
    return History(
        tuple(
            Trial(i, Proposal(arch, fidelity), State.DONE, (loss(arch),))
            for i, arch in enumerate(archs)
        )
    )


def search(
    strategy: Strategy, space: Node, loss: Callable[[Architecture], float], trials: int, seed: int
) -> list[float]:
    """Return the losses of a search in the order in which they were found."""
    history = History()
    for number in range(trials):
        (proposal,) = strategy.ask(space, history, 1, Random(f"{seed}/{number}"))
        history = history.add(Trial(number, proposal, State.DONE, (loss(proposal.arch),)))
    return [trial.losses[0] for trial in history.trials]


MIDDLE = 0.25


@dataclass(frozen=True)
class Watched:
    """A surrogate that knows nothing, and notes what it is shown."""

    shown: list[tuple[Rows, Floats]]

    def __init__(self) -> None:
        object.__setattr__(self, "shown", [])

    def fit(self, rows: Rows, losses: Floats) -> Watched:
        self.shown.append((rows, losses))
        return self

    def predict(self, rows: Rows) -> tuple[Floats, Floats]:
        return np.full(len(rows), MIDDLE), np.ones(len(rows))


@every
def test_proposals_are_new_and_fit_the_space(kind: Callable[..., Strategy]) -> None:
    history = done(TOY, 12, toy_loss)
    known = {canonical_key(TOY, trial.arch) for trial in history.trials}
    for seed in range(2):
        for proposal in kind().ask(TOY, history, 2, Random(seed)):
            assert set(active(TOY, proposal.arch)) == set(proposal.arch.answers)
            assert canonical_key(TOY, proposal.arch) not in known
            assert proposal.origin in ("model", "random")


@pytest.mark.slow
@every
def test_it_gets_nearer_to_the_best_than_random_search(kind: Callable[..., Strategy]) -> None:
    for seed in range(2):
        ours = min(search(kind(), GRID, bowl, 30, seed))
        theirs = min(search(RandomSearch(), GRID, bowl, 60, seed))
        assert ours < theirs, "with half the trials"


@pytest.mark.slow
def test_the_optimum_of_a_smooth_loss_is_found() -> None:
    """One point of 4096; random search needs 2000 trials in the mean."""
    needed = [search(SurrogateSearch(), GRID, bowl, 40, seed).index(0.0) for seed in range(3)]
    assert statistics.mean(needed) < 40


@every
def test_several_proposals_differ(kind: Callable[..., Strategy]) -> None:
    asked = kind().ask(GRID, done(GRID, 10, bowl), 4, Random(0))
    assert len({proposal.arch.key for proposal in asked}) == 4


@every
def test_two_workers_are_not_sent_to_the_same_place(kind: Callable[..., Strategy]) -> None:
    history, seen = done(GRID, 10, bowl), set[str]()
    for number in range(10, 14):
        (proposal,) = kind().ask(GRID, history, 1, Random(0))
        seen.add(proposal.arch.key)
        history = history.add(Trial(number, proposal))
    assert len(seen) == 4


def test_what_is_running_makes_its_neighbourhood_less_attractive() -> None:
    """Told nothing but which network runs, the model expects less of what is next to it."""
    history = done(GRID, 8, bowl)
    (first,) = SurrogateSearch().ask(GRID, history, 1, Random(0))
    watched = Watched()
    SurrogateSearch(watched).ask(GRID, history.add(Trial(8, first)), 1, Random(0))
    assert [len(rows) for rows, _ in watched.shown] == [8, 9], "once without it, once with it"
    assert watched.shown[1][1][-1] == pytest.approx(MIDDLE), "at the loss that was predicted"


def test_a_batch_begins_with_what_a_single_worker_gets() -> None:
    history = done(GRID, 10, bowl)
    batch = SurrogateSearch().ask(GRID, history, 3, Random(0))
    assert SurrogateSearch().ask(GRID, history, 1, Random(0)) == batch[:1]


def test_the_model_sees_normal_scores_of_the_ranks() -> None:
    watched = Watched()
    history = done(GRID, 9, lambda arch: 1e6 ** bowl(arch) if bowl(arch) < 20 else 1e9)
    SurrogateSearch(watched).ask(GRID, history, 1, Random(0))
    (_, losses), *_ = watched.shown
    assert np.abs(losses).max() < 2
    assert losses.mean() == pytest.approx(0, abs=0.1)


def test_failed_trials_and_those_of_another_fidelity_teach_nothing() -> None:
    watched, rng = Watched(), Random(0)
    history = done(GRID, 6, bowl)
    for state, fidelity in ((State.FAILED, 1.0), (State.DONE, 0.5), (State.RUNNING, 0.5)):
        losses = (-9.0,) if state is State.DONE else ()
        proposal = Proposal(sample(GRID, rng), fidelity)
        history = history.add(Trial(len(history), proposal, state, losses))
    SurrogateSearch(watched).ask(GRID, history, 1, Random(0))
    assert [len(rows) for rows, _ in watched.shown] == [6]


def test_what_has_failed_is_not_proposed_again() -> None:
    space, history = Seq((Range(0, 4), Range(0, 4))), done(Seq((Range(0, 4),) * 2), 6, bowl)
    for number in range(6, 20):
        (proposal,) = SurrogateSearch().ask(space, history, 1, Random(0))
        assert proposal.arch.key not in {trial.arch.key for trial in history.trials}
        history = history.add(Trial(number, proposal, State.FAILED, error="!"))


@every
@pytest.mark.parametrize("known", [0, 8])
def test_proposals_are_trained_as_long_as_is_wanted(
    kind: Callable[..., Strategy], known: int
) -> None:
    asked = kind(fidelity=0.3).ask(GRID, done(GRID, known, bowl, 0.3), 2, Random(0))
    assert [proposal.fidelity for proposal in asked] == [0.3, 0.3]


def test_a_known_network_may_be_proposed_at_a_higher_fidelity() -> None:
    space = Seq((Choice((0, 1)), Choice((0, 1))))
    short = done(space, 12, bowl, 0.5)
    (proposal,) = SurrogateSearch(fidelity=1.0).ask(space, short, 1, Random(0))
    assert (proposal.origin, proposal.fidelity) == ("random", 1.0)


def scored(space: Node, arch: Architecture) -> Mapping[str, float]:
    """Scores that agree with the loss, but for one that is not defined anywhere."""
    return {"good": -bowl(arch), "bad": float("nan")}


@every
def test_the_first_ones_come_from_the_best_of_the_pool(kind: Callable[..., Strategy]) -> None:
    blind = [bowl(p.arch) for p in kind().ask(GRID, History(), 5, Random(0))]
    first = kind(scores=scored).ask(GRID, History(), 5, Random(0))
    threshold = np.quantile([bowl(sample(GRID, Random(seed))) for seed in range(300)], 0.15)
    assert max(bowl(proposal.arch) for proposal in first) < threshold < max(blind)
    (later,) = kind(scores=scored).ask(GRID, done(GRID, 1, bowl), 1, Random(0))
    assert bowl(later.arch) < threshold


def test_the_pool_stays_the_same_while_the_first_are_proposed() -> None:
    asked: list[str] = []

    def noted(space: Node, arch: Architecture) -> Mapping[str, float]:
        asked.append(arch.key)
        return scored(space, arch)

    strategy = SurrogateSearch(scores=noted, pool=50)
    for count in (1, 2, 3, 4):
        strategy.ask(GRID, done(GRID, count, bowl), 1, Random(count))
    assert 40 < len(asked) == len(set(asked)), "each is scored once"


def test_candidates_are_neighbours_of_the_best_and_draws() -> None:
    history = done(GRID, 30, bowl)
    around = {arch.key for trial in history.ranked()[:3] for arch in neighbours(GRID, trial.arch)}
    asked = SurrogateSearch().ask(GRID, history, 6, Random(0))
    for proposal in asked:
        assert (proposal.origin == "model") == (proposal.arch.key in around)
    assert "model" in {proposal.origin for proposal in asked}


def test_exploration_chooses_among_draws_alone() -> None:
    history = done(GRID, 10, bowl)
    for seed in range(5):
        (proposal,) = SurrogateSearch(exploration=1.0).ask(GRID, history, 1, Random(seed))
        assert proposal.origin == "random"


def test_ten_thousand_trials_are_no_obstacle() -> None:
    """The model learns from as many as it may: the best of all, and the earliest."""
    watched, space = Watched(), macro((3, 32, 32))
    layers = [sample(space, Random(seed)) for seed in range(10)]
    losses = [float(i % 997) + i / 20_000 for i in range(10_000)]
    history = History(
        tuple(
            Trial(i, Proposal(layers[i % 10]), State.DONE, (loss,)) for i, loss in enumerate(losses)
        )
    )
    strategy = SurrogateSearch(watched)
    assert len(strategy.ask(space, history, 1, Random(0))) == 1
    assert [len(rows) for rows, _ in watched.shown] == [strategy.most]


@pytest.mark.slow  # features of hundreds of candidates
@every
def test_a_huge_space_is_never_enumerated(kind: Callable[..., Strategy]) -> None:
    space = darts((3, 32, 32))
    history = done(space, 8, toy_loss)
    (proposal,) = kind().ask(space, history, 1, Random(0))
    assert set(active(space, proposal.arch)) == set(proposal.arch.answers)


@every
def test_a_space_that_is_known_completely_is_drawn_from(kind: Callable[..., Strategy]) -> None:
    for space in (Seq((Choice((0,)),)), Seq((Choice((0, 1)), Choice((0, 1))))):
        (proposal,) = kind().ask(space, done(space, 40, bowl), 1, Random(0))
        assert proposal.origin == "random"


def test_fewer_are_proposed_where_fewer_are_left() -> None:
    space = seq(one=Range(0, 6))
    history = History(
        tuple(
            Trial(i, Proposal(Architecture.of({"one": i})), State.DONE, (float(i),))
            for i in range(5)
        )
    )
    asked = SurrogateSearch().ask(space, history, 4, Random(0))
    assert sorted(proposal.arch.answers["one"] for proposal in asked) == [5, 6]


def test_equal_losses_are_no_obstacle() -> None:
    (proposal,) = SurrogateSearch().ask(GRID, done(GRID, 9, lambda arch: 1.0), 1, Random(0))
    assert proposal.arch.answers


def test_expected_improvement_is_that_of_a_normal_distribution() -> None:
    """Against the mean over draws; its standard error is 0.002."""
    draws = np.random.default_rng(0).normal(size=200_000)
    mean, deviation = np.array([0.0, -1.0, 2.0]), np.array([1.0, 0.1, 0.5])
    found = expected_improvement(mean, deviation, -0.5)
    for i in range(3):
        expected = np.maximum(-0.5 - (mean[i] + deviation[i] * draws), 0).mean()
        assert found[i] == pytest.approx(expected, abs=0.008)


def test_the_kinds_differ_in_their_model_alone() -> None:
    history = done(GRID, 10, bowl)
    pairs = {Forest(trees=5): RandomForest(5), Bananas(members=2): Ensemble(2)}
    for kind, model in pairs.items():
        asked = SurrogateSearch(model).ask(GRID, history, 2, Random(0))
        assert kind.ask(GRID, history, 2, Random(0)) == asked


@pytest.mark.parametrize("name", KINDS)
def test_they_are_registered_and_can_have_scores_in_a_benchmark(name: str) -> None:
    assert registry.find("strategies", name)(fidelity=0.5) == KINDS[name](fidelity=0.5)
    protocols = {"oracle": Protocol({1.0: "test"}, "test")}
    best = Architecture.of({"0": 5, "1": 5, "2": 5, "3": 5})
    table = Table("bowl", GRID, lambda arch: {}, protocols, (best,), scores=scored)
    assert strategy(f"{name}+zc", table) == KINDS[name](scores=scored)


@pytest.mark.slow
@every
def test_they_keep_the_contract_at_a_lower_fidelity(kind: Callable[..., Strategy]) -> None:
    check_strategy(kind(fidelity=0.5))


def test_candidates_that_would_be_turned_down_are_passed_over() -> None:
    history = done(GRID, 10, bowl)
    (wanted,) = SurrogateSearch().ask(GRID, history, 1, Random(0))
    picky = SurrogateSearch(fits=lambda space, arch: arch.key != wanted.arch.key)
    (other,) = picky.ask(GRID, history, 1, Random(0))
    assert other.arch.key != wanted.arch.key
    none = SurrogateSearch(fits=lambda space, arch: False)
    assert none.ask(GRID, history, 1, Random(0)) == [wanted], "the loop has the last word"
    both = picky.ask(GRID, history, 2, Random(0))
    assert len({proposal.arch.key for proposal in both} - {wanted.arch.key}) == 2
