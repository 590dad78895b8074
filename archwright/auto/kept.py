"""Which trials' weights are kept while a search runs, for children to begin with."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from archwright.auto.folder import Folder
from archwright.auto.job import Job
from archwright.core.trial import History, Result, Trial
from archwright.evaluators.checkpoints import Checkpoints

MOST = 10
"""So many trials are kept, the best of each fidelity."""


@contextlib.contextmanager
def parents(job: Job, folder: Folder | None) -> Iterator[Checkpoints | None]:
    """Give where weights are kept, if `inherit` was asked for; they are deleted when it is over.

    A search that is killed leaves them, and finds them again when it is resumed.
    """
    if not job.options.inherit:
        yield None
        return
    found = Checkpoints(folder.checkpoints if folder else Path(tempfile.mkdtemp()))
    try:
        yield found
    finally:
        found.clear()


def remember(
    kept: Checkpoints | None, history: History, trial: Trial, result: Result | None
) -> None:
    """Keep the weights of a trial that is among the best; delete those of any that no longer is."""
    if kept is None or result is None:
        return
    if trial.number in {each.number for each in history.ranked(trial.proposal.fidelity)[:MOST]}:
        kept.store(trial.number, trial.arch, result.artefacts["state"])  # type: ignore[arg-type]
        levels = {each.proposal.fidelity for each in history.done}
        kept.keep({each.number for f in levels for each in history.ranked(f)[:MOST]})
