"""The loop: what is recorded when, what is skipped, and that killing it changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from archwright.core.architecture import sample
from archwright.core.objective import Objective
from archwright.core.problem import Problem
from archwright.core.space import Choice, Node, Range, Repeat, op, seq
from archwright.core.trial import History, Proposal, Result, State
from archwright.errors import SpaceError, TrialError
from archwright.executors.inline import Inline
from archwright.methods.blackbox import Search, search
from archwright.strategies.base import Strategy
from archwright.strategies.evolution import RegularizedEvolution
from archwright.strategies.portfolio import Portfolio
from archwright.strategies.random import RandomSearch
from archwright.study import Study, open_storage
from archwright.testing import TOY, toy_loss

Evaluate = Callable[[Proposal], Result]


def evaluate(proposal: Proposal) -> Result:
    loss = toy_loss(proposal.arch)
    return Result({"log_loss": loss, "params": 1.0}, ({"epoch": 1.0, "log_loss": loss},))


@dataclass(frozen=True)
class Nothing:
    """Has nothing to propose."""

    def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
        return []


SMALL = seq(
    body=Repeat(op("linear", units=Range(2, 99, log=True)), Range(1, 3)),
    head=op("output"),
)
"""Few holes: SQLite takes a while for each."""


def study(where: Path | None = None, space: Node = TOY) -> Study:
    problem = Problem("toy", space, Objective("log_loss"))
    return Study(problem, open_storage(where), "archwright")


def plan(trials: int, strategy: Strategy | None = None, **other: Any) -> Search:
    given: dict[str, Any] = {
        "strategy": strategy or RandomSearch(),
        "evaluate": evaluate,
        "refuse": lambda proposal: "",
        "workers": 1,
        "seed": 0,
        "go_on": lambda history: len(history) < trials,
    }
    return Search(**{**given, **other})


def fill(into: Study, how: Search) -> History:
    with Inline() as executor:
        for _ in search(into, how, executor, executor):
            pass
    return into.history()


def test_every_trial_is_done_and_yielded_once_with_its_result() -> None:
    into = study()
    with Inline() as executor:
        found = list(search(into, plan(5), executor, executor))
    assert [trial.number for trial, _ in found] == list(range(5))
    for trial, result in found:
        assert result is not None
        assert trial.metrics == result.metrics
        assert trial.losses == (toy_loss(trial.arch),)
        assert trial.curve == result.curve
    assert [trial for trial, _ in found] == list(into.history().trials)


def test_a_trial_is_recorded_before_it_is_evaluated() -> None:
    into = study()

    def look(proposal: Proposal) -> Result:
        (running,) = into.history().running
        assert running.proposal == proposal
        return evaluate(proposal)

    assert len(fill(into, plan(3, evaluate=look)).done) == 3


def hopeless(proposal: Proposal) -> Result:
    found = evaluate(proposal)
    return replace(found, stopped="no hope") if toy_loss(proposal.arch) > 0.5 else found


def test_what_was_stopped_is_no_result_and_is_not_proposed_again() -> None:
    history = fill(study(space=SMALL), plan(30, RegularizedEvolution(4, 2), evaluate=hopeless))
    assert len(history.stopped) > 0
    assert all(trial.losses[0] <= 0.5 for trial in history.done)
    assert all(trial.expected[0] > 0.5 and trial.error == "no hope" for trial in history.stopped)
    assert len({trial.arch.key for trial in history.trials}) == 30


def test_an_evaluation_can_know_the_trials_before_it() -> None:
    def inform(known: Evaluate, history: History, proposal: Proposal) -> Evaluate:
        return lambda given: replace(known(given), curve=({"epoch": float(len(history.done))},))

    history = fill(study(), plan(4, inform=inform))
    assert [trial.curve[0]["epoch"] for trial in history.done] == [0, 1, 2, 3]


def test_nothing_is_evaluated_twice() -> None:
    few = seq(one=op("linear", units=Choice((1, 2, 3))), two=op("linear", units=Choice((4, 5))))
    history = fill(study(space=few), plan(50))
    assert len({trial.arch.key for trial in history.trials}) == len(history) == 6


def test_equal_networks_are_evaluated_once_however_they_are_written() -> None:
    step = Choice((op("identity"), op("linear", units=4)))
    history = fill(study(space=seq(one=step, two=step, head=op("output"))), plan(50))
    assert len(history) == 3, "none, one or two layers"


def test_what_counts_as_equal_can_be_said() -> None:
    step = Choice((op("identity"), op("linear", units=4)))
    space = seq(one=step, two=step, head=op("output"))
    history = fill(study(space=space), plan(50, same=lambda space, arch: arch.key))
    assert len(history) == 4


def test_equal_networks_are_told_apart_after_a_resumption_too() -> None:
    step = Choice((op("identity"), op("linear", units=4)))
    into = study(space=seq(one=step, two=step, head=op("output")))
    assert len(fill(into, plan(2))) == 2
    assert len(fill(into, plan(50))) == 3


def test_a_strategy_that_leaves_nothing_to_chance_gets_past_what_is_turned_down() -> None:
    step = Choice((op("identity"), op("linear", units=4), op("linear_norm", units=4)))
    space = seq(one=step, two=step, head=op("output"))
    every = tuple(sample(space, Random(seed)) for seed in range(60))

    def refuse(proposal: Proposal) -> str:
        return "dear" if "linear_norm" in proposal.arch.answers.values() else ""

    history = fill(study(space=space), plan(50, Portfolio(every, Nothing()), refuse=refuse))
    assert len(history) == 3
    assert history.failed == [], "what is turned down is not recorded"


def test_the_search_ends_when_the_strategy_has_nothing_left() -> None:
    @dataclass(frozen=True)
    class Once:
        def ask(self, space: Node, history: History, n: int, rng: Random) -> list[Proposal]:
            return [] if len(history) else [Proposal(sample(space, rng))]

    assert len(fill(study(), plan(5, Once()))) == 1


def test_what_is_refused_is_never_recorded() -> None:
    def refuse(proposal: Proposal) -> str:
        return "too wide" if proposal.arch.answers["hidden/units"] > 16 else ""  # type: ignore[operator]

    history = fill(study(), plan(8, refuse=refuse))
    assert len(history) == 8
    assert all(trial.arch.answers["hidden/units"] <= 16 for trial in history.trials)  # type: ignore[operator]


def test_a_space_in_which_everything_is_refused_is_an_error_with_the_reason() -> None:
    into = study()
    with pytest.raises(SpaceError, match="nothing in the space can be evaluated: too heavy"):
        fill(into, plan(8, refuse=lambda proposal: "too heavy"))
    assert len(into.history()) == 0


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TrialError("the training loss became nan after 3 steps"), "became nan"),
        (MemoryError("9 GB"), "ran out of memory: 9 GB"),
        (RuntimeError("can't allocate memory: you tried 10 bytes"), "ran out of memory"),
        (ZeroDivisionError("by chance"), "Traceback"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_goes_wrong_costs_one_trial_and_keeps_its_reason(
    error: Exception, reason: str
) -> None:
    calls = []

    def sometimes(proposal: Proposal) -> Result:
        calls.append(proposal)
        if len(calls) == 2:
            raise error
        return evaluate(proposal)

    history = fill(study(), plan(4, evaluate=sometimes))
    assert [trial.state for trial in history.trials].count(State.DONE) == 3
    (failed,) = history.failed
    assert failed.number == 1
    assert reason in failed.error
    assert failed.losses == ()


def test_a_worker_that_dies_costs_one_trial() -> None:
    class Dies(Inline):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_exception(TrialError("its process died with exit code 3"))
            return future

    into = study()
    with Dies() as executor:
        found = list(search(into, plan(2), executor, executor))
    assert [result for _, result in found] == [None, None]
    assert {trial.error for trial in into.history().failed} == {"its process died with exit code 3"}


def test_a_metric_that_is_no_number_fails_the_trial() -> None:
    def nan(proposal: Proposal) -> Result:
        return Result({"log_loss": float("nan")})

    into = study()
    with Inline() as executor:
        assert [
            result for _, result in search(into, plan(2, evaluate=nan), executor, executor)
        ] == [
            None,
            None,
        ]
    history = into.history()
    assert len(history.failed) == 2
    assert history.failed[0].error == "log_loss is nan"


class Killed(BaseException):
    """Stands for kill -9: nothing may catch it, and nothing is tidied up."""


@dataclass
class Mortal:
    """An evaluator whose process dies at the given calls, counted over all its lives."""

    deaths: set[int]
    calls: int = 0
    archs: list[str] = field(default_factory=list)

    def __call__(self, proposal: Proposal) -> Result:
        self.calls += 1
        if self.calls in self.deaths:
            raise Killed
        self.archs.append(proposal.arch.key)
        return evaluate(proposal)


def facts(history: History) -> list[Any]:
    return [replace(trial, seconds=0.0) for trial in history.trials]


@pytest.mark.slow
def test_killed_and_resumed_equals_never_killed(tmp_path: Path) -> None:
    starts = tuple(sample(SMALL, Random(seed)) for seed in range(3))
    how = plan(40, Portfolio(starts, RegularizedEvolution(population=8, tournament=4)))
    expected = fill(study(space=SMALL), how)
    assert {trial.proposal.origin for trial in expected.trials} == {
        "portfolio",
        "random",
        "mutation",
    }
    mortal = Mortal(set(Random(7).sample(range(1, 45), 5)))
    lives = 0
    while True:
        lives += 1
        try:
            history = fill(study(tmp_path / "study.db", SMALL), replace(how, evaluate=mortal))
            break
        except Killed:
            continue
    assert lives == 6
    assert facts(history) == facts(expected)
    assert mortal.archs == [trial.arch.key for trial in expected.trials], "each evaluated once"


def test_trials_left_running_go_to_the_careful_executor_first() -> None:
    into = study()
    with pytest.raises(Killed):
        fill(into, plan(3, evaluate=Mortal({2})))
    used: list[str] = []

    class Named(Inline):
        def __init__(self, name: str) -> None:
            self.name = name

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            used.append(self.name)
            return super().submit(fn, *args, **kwargs)

    usual, careful = Named("usual"), Named("careful")
    for _ in search(into, plan(3), usual, careful):
        pass
    assert used == ["careful", "usual"]
    assert len(into.history().done) == 3


def test_several_workers_run_at_once_and_every_trial_comes_back() -> None:
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    together = Barrier(3, timeout=30)

    def meet(proposal: Proposal) -> Result:
        together.wait()  # passes only when three are here at once
        return evaluate(proposal)

    into = study()
    executor: Executor
    with ThreadPoolExecutor(3) as executor:
        found = list(search(into, plan(6, workers=3, evaluate=meet), executor, executor))
    assert sorted(trial.number for trial, _ in found) == list(range(6))
    assert len(into.history().done) == 6
