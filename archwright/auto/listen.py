"""What is told while a search goes on: sentences, and where it stands."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archwright import registry
from archwright.auto.job import Job
from archwright.core.trial import History
from archwright.core.truth import asked
from archwright.data.task import Task

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Status:
    """Where a search stands, for whoever watches it."""

    trials: int
    stopped: int
    failed: int
    planned: int
    best: float | None
    metric: str
    seconds_left: float


@dataclass(frozen=True)
class Listener:
    """What is told while a search goes on: sentences, and where it stands."""

    say: Callable[[str], None] = log.info
    status: Callable[[Status], None] = lambda status: None


def status(job: Job, history: History) -> Status:
    """Return where the search stands."""
    aim = job.problem.aim.metric
    best = history.best().metrics[aim] if history.done else None
    planned = job.options.trials or job.setup.trials
    left = job.clock.budget - job.clock.elapsed()
    unfinished = len(history.stopped), len(history.failed)
    return Status(len(history), *unfinished, planned, best, aim, left)


def describe(task: Task) -> Iterator[str]:
    """Yield what is to be learnt from what, in sentences."""
    parts, many = task.splits, registry.MODALITIES[task.modality].many
    count = len(parts.train) + len(parts.validation) + len(parts.test)
    yield (
        f"{task.name}: {count:,} {many}; {task.kind} of {task.target_name!r}"
        f" ({asked(task.kind, len(task.classes), len(task.outcomes), task.widths)})."
    )
    yield f"Why {task.kind}: {task.rule}"
    yield (
        f"Split: {len(parts.train):,} to train, {len(parts.validation):,} to validate,"
        f" {len(parts.test):,} to test; {parts.how}."
    )
    kinds = sorted({column.type for column in task.columns})
    for kind in kinds:
        which = [column.name for column in task.columns if column.type == kind]
        yield f"  {kind}: {', '.join(which[:12])}{' ...' if len(which) > 12 else ''}"
    yield from task.notes
    for finding in task.findings:
        yield f"Data doctor ({finding.level}): {finding.title}. {finding.detail}"
