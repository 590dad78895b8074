"""Where trials and final trainings run: here, or in processes of their own."""

from __future__ import annotations

import os
from concurrent.futures import Executor

from archwright.auto.job import Job
from archwright.executors.inline import Inline
from archwright.executors.processes import Processes

GRACE = 30.0
"""Seconds that a worker process may take longer than what it runs, before it is killed."""

MEMORY_SHARE = 0.8
"""Of the machine's memory, for all worker processes together."""


def trials(job: Job) -> Executor:
    """Return what runs trials."""
    if job.setup.workers == 1 and not job.options.isolate:
        return Inline()
    return processes(job)


def processes(job: Job, seconds: float | None = None) -> Processes:
    """Return what runs trials in processes, each for so long; unless given, as trials may take."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    memory = int(MEMORY_SHARE * total / job.setup.workers)
    return Processes(job.setup.workers, seconds or job.patience() + GRACE, memory)


def closing(job: Job) -> Executor:
    """Return what runs the final trainings: they take what the clock has left."""
    if job.setup.workers == 1:
        return Inline()
    return processes(job, max(0.0, job.clock.left()) + GRACE)
