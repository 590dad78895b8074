"""Which trials answer best together: greedy forward selection on validation rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.auto.finalists import Finalist
from archwright.auto.job import Job
from archwright.auto.noise import SHARES, surely_better
from archwright.core.objective import Objective
from archwright.core.trial import History
from archwright.core.truth import Truth
from archwright.measure.scores import scores
from archwright.report.insights import standard_error

Outputs = Mapping[int, NDArray[Any]]
"""What each trial says of the validation rows, see `Truth`."""

Fits = Callable[[Collection[int]], bool]
"""Whether these trials together keep the bounds."""

ROUNDS = 12
"""So often a network is added, at most."""

LEAST_TRAINING = 0.5
"""Each member is to be trained for this share of what the winner alone would be, or there are fewer
members."""

FIRST = 2
"""So often the first counts, so that a network that is not quite as good may have a smaller say."""


def select(
    outputs: Outputs, first: int, truth: Truth, aim: Objective, most: int, fits: Fits
) -> dict[int, int]:
    """Return how often each trial counts in the mean of the answers.

    Caruana et al., 2004 (ICML, "Ensemble selection from libraries of models"): what helps most is
    added, with replacement, again and again. Where we differ, so that it does not fit the noise of
    the validation rows: it starts from one trial, `first`, and ends when nothing is better by more
    than noise.

    Args:
        most: Different trials, at most.
    """
    counts, total = {first: FIRST}, FIRST * outputs[first].astype(np.float64)
    for size in range(FIRST, ROUNDS):
        now = total / size
        means = {
            number: (total + output) / (size + 1)
            for number, output in outputs.items()
            if number in counts or (len(counts) < most and fits({*counts, number}))
        }
        number = _best(means, truth, aim, now)
        if number is None or not surely_better(now, means[number], truth, aim):
            break
        counts[number] = counts.get(number, 0) + 1
        total += outputs[number]
    return counts


def _best(means: Outputs, truth: Truth, aim: Objective, now: NDArray[Any]) -> int | None:
    """Return the best that is no worse than `now`; among shares that are alike, by log loss."""
    most = aim.loss(scores(truth, now, aim.metric))
    losses = {n: aim.loss(scores(truth, mean, aim.metric)) for n, mean in means.items()}
    losses = {number: loss for number, loss in losses.items() if loss <= most}
    if not losses:
        return None
    best = min(losses, key=losses.__getitem__)
    if aim.metric not in SHARES:
        return best
    error = standard_error(truth, means[best], aim)
    alike = [number for number, loss in losses.items() if loss <= losses[best] + error]
    return min(alike, key=lambda number: scores(truth, means[number], "log_loss")["log_loss"])


def bounds_kept(job: Job, history: History) -> Fits:
    """Return whether the sums of what trials cost keep the bounds of the run."""

    def fits(numbers: Collection[int]) -> bool:
        trials = [history.trials[number].metrics for number in numbers]
        return not any(
            bound.violated({bound.metric: sum(each[bound.metric] for each in trials)})
            for bound in job.problem.bounds
        )

    return fits


def chosen(job: Job, history: History, outputs: Outputs, first: int, most: int) -> dict[int, int]:
    """Return what `select` finds on the validation rows of the run."""
    split = job.splits[0]
    truth, fits = split.truth(split.valid), bounds_kept(job, history)
    return select(outputs, first, truth, job.problem.aim, most, fits)


def members(
    job: Job, history: History, finalists: list[Finalist], outputs: Outputs
) -> list[Finalist]:
    """Return who is to be trained to the end for an ensemble, the winner first.

    As many as there is time for: each is trained for at least `LEAST_TRAINING` of the steps that
    the winner would be trained for alone. Only the winner where nobody makes it better.
    """
    winner, enough = finalists[0], LEAST_TRAINING * _share(job, finalists, [])
    other = partner(job, finalists)
    if other is not None and _share(job, finalists, [other]) >= enough:
        return [winner, other]
    if winner.trial is None or winner.trial not in outputs:
        return [winner]
    for most in range(job.options.networks, 1, -1):
        numbers = list(chosen(job, history, outputs, winner.trial, most))
        others = [_finalist(history, finalists, number) for number in numbers[1:]]
        if _share(job, finalists, others) >= enough:
            return [winner, *others]
    return [winner]


def partner(job: Job, finalists: Sequence[Finalist]) -> Finalist | None:
    """Return whose forecasts are averaged with the winner's: the default network's, or the next's.

    None where they are no forecasts, or the user has said how many networks there are to be. The
    mean of two forecasts is nearly always better than the one that seemed the better one (Bates &
    Granger, 1969, "The combination of forecasts"; Clemen, 1989): what suits one stretch of time
    best is little more than that, and two networks err in different ways. So validation, another
    such stretch, is not asked whether, but only by how much each of them counts.
    """
    if job.options.ensemble is not None or job.task.modality != "forecast":
        return None
    known = [one for one in finalists if one.output is not None and one.trial is not None]
    if not known or known[0] is not finalists[0]:
        return None
    return min(known[1:], key=lambda one: one.role != "default", default=None)


def inverse_errors(outputs: Outputs, truth: Truth) -> dict[int, float]:
    """Return by how much each counts: inversely to its squared error (Bates & Granger, 1969)."""
    squares = {number: np.mean(truth.misses(output) ** 2) for number, output in outputs.items()}
    inverse = {number: 1 / max(float(square), 1e-12) for number, square in squares.items()}
    total = sum(inverse.values())
    return {number: each / total for number, each in inverse.items()}


def _finalist(history: History, finalists: list[Finalist], number: int) -> Finalist:
    known = [each for each in finalists if each.trial == number]
    trial = history.trials[number]
    seconds = trial.metrics["step_ms"] / 1000
    return (known or [Finalist("finalist", trial.arch, number, trial.metrics, seconds)])[0]


def _share(job: Job, finalists: list[Finalist], others: list[Finalist]) -> float:
    """Return the share of its full training that each would get."""
    steps = job.setup.recipe.steps(len(job.splits[0].train) + len(job.splits[0].valid))
    queue = together(finalists, others, short=job.setup.short)
    return min(1.0, job.clock.left() / (steps * sum(spans(queue, job.setup.workers))))


def together(finalists: list[Finalist], others: list[Finalist], *, short: bool) -> list[Finalist]:
    """Return who must be trained: the winner, other members, the default where time allows."""
    asked = [one for one in finalists if one.role == "default" and not short]
    return [finalists[0], *others, *(one for one in asked if one not in others)]


def spans(queue: Sequence[Finalist], width: int) -> list[float]:
    """Return the seconds for a step of the slowest in each wave of so many at once."""
    waves = [queue[i : i + width] for i in range(0, len(queue), width)]
    return [max(one.step_seconds for one in wave) for wave in waves]
