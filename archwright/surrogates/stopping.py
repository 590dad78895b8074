"""When a training is not worth its time any more: its learning curve against those of its peers.

Plain numbers, no training: the coordinator makes `Peers` of the history, a worker asks them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from scipy.special import stdtr

from archwright.core.objective import Objective
from archwright.core.trial import History
from archwright.errors import TrialError

FEWEST = 8
"""Finished trials before one is judged by them."""

BEST = 3
"""A trial has hope while it may end among so many best: the finalists, not only the winner."""

QUARTERS = 4
"""A trial is looked at after each quarter of its schedule but the last. Looks at every point of
the curve stop no more and err twice as often."""

NEAR = 0.02
"""So far before its first point a curve may be read."""

Points = Sequence[Mapping[str, float]]

Line = tuple[tuple[float, ...], tuple[float, ...]]
"""Shares of the schedule, and the lowest losses until there."""


class Hopeless(TrialError):
    """Ends a training; knows the loss that it was expected to end at."""

    def __init__(self, reason: str, loss: float) -> None:
        super().__init__(reason)
        self.loss = loss


@dataclass(frozen=True)
class Outlook:
    """The chance that a trial ends below the bar, and the loss that it is expected to end at."""

    chance: float
    loss: float


@dataclass(frozen=True)
class Peers:
    """Finished trials of one fidelity, by which one that is running is judged.

    A straight line tells the final loss from the lowest loss so far, at the same share of the
    schedule. What it leaves over has a t distribution, so that few peers, or a share at which
    losses tell little, stop nothing. To stop by the chance to beat what is known is Domhan et
    al.'s (2015, IJCAI); to predict from earlier trials and not from a family of curves, Baker et
    al.'s (2017, arXiv:1705.10823). They regress on architectures and whole curves, and stop by the
    best; one number takes fewer trials, and the third best spares the finalists.

    `error` is shared out among the looks, so it bounds the chance that a trial was stopped wrongly
    as far as it is like its peers. In a search that grows better it is less so, and what was
    stopped is not among them: the rate that was measured is in docs/log.md.

    Args:
        lines, ends: Their learning curves, and the losses that they ended at.
        bar: The loss that a trial must be able to get below.
        error: The chance below which it is stopped, all looks together; 0 stops nothing.
    """

    aim: Objective
    error: float
    lines: tuple[Line, ...] = ()
    ends: tuple[float, ...] = ()
    bar: float = float("inf")

    @staticmethod
    def of(history: History, fidelity: float, aim: Objective, error: float) -> Peers:
        """Return the finished trials of that fidelity; nobody while they are too few."""
        found = [(trial, _line(trial.curve, aim)) for trial in history.ranked(fidelity)]
        known = [(trial.losses[0], line) for trial, line in found if line[0]]
        if len(known) < FEWEST:
            return Peers(aim, error)
        ends, lines = zip(*known, strict=True)
        return Peers(aim, error, lines, ends, ends[BEST - 1])

    def look(self, curve: Points) -> None:
        """Judge a trial by its curve so far, if a quarter of its schedule has just ended.

        Raises:
            Hopeless: its chance to end below the bar is too small.
        """
        shares, losses = _line(curve, self.aim)
        before, now = ([0.0, *shares])[-2:]
        if not self.lines or int(QUARTERS * before) == int(QUARTERS * now):
            return
        outlook = self.outlook(now, losses[-1])
        if outlook.chance < self.error / (QUARTERS - 1):
            reason = (
                f"stopped after {100 * now:.0f} % of its schedule:"
                f" the chance to be among the best {BEST} was below {100 * self.error:g} %"
            )
            raise Hopeless(reason, outlook.loss)

    def outlook(self, share: float, loss: float) -> Outlook:
        """Return how a trial will end whose lowest loss is `loss` after a share of its schedule."""
        known = [i for i, (shares, _) in enumerate(self.lines) if shares[0] <= share + NEAR]
        if len(known) < FEWEST:
            return Outlook(1.0, loss)
        x = np.array([np.interp(share, *self.lines[i]) for i in known])
        y = np.array([self.ends[i] for i in known])
        across, off = float(((x - x.mean()) ** 2).sum()), loss - float(x.mean())
        if across == 0:
            return Outlook(1.0, float(y.mean()))
        slope = max(0.0, float((x - x.mean()) @ (y - y.mean())) / across)
        expected = float(y.mean()) + slope * off
        rest, degrees = y - y.mean() - slope * (x - x.mean()), len(x) - 2
        variance = float(rest @ rest) / degrees * (1 + 1 / len(x) + off**2 / across)
        if variance == 0:
            return Outlook(float(expected < self.bar), expected)
        return Outlook(float(stdtr(degrees, (self.bar - expected) / variance**0.5)), expected)


def _line(curve: Points, aim: Objective) -> Line:
    """Return the curve without its end, which all of the validation rows tell, not some of them."""
    known = [p for p in curve if aim.metric in p and p.get("share", 1.0) < 1.0]
    losses = accumulate((aim.loss(point) for point in known), min)
    return tuple(point["share"] for point in known), tuple(losses)
