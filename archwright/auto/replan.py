"""The end of the search, planned anew after each trial: what follows is given what it should take
by what is known then, and the search has the rest."""

from __future__ import annotations

import math

from archwright.auto.finalists import FINALISTS, with_default
from archwright.auto.job import Job
from archwright.auto.rivals import rivals_seconds
from archwright.core.trial import History, Trial

SPARE = 1.15
"""So much more is kept than the final trainings should take."""

LEAST_KEPT = 0.1
"""Of the budget, that is kept in any case."""


def search_until(job: Job, history: History, planned: float) -> float:
    """Return the seconds after the start at which no trial may run any more.

    Args:
        planned: What was said before the first trial; never less.
    """
    if math.isinf(planned) or job.setup.short or len(history.ranked()) < FINALISTS:
        return planned
    clock, best = job.clock, with_default(job, history, max(FINALISTS, job.options.networks))
    trainings = sum(trial.seconds + _final(job, trial) for trial in best) / job.setup.workers
    kept = SPARE * trainings + rivals_seconds(job)
    return max(planned, clock.budget - clock.closing - max(kept, LEAST_KEPT * clock.budget))


def _final(job: Job, trial: Trial) -> float:
    """Return the seconds that a trial's network takes to be trained to the end, and tested."""
    parts, recipe = job.task.splits, job.setup.recipe
    steps = recipe.steps(len(parts.development)) + len(parts.test) / recipe.batch
    return max(trial.seconds, steps * trial.metrics["step_ms"] / 1000)
