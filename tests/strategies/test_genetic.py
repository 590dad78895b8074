"""The genetic algorithm: generations of children of two parents."""

from __future__ import annotations

from random import Random

from archwright.core.trial import History
from archwright.strategies.genetic import Genetic
from archwright.strategies.random import RandomSearch
from archwright.testing import TOY, check_strategy, run


def test_the_genetic_algorithm_beats_random_search_at_equal_trials() -> None:
    seeds = range(5)
    mine = [run(Genetic(), trials=60, seed=seed).best().losses for seed in seeds]
    theirs = [run(RandomSearch(), trials=60, seed=seed).best().losses for seed in seeds]
    # If neither were better, five wins of five would happen once in 32 times.
    assert all(one < other for one, other in zip(mine, theirs, strict=True))


def test_the_first_generation_is_random_and_the_others_are_born() -> None:
    origins = [t.proposal.origin for t in run(Genetic(population=8), trials=24).trials]
    assert origins[:8] == ["random"] * 8
    assert set(origins[8:]) <= {"crossover", "mutation"}
    assert "crossover" in origins


def test_parents_are_the_last_complete_generation_and_the_elite() -> None:
    past = run(RandomSearch(), trials=25)
    strategy = Genetic(population=10, tournament=1, elite=2)
    children = [strategy.ask(TOY, past, 1, Random(seed))[0] for seed in range(300)]
    elite = {trial.number for trial in past.ranked()[:2]}
    assert {child.parent for child in children} == {*range(10, 20), *elite}


def test_a_child_of_equals_is_mutated() -> None:
    trials = run(RandomSearch(), trials=1).trials
    strategy = Genetic(population=1, mutation=0.0)
    (child,) = strategy.ask(TOY, History(trials), 1, Random(0))
    assert child.origin == "mutation"
    assert child.arch != trials[0].arch


def test_without_mutation_all_answers_come_from_the_parents() -> None:
    past = run(RandomSearch(), trials=10)
    offered = {pair for trial in past.trials for pair in trial.arch.decisions}
    for seed in range(20):
        (child,) = Genetic(population=10, mutation=0.0).ask(TOY, past, 1, Random(seed))
        if child.origin == "crossover":
            assert set(child.arch.decisions) <= offered


def test_the_genetic_algorithm_keeps_the_contract() -> None:
    check_strategy(Genetic())
