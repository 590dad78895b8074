"""The loop of a benchmark: in memory, without a study, for evaluations that take microseconds.

What is asked, with which random numbers, and what counts as known is the black-box loop's; only
storage, executors and clocks are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from archwright.core.objective import Objective
from archwright.core.space import Node
from archwright.core.trial import History, State, Trial
from archwright.methods.blackbox import Search, propose

AIM = Objective("accuracy")


def fill(space: Node, plan: Search, *, repeat: bool = False) -> Iterator[History]:
    """Yield the history after each trial, until the plan or its strategy ends the search.

    A result's metric `seconds`, if there is one, is what the trial cost.

    Args:
        repeat: Train again what has been trained, if the strategy proposes it.
    """
    history, known = History(), plan.known(space, History())
    while plan.go_on(history):
        proposal = propose(plan, space, history, set() if repeat else known)
        if proposal is None:
            return
        metrics = plan.evaluate(proposal).metrics
        seconds = metrics.get("seconds", 0.0)
        losses = (AIM.loss(metrics),)
        trial = Trial(len(history), proposal, State.DONE, losses, metrics, seconds=seconds)
        history = history.add(trial)
        yield history
