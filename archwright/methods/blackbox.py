"""The loop that all black-box strategies share. The caller's `for` body is the callback."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from random import Random

from archwright.core.architecture import Architecture
from archwright.core.graph import canonical_key
from archwright.core.space import Node
from archwright.core.trial import History, Proposal, Result, State, Trial
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

Inform = Callable[[Evaluate, History, Proposal], Evaluate]
"""Returns the evaluation of a proposal that knows what earlier trials tell of it."""

Known = set[tuple[str, float]]
"""Which networks were proposed, each with its fidelity."""

ATTEMPTS = 300
"""How often a strategy is asked again when what it proposes is known already or refused."""


def uninformed(evaluate: Evaluate, _history: History, _proposal: Proposal) -> Evaluate:
    """Evaluate as if there were no other trials."""
    return evaluate


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
        same: Names the network that an architecture makes; none is evaluated twice.
        inform: Is asked as a trial is submitted, such as for when to stop it.
    """

    strategy: Strategy
    evaluate: Evaluate
    refuse: Refuse
    workers: int
    seed: int
    go_on: Callable[[History], bool]
    same: Callable[[Node, Architecture], str] = canonical_key
    inform: Inform = uninformed

    def known(self, space: Node, history: History) -> Known:
        """Return what was proposed so far."""
        return {self.identity(space, trial.proposal) for trial in history.trials}

    def identity(self, space: Node, proposal: Proposal) -> tuple[str, float]:
        """Return what must differ between two proposals."""
        return self.same(space, proposal.arch), proposal.fidelity


def search(study: Study, plan: Search, executor: Executor, careful: Executor) -> Iterator[Finished]:
    """Fill `study`; yield each trial as it finishes, with its result unless it failed.

    Trials that a killed coordinator left running are evaluated again before anything is asked, by
    the executor `careful`: one of them may be what killed it.

    Raises:
        SpaceError: nothing that the strategy proposes can be evaluated.
    """
    history, space = study.history(), study.problem.space
    known = plan.known(space, history)
    running = {_submit(plan, careful, history, t.proposal): t.number for t in history.running}
    while True:
        while len(running) < plan.workers and plan.go_on(history):
            proposal = propose(plan, space, history, known)
            if proposal is None:
                break
            number = study.start(proposal)
            running[_submit(plan, executor, history, proposal)] = number
            history = study.history()
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            number = running.pop(future)
            outcome, seconds = _outcome(future, study.problem.aim.metric)
            study.finish(number, outcome, seconds)
            history = study.history()
            yield history.trials[number], outcome if isinstance(outcome, Result) else None


def propose(plan: Search, space: Node, history: History, known: Known) -> Proposal | None:
    """Return the first proposal that is new and not refused; None when the strategy is done.

    A strategy that leaves nothing to chance would give the same answer for ever: when it repeats
    itself, what was turned down is shown to it as a failed trial, which is not recorded.

    Args:
        known: What is in `history`; the proposal is added.
    """
    reason, shown, last = "", history.believed(), None
    for again in range(ATTEMPTS):
        rng = Random(f"{plan.seed}/{len(history)}/{again}")
        proposals = plan.strategy.ask(space, shown, 1, rng)
        if not proposals:
            return None
        proposal = proposals[0]
        identity = plan.identity(space, proposal)
        refused = "" if identity in known else plan.refuse(proposal)
        if identity not in known and not refused:
            known.add(identity)
            return proposal
        reason = refused or reason
        if proposal == last:
            why = refused or "it makes the same network as a trial before"
            shown = shown.add(Trial(len(shown), proposal, State.FAILED, error=why))
        last = proposal
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


def _submit(
    plan: Search, executor: Executor, history: History, proposal: Proposal
) -> Future[Outcome]:
    return executor.submit(attempt, plan.inform(plan.evaluate, history, proposal), proposal)


def _outcome(future: Future[Outcome], metric: str) -> Outcome:
    """Return what a worker answered; the reason, when it died or `metric` is not a number."""
    try:
        outcome, seconds = future.result()
    except TrialError as error:
        return str(error), 0.0
    value = 0.0 if isinstance(outcome, str) else outcome.metrics[metric]
    return (outcome, seconds) if math.isfinite(value) else (f"{metric} is {value}", seconds)
