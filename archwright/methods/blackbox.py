"""The loop that all black-box strategies share. The caller's `for` body is the callback."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from random import Random

from archwright.core.space import Node
from archwright.core.trial import History, Proposal, Result, Trial
from archwright.errors import SpaceError, TrialError
from archwright.strategies.base import Strategy
from archwright.study import Study

Evaluate = Callable[[Proposal], Result]
Refuse = Callable[[Proposal], str]
"""Says why a proposal cannot be evaluated at all; an empty string lets it pass."""

Outcome = tuple[Result | str, float]
"""A result, or the reason of a failure, and the seconds that it took."""

Finished = tuple[Trial, Result | None]
"""A trial as it is stored now, and its result with the artefacts, which are not stored."""

ATTEMPTS = 300
"""How often a strategy is asked again when what it proposes is known already or refused."""


@dataclass(frozen=True)
class Search:
    """What is asked, what evaluates, and when enough is enough.

    Args:
        strategy: Proposes.
        evaluate: Turns a proposal into a result; runs in the executor, so it must be picklable.
        refuse: Sorts out proposals before anything is recorded or built.
        workers: How many trials run at once.
        seed: Of the strategy's random numbers.
        go_on: Is asked before each new trial.
    """

    strategy: Strategy
    evaluate: Evaluate
    refuse: Refuse
    workers: int
    seed: int
    go_on: Callable[[History], bool]


def search(study: Study, plan: Search, executor: Executor, careful: Executor) -> Iterator[Finished]:
    """Fill `study`; yield each trial as it finishes, with its result unless it failed.

    Trials that a killed coordinator left running are evaluated again before anything is asked, by
    the executor `careful`: one of them may be what killed it.

    Raises:
        SpaceError: nothing that the strategy proposes can be evaluated.
    """
    history = study.history()
    running = {_submit(plan, careful, trial.proposal): trial.number for trial in history.running}
    while True:
        while len(running) < plan.workers and plan.go_on(history):
            proposal = propose(plan, study.problem.space, history)
            if proposal is None:
                break
            number = study.start(proposal)
            running[_submit(plan, executor, proposal)] = number
            history = study.history()
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            number = running.pop(future)
            outcome, seconds = _outcome(future, study.problem.aim.metric)
            study.finish(number, outcome, seconds)
            history = study.history()
            yield history.trials[number], outcome if isinstance(outcome, Result) else None


def propose(plan: Search, space: Node, history: History) -> Proposal | None:
    """Return the first new proposal that is not refused; None when the strategy is done."""
    reason = ""
    for again in range(ATTEMPTS):
        rng = Random(f"{plan.seed}/{len(history)}/{again}")
        proposals = plan.strategy.ask(space, history, 1, rng)
        if not proposals:
            return None
        proposal = proposals[0]
        if (proposal.arch.key, proposal.fidelity) in history.seen:
            continue
        reason = plan.refuse(proposal)
        if not reason:
            return proposal
    if reason and not history.trials:
        raise SpaceError(f"nothing in the space can be evaluated: {reason}")
    return None


def attempt(evaluate: Evaluate, proposal: Proposal) -> Outcome:
    """Evaluate at the worker's edge: what goes wrong becomes the reason of a failed trial."""
    started = time.perf_counter()
    try:
        outcome: Result | str = evaluate(proposal)
    except TrialError as error:
        outcome = str(error)
    except MemoryError as error:
        outcome = f"ran out of memory: {error}"
    except Exception as error:
        lack = "alloc" in str(error).lower() and "memory" in str(error).lower()
        outcome = f"ran out of memory: {error}" if lack else traceback.format_exc()
    return outcome, time.perf_counter() - started


def _submit(plan: Search, executor: Executor, proposal: Proposal) -> Future[Outcome]:
    return executor.submit(attempt, plan.evaluate, proposal)


def _outcome(future: Future[Outcome], metric: str) -> Outcome:
    """Return what a worker answered; the reason, when it died or `metric` is not a number."""
    try:
        outcome, seconds = future.result()
    except TrialError as error:
        return str(error), 0.0
    value = 0.0 if isinstance(outcome, str) else outcome.metrics[metric]
    return (outcome, seconds) if math.isfinite(value) else (f"{metric} is {value}", seconds)
