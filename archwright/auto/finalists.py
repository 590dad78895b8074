"""Who is trained to the end: the best of the search, confirmed with a second seed."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace

from archwright.auto.job import Job
from archwright.core.architecture import Architecture
from archwright.core.objective import Objective
from archwright.core.trial import History, Result, Trial
from archwright.errors import TrialError
from archwright.evaluators.train import INHERITED
from archwright.report.record import Role

CONFIRM, CONFIRM_SHORT = 0.3, 0.1
"""Of the time left, at most, for second seeds; the latter where the winner's training needs it."""

FINALISTS = 3
"""How many of the best architectures are trained again with other seeds."""

SHARES = ("accuracy", "balanced_accuracy", "macro_f1", "roc_auc", "subset_accuracy")


@dataclass(frozen=True)
class Finalist:
    """An architecture that is trained to the end.

    Args:
        trial: The number of its trial; None for a default network that the bounds rule out.
        validation: Means over the seeds it was trained with.
        step_seconds: What a training step of it takes.
    """

    role: Role
    arch: Architecture
    trial: int | None
    validation: Mapping[str, float]
    step_seconds: float


def confirm(job: Job, history: History, pool: Executor) -> list[Finalist]:
    """Train the best few again with another seed; return them by the mean of both, best first.

    None if the user asked to finish now.

    The best of many noisy scores is too good by luck (the winner's curse); a second seed, that
    had no say in who is a finalist, takes most of it away. The default network is among them where
    it was tried, so that it is known by how much it is beaten.
    """
    if job.clock.finish_now:
        return []
    first = replace(job.evaluator(), stop=job.clock.final_over)
    again = replace(first, seed=job.options.seed + 1)
    share = CONFIRM_SHORT if job.setup.short else CONFIRM
    best = history.ranked()[:FINALISTS]
    best += [t for t in history.ranked() if t.arch == job.default and t not in best][:1]
    runs: dict[int, list[Future[Result]]] = {}
    for trial in best:
        seeds = (first, again) if inherited(trial) else (again,) if len(best) > 1 else ()
        for evaluate in seeds:
            lasting = (
                usual_seconds(trial) * len(best) / job.setup.workers < share * job.clock.left()
            )
            if lasting and not job.clock.finish_now:
                runs.setdefault(trial.number, []).append(pool.submit(evaluate, trial.proposal))
    metrics = {trial.number: mean(trial, runs.get(trial.number, [])) for trial in best}
    best = [trial for trial in best if metrics[trial.number]] or best
    rows = sum(len(split.valid) for split in job.splits)
    finalists = [_finalist(trial, metrics[trial.number] or trial.metrics) for trial in best]
    return _with_roles(job, ranked(job.problem.aim, rows, finalists))


def inherited(trial: Trial) -> bool:
    """Whether the trial began with the weights of another one."""
    return "inherited" in trial.metrics


def usual_seconds(trial: Trial) -> float:
    """Return what a trial would take that begins with weights of its own."""
    return trial.seconds / (INHERITED if inherited(trial) else 1)


def mean(trial: Trial, runs: list[Future[Result]]) -> dict[str, float]:
    """Return the means over a trial's fresh trainings; nothing, where there is none."""
    found = [] if inherited(trial) else [trial.metrics]
    for run in runs:
        with contextlib.suppress(TrialError):  # then the other seed's score stands
            found.append(run.result().metrics)
    names = [name for name in trial.metrics if found and all(name in each for each in found)]
    return {name: sum(each[name] for each in found) / len(found) for name in names}


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


def _finalist(trial: Trial, validation: Mapping[str, float]) -> Finalist:
    return Finalist(
        "finalist", trial.arch, trial.number, validation, trial.metrics["step_ms"] / 1000
    )


def _with_roles(job: Job, finalists: list[Finalist]) -> list[Finalist]:
    """Return the winner, the hand-made default network if that is another one, the others."""
    winner, *others = finalists
    if winner.arch == job.default:
        return [replace(winner, role="winner"), *others]
    known = [replace(one, role="default") for one in others if one.arch == job.default]
    unknown = Finalist("default", job.default, None, {}, job.setup.step_seconds)
    rest = [finalist for finalist in others if finalist.arch != job.default]
    return [replace(winner, role="winner"), *(known or [unknown]), *rest]
