"""What the best trials have learnt and say, kept while it may be needed for an ensemble.

The files are at most `KEPT`, outlive a command that is killed, and are removed at the end.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from archwright.auto.job import Job
from archwright.core.trial import History, Result, Trial
from archwright.errors import TrialError
from archwright.evaluators.checkpoints import Checkpoints

KEPT = 8
"""So many of the best trials may become members of an ensemble."""

AGAIN = 0.15
"""Of the time left, at most, for training again what an earlier command had found and removed."""

STATE, OUTPUT = "state.", "output"


@dataclass(frozen=True)
class Kept:
    """A trial's weights, and what it says of the validation rows (of the first fold)."""

    state: Mapping[str, Tensor]
    output: NDArray[Any]


Library = Mapping[int, Kept]
"""By the number of the trial."""


def keep(kept: Checkpoints, trial: Trial, result: Result, history: History) -> None:
    """Write down what a trial has learnt if it is among the best; remove who no longer is."""
    best = {each.number for each in history.ranked()[:KEPT]}
    if trial.number in best:
        made: Any = result.artefacts
        tensors = {f"{STATE}{name}": tensor for name, tensor in made["state"].items()}
        kept.store(trial.number, trial.arch, tensors | {OUTPUT: torch.from_numpy(made["output"])})
    kept.keep(best)


def load(kept: Checkpoints, history: History) -> dict[int, Kept]:
    """Return what is there of the best trials."""
    found = {}
    for trial in history.ranked()[:KEPT]:
        if known := kept.load(trial.number):
            tensors = known[1]
            output = tensors.pop(OUTPUT).numpy()
            state = {name.removeprefix(STATE): each for name, each in tensors.items()}
            found[trial.number] = Kept(state, output)
    return found


def complete(job: Job, history: History, known: Library, pool: Executor) -> dict[int, Kept]:
    """Return the library with what is missing in it trained again, as far as time allows."""
    again = replace(job.evaluator(), stop=job.clock.final_over)
    found, futures, spent = dict(known), {}, 0.0
    for trial in history.ranked()[:KEPT]:
        if trial.number not in known:
            spent += trial.seconds / job.setup.workers
            if spent > AGAIN * job.clock.left() or job.clock.finish_now:
                break
            futures[trial.number] = pool.submit(again, trial.proposal)
    for number, future in futures.items():
        with contextlib.suppress(TrialError):
            made: Any = future.result().artefacts
            found[number] = Kept(made["state"], made["output"])
    return found
