"""What the tests of multi-fidelity strategies share: histories, and a loss that fidelity blurs."""

from __future__ import annotations

from random import Random

from archwright.core.architecture import Architecture
from archwright.core.trial import History, Proposal, State, Trial
from archwright.strategies.base import Strategy
from archwright.testing import TOY, toy_loss

Row = tuple[Architecture, float, float | State]
"""An architecture, its fidelity, and its loss or the state of a trial without one."""


def past(*rows: Row) -> History:
    """Return a history in which promotions are what has been on a lower fidelity before."""
    trials: list[Trial] = []
    for number, (arch, fidelity, found) in enumerate(rows):
        lower = [t for t in trials if t.arch == arch and t.proposal.fidelity < fidelity]
        origin = "promotion" if lower else "random"
        proposal = Proposal(arch, fidelity, lower[-1].number if lower else None, origin)
        if isinstance(found, State):
            trials.append(Trial(number, proposal, found))
        else:
            trials.append(Trial(number, proposal, State.DONE, (found,)))
    return History(tuple(trials))


def blurred(arch: Architecture, fidelity: float) -> float:
    """Return a loss that is true at full fidelity and noisy below; never the same twice."""
    noise = Random(f"{arch.key}/{fidelity}").gauss(0, 0.05)
    return toy_loss(arch) + (1 - fidelity) * noise


def climb(strategy: Strategy, *, work: float, seed: int = 0, workers: int = 1) -> History:
    """Search until trials have cost `work` full trainings, with as many at once as workers.

    The oldest running trial finishes first.
    """
    trials: list[Trial] = []
    spent = 0.0
    while spent < work:
        running = [t for t in trials if t.state is State.RUNNING]
        if len(running) < workers:
            rng = Random(f"{seed}/{len(trials)}")
            asked = strategy.ask(TOY, History(tuple(trials)), 1, rng)
            if asked:
                trials.append(Trial(len(trials), asked[0]))
                spent += asked[0].fidelity
                continue
        if not running:
            break
        first = running[0]
        loss = blurred(first.arch, first.proposal.fidelity)
        trials[first.number] = Trial(first.number, first.proposal, State.DONE, (loss,))
    return History(tuple(trials))
