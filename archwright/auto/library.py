"""What the best trials have learnt and say, kept while a run may need it.

Children begin with their parents' weights (`inherit`), and an ensemble is made of who answers best
together. The files are few, outlive a command that is killed, and are removed at the end of a run.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any

from archwright.auto.finalists import inherited, usual_seconds
from archwright.auto.folder import Folder
from archwright.auto.job import Job
from archwright.core.trial import History, Result, Trial
from archwright.errors import TrialError
from archwright.evaluators.checkpoints import Checkpoint, Checkpoints

KEPT = 10
"""So many trials are kept, the best of each fidelity."""

AGAIN = 0.15
"""Of the time left, at most, for training again who may be a member and is not kept as it should
be: an earlier command had found and removed it, or it had begun with the weights of another."""

Library = Mapping[int, Checkpoint]
"""By the number of the trial."""


@contextlib.contextmanager
def opened(job: Job, folder: Folder | None) -> Iterator[Checkpoints | None]:
    """Give where trials are kept, if the run may need them; without a folder, until it is over."""
    if folder is not None:
        needed = job.options.inherit or job.options.networks > 1
        yield Checkpoints(folder.checkpoints) if needed else None
    elif job.options.inherit:
        with tempfile.TemporaryDirectory() as place:
            yield Checkpoints(Path(place))
    else:
        yield None


def keep(kept: Checkpoints, trial: Trial, result: Result, history: History) -> None:
    """Write down what a trial has learnt if it is among the best; remove who no longer is."""
    if trial.number not in _best(history, trial.proposal.fidelity):
        return
    made: Any = result.artefacts
    kept.store(trial.number, Checkpoint(trial.arch, made["state"], made["output"]))
    levels = {each.proposal.fidelity for each in history.done}
    kept.keep(set().union(*(_best(history, level) for level in levels)))


def _best(history: History, fidelity: float) -> set[int]:
    return {trial.number for trial in history.ranked(fidelity)[:KEPT]}


def members(job: Job, history: History, kept: Checkpoints, pool: Executor) -> Library:
    """Return who may be a member of an ensemble; nobody where none is wanted."""
    if job.options.networks == 1:
        return {}
    return _complete(job, history, _known(kept, history), pool)


def _known(kept: Checkpoints, history: History) -> dict[int, Checkpoint]:
    """Return those of the best trials that are there, and began with weights of their own."""
    own = [trial.number for trial in history.ranked()[:KEPT] if not inherited(trial)]
    found = {number: kept.load(number) for number in own}
    return {number: known for number, known in found.items() if known is not None}


def _complete(job: Job, history: History, known: Library, pool: Executor) -> dict[int, Checkpoint]:
    """Return the library with what is missing in it trained again, as far as time allows."""
    again = replace(job.evaluator(), stop=job.clock.final_over)
    found, futures, spent = dict(known), {}, 0.0
    for trial in history.ranked()[:KEPT]:
        if trial.number not in known:
            spent += usual_seconds(trial) / job.setup.workers
            if spent > AGAIN * job.clock.left() or job.clock.finish_now:
                break
            futures[trial.number] = trial.arch, pool.submit(again, trial.proposal)
    for number, (arch, future) in futures.items():
        with contextlib.suppress(TrialError):
            made: Any = future.result().artefacts
            found[number] = Checkpoint(arch, made["state"], made["output"])
    return found
