"""The end of the search, planned anew after each trial: what follows is given what it should take
by what is known then, and the search has the rest."""

from __future__ import annotations

import math

from archwright.auto.finalists import FINALISTS, SPARE, final_seconds, second_seconds, with_default
from archwright.auto.job import Job
from archwright.auto.rivals import rivals_seconds
from archwright.core.trial import History

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
    each = [second_seconds(job, trial) + final_seconds(job, trial) for trial in best]
    trainings = sum(each) / job.setup.workers
    kept = SPARE * trainings + rivals_seconds(job)
    return max(planned, clock.budget - clock.closing - max(kept, LEAST_KEPT * clock.budget))
