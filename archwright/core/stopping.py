"""When a training is not worth its time any more: its learning curve against those of its peers.

Plain numbers, no training: the coordinator makes `Peers` of the history, a worker asks them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from archwright.core.objective import Objective
from archwright.core.trial import Curve, History
from archwright.errors import TrialError

FEWEST = 8
"""Finished trials with a whole curve before one is judged by them."""

BEST = 3
"""A trial has hope while it may end among so many best: the finalists, not only the winner."""

FIRST, NEAR = 3, 0.02
"""Points that a curve has at the least, and how far before its first point it may be read."""

Line = tuple[tuple[float, ...], tuple[float, ...]]
"""Shares of the schedule, and the losses there; the last ones are at the end."""


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
    """Finished trials of one fidelity, by which one that is running is judged; none judge nothing.

    The final loss is a line in the loss at the same share of the schedule, as far as the peers
    show it; what it leaves over has a t distribution, so that few peers or a share at which losses
    tell little stop nothing. That a trial is stopped by its chance to beat what is known is Domhan
    et al.'s (2015, IJCAI), that earlier trials predict it instead of a family of curves Baker et
    al.'s (2017, arXiv:1705.10823). Theirs regress on architectures and whole curves and stop by
    the best; ours has one number for that takes few trials, and stops by the third best.

    The error rate holds for each look, and as far as a trial is like its peers: they come from
    one search that grows better, and those that were stopped are not among them.
    `benchmarks/speed.py` measures what it is on real curves.

    Args:
        lines: Their learning curves.
        bar: The loss that a trial must be able to get below.
        error: A trial is stopped when the chance of that is below this.
    """

    lines: tuple[Line, ...] = ()
    bar: float = float("inf")
    error: float = 0.0

    @staticmethod
    def of(history: History, fidelity: float, aim: Objective, error: float) -> Peers:
        """Return the finished trials of that fidelity; nobody while they are too few."""
        ranked = history.ranked(fidelity)
        lines = tuple(
            line for trial in ranked if len((line := _line(trial.curve, aim))[0]) >= FIRST
        )
        if len(lines) < FEWEST:
            return Peers()
        return Peers(lines, ranked[BEST - 1].losses[0], error)

    def look(self, share: float, loss: float) -> None:
        """Judge a trial that has this loss after this share of its schedule.

        Raises:
            Hopeless: its chance to end below the bar is too small.
        """
        outlook = self.outlook(share, loss)
        if outlook.chance < self.error:
            percent = f"stopped after {100 * share:.0f} % of its schedule: the chance to be among"
            reason = f"{percent} the best {BEST} was below {100 * self.error:g} %"
            raise Hopeless(reason, outlook.loss)

    def outlook(self, share: float, loss: float) -> Outlook:
        """Return how a trial will end that has this loss after this share of its schedule."""
        lines = [line for line in self.lines if line[0][0] <= share + NEAR]
        if len(lines) < FEWEST:
            return Outlook(1.0, loss)
        x = np.array([np.interp(share, *line) for line in lines])
        y = np.array([losses[-1] for _, losses in lines])
        spread = float(((x - x.mean()) ** 2).sum())
        if spread == 0:
            return Outlook(1.0, float(y.mean()))
        slope = max(0.0, float(((x - x.mean()) * (y - y.mean())).sum()) / spread)
        rest = y - y.mean() - slope * (x - x.mean())
        degrees, off = len(x) - 2, loss - float(x.mean())
        deviation = ((rest**2).sum() / degrees * (1 + 1 / len(x) + off**2 / spread)) ** 0.5
        expected = float(y.mean()) + slope * off
        if deviation == 0:
            return Outlook(float(expected < self.bar), expected)
        return Outlook(float(stdtr(degrees, (self.bar - expected) / deviation)), expected)


def _line(curve: Curve, aim: Objective) -> Line:
    known = [point for point in curve if "share" in point and aim.metric in point]
    return tuple(point["share"] for point in known), tuple(aim.loss(point) for point in known)


NOBODY = Peers()
"""Judges nothing."""
