"""Who is trained to the end: the best of the search, confirmed with a second seed."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archwright.auto.job import Job
from archwright.auto.noise import SHARES, surely_better
from archwright.auto.origins import alike, earlier
from archwright.core.architecture import Architecture
from archwright.core.objective import Objective
from archwright.core.trial import History, Result, Trial
from archwright.core.truth import joined
from archwright.errors import TrialError
from archwright.evaluators.train import INHERITED, Split
from archwright.report.record import Role

CONFIRM, CONFIRM_LONGER, CONFIRM_SHORT = 0.3, 0.4, 0.25
"""Of the time left, at most, for second trainings: as short as the first, longer, and longer where
time is short."""

LONGER = 1.5
"""A second training that is so much longer than the first counts alone."""

LATE = 1.4
"""With a budget, a second training may take so many times what it should; then it is cut short."""

SPARE = 1.15
"""So much more is kept than the final trainings should take."""

FINALISTS, FINALISTS_SHORT = 3, 2
"""How many of the best architectures are trained again with other seeds."""


Ways = tuple[tuple[Split, ...], ...]
"""What second trainings train and validate on: the folds, or, of forecasts, one origin each."""


@dataclass(frozen=True)
class Finalist:
    """An architecture that is trained to the end.

    Args:
        trial: The number of its trial; None for a default network that the bounds rule out.
        validation: Means over the seeds it was trained with.
        step_seconds: What a training step of it takes.
        epochs: How often the training rows were seen before it was validated; 0 if nobody knows.
        output: What its second training says of the validation rows, if there was one.
    """

    role: Role
    arch: Architecture
    trial: int | None
    validation: Mapping[str, float]
    step_seconds: float
    epochs: float = 0.0
    output: NDArray[Any] | None = field(default=None, compare=False)


def confirm(job: Job, history: History, pool: Executor) -> list[Finalist]:
    """Train the best few again with another seed; return them by the mean of both, best first.

    None if the user asked to finish now.

    The best of many noisy scores is too good by luck (the winner's curse); a second seed, that
    had no say in who is a finalist, takes most of it away. The default network is among them where
    it was tried, so that it is known by how much it is beaten. Trials are shorter than the final
    training, and favour small networks, which learn soon; so the second training is longer, as far
    as its share of the time goes, and counts alone. Forecasts are trained from two origins, see
    `origins`, and these count.
    """
    if job.clock.finish_now:
        return []
    best = with_default(job, history, FINALISTS_SHORT if job.setup.short else FINALISTS)
    ways = _ways(job)
    longer = _longer(job, best, len(ways))
    alone = longer > 1 or len(ways) > 1
    runs = _second(job, ways, best, longer, pool, alone=alone)
    metrics = {t.number: mean(t, runs[t.number], alone=alone) for t in best}
    best = [trial for trial in best if metrics[trial.number]] or best
    rows = sum(len(split.valid) for split in ways[0])
    finalists = [_finalist(t, metrics[t.number] or t.metrics, runs[t.number]) for t in best]
    order = _trusted(job, ways, ranked(job.problem.aim, rows, finalists), runs)
    return _with_roles(job, _as_searched(best, order) if len(ways) > 1 else order)


def with_default(job: Job, history: History, most: int) -> list[Trial]:
    """Return the best trials, and that of the default network where it was tried."""
    best = history.ranked()[:most]
    return best + [t for t in history.ranked() if t.arch == job.default and t not in best][:1]


def _as_searched(best: list[Trial], order: list[Finalist]) -> list[Finalist]:
    """Return finalists with what their trials found: rivals are compared on the same windows."""
    trials = {trial.number: trial for trial in best}
    each = [(one, trials[one.trial]) for one in order if one.trial is not None]
    return [replace(one, validation=t.metrics, epochs=_epochs(t.curve)) for one, t in each]


def _answers(runs: list[Future[Result]], ways: int) -> NDArray[Any] | None:
    """Return what a finalist says of the rows held out, of the first fold, the mean over seeds.

    Of several ways one below the other; None where one of them failed.
    """
    said: list[Any] = [result.artefacts["output"] for result in _done(runs)]
    if ways > 1:
        return np.concatenate(said) if len(said) == ways else None
    return np.mean(said, 0) if said else None


def _trusted(
    job: Job, ways: Ways, order: list[Finalist], runs: Mapping[int, list[Future[Result]]]
) -> list[Finalist]:
    """Return the finalists with the default network first, unless the best is surely better.

    The best of a search is chosen on the rows that it is compared on, and the default is not: what
    is better by no more than noise is more often worse on new rows.
    """
    default = next((one for one in order if one.arch == job.default), None)
    if default is None or default is order[0]:
        return order
    pair = [runs[one.trial] for one in (default, order[0]) if one.trial is not None]
    before, after = (_answers(each, len(ways)) for each in pair)
    if before is None or after is None:
        return order
    splits = [way[0] for way in ways]
    truth = joined([split.truth(split.valid) for split in splits])
    groups = alike(splits, job.task.read) if splits[0].modality == "forecast" else None
    if surely_better(before, after, truth, job.problem.aim, groups):
        return order
    return [default, *(one for one in order if one is not default)]


def _ways(job: Job) -> Ways:
    """Return what second trainings train on, each by itself: forecasts from two origins."""
    first = job.splits[0]
    found = None
    if first.modality == "forecast":
        found = earlier(first, job.task.read, job.options.seed)
    return (job.splits,) if found is None else (job.splits, (found,))


def _longer(job: Job, best: list[Trial], ways: int) -> float:
    """Return by how much the second training is longer than the first, which is 1 without a budget.

    It is no longer than the final one.

    Args:
        ways: How many trainings there are of each.
    """
    left = job.clock.left()
    if len(best) < 2 or math.isinf(left):
        return 1.0
    once = ways * sum(map(usual_seconds, best)) / job.setup.workers
    share = CONFIRM_SHORT if job.setup.short else CONFIRM_LONGER
    found = min(share * left / once, 1 / max(trial.proposal.fidelity for trial in best))
    return found if found > LONGER else 1.0


def _second(
    job: Job,
    ways: Ways,
    best: list[Trial],
    longer: float,
    pool: Executor,
    *,
    alone: bool,
) -> dict[int, list[Future[Result]]]:
    """Begin the second trainings, as far as time allows; of who inherited weights, both.

    Args:
        ways: What they train and validate on.
        alone: Whether the first do not count.
    """
    first = replace(job.evaluator(), stop=job.clock.final_over)
    seed, limit = job.options.seed + 1, longer * first.limit
    again = [replace(first, splits=way, seed=seed, limit=limit) for way in ways]
    timed = math.isfinite(job.clock.left())
    runs: dict[int, list[Future[Result]]] = {trial.number: [] for trial in best}
    for trial in best if longer > 1 else _affordable(job, best, len(ways)):
        proposal = replace(trial.proposal, fidelity=min(1.0, longer * trial.proposal.fidelity))
        seeds = [first, *again] if inherited(trial) and not alone else again
        own = partial(float, LATE * longer * usual_seconds(trial) if timed else math.inf)
        for evaluate in seeds if len(best) > 1 or inherited(trial) else ():
            if not job.clock.finish_now:
                runs[trial.number].append(pool.submit(replace(evaluate, left=own), proposal))
    return runs


def _affordable(job: Job, best: list[Trial], ways: int) -> list[Trial]:
    """Return who can be trained again in time: nobody, if no two can be compared.

    The default network comes first: all others are compared with it.
    """
    left, spent, found = job.clock.left(), 0.0, list[Trial]()
    share = CONFIRM_SHORT if job.setup.short else CONFIRM
    kept = SPARE * sum(final_seconds(job, trial) for trial in best) / job.setup.workers
    for trial in sorted(best, key=lambda trial: trial.arch != job.default):
        spent += ways * usual_seconds(trial) / job.setup.workers
        if spent < max(share * left, left - kept):
            found.append(trial)
    return found if len(found) >= min(2, len(best)) else []


def inherited(trial: Trial) -> bool:
    """Whether the trial began with the weights of another one."""
    return "inherited" in trial.metrics


def usual_seconds(trial: Trial) -> float:
    """Return what a trial would take that begins with weights of its own."""
    return trial.seconds / (INHERITED if inherited(trial) else 1)


def second_seconds(job: Job, trial: Trial) -> float:
    """Return the seconds that a trial's second trainings take, if they are no longer: see `_ways`.

    Whether forecasts can begin earlier is only known when they do.
    """
    return trial.seconds * (2 if job.task.modality == "forecast" else 1)


def final_seconds(job: Job, trial: Trial) -> float:
    """Return the seconds that a trial's network takes to be trained to the end, and tested."""
    parts, recipe = job.task.splits, job.setup.recipe
    steps = recipe.steps(len(parts.development)) + len(parts.test) / recipe.batch
    return max(trial.seconds, steps * trial.metrics["step_ms"] / 1000)


def mean(trial: Trial, runs: list[Future[Result]], *, alone: bool = False) -> dict[str, float]:
    """Return the means over a trial's fresh trainings; nothing, where there is none.

    Args:
        alone: Whether the trial itself does not count.
    """
    found = [] if alone or inherited(trial) else [trial.metrics]
    found += [result.metrics for result in _done(runs)]
    names = [name for name in trial.metrics if found and all(name in each for each in found)]
    return {name: sum(each[name] for each in found) / len(found) for name in names}


def _done(runs: list[Future[Result]]) -> list[Result]:
    """Return what came of trainings; where one failed, the other seed's score stands."""
    found = []
    for run in runs:
        with contextlib.suppress(TrialError):
            found.append(run.result())
    return found


def ranked(aim: Objective, rows: int, finalists: list[Finalist]) -> list[Finalist]:
    """Order by the aim; what lies within one standard error of the best, by log loss.

    A share of some thousand rows cannot tell good networks apart. The log loss uses what each
    row was given, not only on which side it fell, and so finds those that overfit.

    Args:
        rows: Validated on.
    """
    best = min(aim.loss(finalist.validation) for finalist in finalists)
    shares = aim.metric in SHARES
    error = (max(0.0, -best * (1 + best)) / rows) ** 0.5 if shares else 0.0

    def order(finalist: Finalist) -> tuple[float, float]:
        own = aim.loss(finalist.validation)
        alike = shares and own <= best + error
        return (best, finalist.validation["log_loss"]) if alike else (own, 0.0)

    return sorted(finalists, key=order)


def _finalist(
    trial: Trial, validation: Mapping[str, float], runs: list[Future[Result]]
) -> Finalist:
    """Return a trial as a finalist; its epochs are those of its longest training."""
    epochs = max(_epochs(curve) for curve in (trial.curve, *(each.curve for each in _done(runs))))
    seconds, said = trial.metrics["step_ms"] / 1000, _answers(runs[:1], 1)
    return Finalist("finalist", trial.arch, trial.number, validation, seconds, epochs, said)


def _epochs(curve: Sequence[Mapping[str, float]]) -> float:
    return float(curve[-1]["epoch"]) if curve else 0.0


def _with_roles(job: Job, finalists: list[Finalist]) -> list[Finalist]:
    """Return the winner, the hand-made default network if that is another one, the others."""
    winner, *others = finalists
    if winner.arch == job.default:
        return [replace(winner, role="winner"), *others]
    known = [replace(one, role="default") for one in others if one.arch == job.default]
    unknown = Finalist("default", job.default, None, {}, job.setup.step_seconds)
    rest = [finalist for finalist in others if finalist.arch != job.default]
    return [replace(winner, role="winner"), *(known or [unknown]), *rest]
