"""Where trials and final trainings run: here, or in processes of their own."""

from __future__ import annotations

from concurrent.futures import Executor

import torch

from archwright.auto.job import Job
from archwright.executors.inline import Inline
from archwright.executors.processes import Processes
from archwright.measure.memory import room

CPU = torch.device("cpu")

GRACE = 30.0
"""Seconds that a worker process may take longer than what it runs, before it is killed."""

MEMORY_SHARE = 0.8
"""Of the memory there is, for all worker processes together."""


def trials(job: Job) -> Executor:
    """Return what runs trials."""
    if job.setup.workers == 1 and not job.options.isolate:
        return Inline()
    return processes(job)


def processes(job: Job, seconds: float | None = None) -> Processes:
    """Return what runs trials in processes, each for so long; unless given, as trials may take."""
    memory = int(share(job, CPU))
    return Processes(job.setup.workers, seconds or job.patience() + GRACE, memory)


def share(job: Job, where: torch.device) -> float:
    """Return the bytes that a worker may use there."""
    return MEMORY_SHARE * room(where) / job.setup.workers


def closing(job: Job) -> Executor:
    """Return what runs the final trainings: they take what the clock has left."""
    if job.setup.workers == 1:
        return Inline()
    return processes(job, max(0.0, job.clock.left()) + GRACE)
