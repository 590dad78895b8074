"""After the search: the finalists are trained to the end, and tested once."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from archwright.auto import splits
from archwright.auto.finalists import Finalist, confirm
from archwright.auto.folder import Folder
from archwright.auto.forecast import threads
from archwright.auto.job import Job
from archwright.auto.library import Library
from archwright.auto.selection import chosen, members, spans, together
from archwright.auto.views import views
from archwright.core.architecture import Architecture
from archwright.core.trial import History, Proposal, Result, Trial
from archwright.errors import TrialError
from archwright.evaluators.final import Final, restored, seen
from archwright.evaluators.train import Split, fresh, predict
from archwright.export import result as results
from archwright.measure.cost import latency_ms
from archwright.nets.weigh import counted
from archwright.train import remember
from archwright.train.fit import Plan

MEASURING = 300
"""With fewer steps to go, the time is better spent on them than on measuring how to make them."""

SLACK = {"winner": 0.0, "default": 0.5, "finalist": 1.2}
"""A training is begun if this share of the time it should take is left."""

Say = Callable[[str], None]
Weights = Mapping[str, Tensor]
Data = tuple[Split, Mapping[str, Any]]


@dataclass(frozen=True)
class Member:
    """A network of an ensemble, and how much it counts."""

    trial: int
    share: float
    arch: Architecture


@dataclass(frozen=True)
class Trained:
    """A finalist's network, and what it says of the test rows.

    Args:
        split: What it was trained on; its `valid` rows are the test rows.
        spec: The preprocessing that made the split.
        members: Of an ensemble, which has the trial and the architecture of the first of them.
    """

    finalist: Finalist
    net: nn.Module
    split: Split
    spec: Mapping[str, Any]
    output: NDArray[Any]
    seconds: float
    costs: Mapping[str, float]
    note: str
    steps: int = 0
    members: tuple[Member, ...] = ()


@dataclass(frozen=True)
class Closing:
    """What the final trainings have in common.

    Args:
        pool: Where they run.
        data: Everything but the test rows to train on, and its preprocessing.
        flips: Axes of mirror images that networks are asked about as well.
    """

    job: Job
    pool: Executor
    data: Data
    flips: tuple[int, ...] = ()

    def train(self, finalists: list[Finalist], share: float) -> list[Trained]:
        """Train some networks at once; return those that could be trained.

        Args:
            share: Of the time left.
        """
        job, split, recipe = self.job, self.data[0], self.job.setup.recipe
        training = Final(
            space=job.problem.space,
            split=split,
            recipe=recipe,
            plan=self._plan(finalists),
            seed=job.options.seed + 2,
            steps=recipe.steps(len(split.train)),
            flips=self.flips,
            left=job.clock.left,
            share=share,
            stop=job.clock.asked,
        )
        futures = [self.pool.submit(training, Proposal(finalist.arch)) for finalist in finalists]
        trained = []
        for finalist, future in zip(finalists, futures, strict=True):
            with contextlib.suppress(TrialError):
                trained.append(self._trained(finalist, future.result()))
        return trained

    def _trained(self, finalist: Finalist, result: Result) -> Trained:
        found: Any = result.artefacts
        facts = result.metrics
        net = restored(self.job.problem.space, finalist.arch, self.data[0], found["state"])
        note = "fitted" if self.job.fitted(finalist.arch) else f"{facts['epochs']:.1f} epochs"
        note += " on train and validation"
        note += ", asked about mirror images too" if self.flips else ""
        made = _measured(seen(net, self.flips), self.data, finalist, found["output"], note)
        return replace(made, steps=int(facts["steps"]), seconds=facts["seconds"])

    def _plan(self, finalists: list[Finalist]) -> Plan:
        """Return how to train: with the threads of workers that are idle, where that is faster.

        Where there is time to find out.
        """
        job, split = self.job, self.data[0]
        few = job.clock.left() < MEASURING * finalists[0].step_seconds
        few |= self.job.fitted(finalists[0].arch)
        if job.setup.workers == 1 or len(finalists) > 1 or few or math.isinf(job.clock.budget):
            return job.setup.plan
        net = fresh(job.problem.space, finalists[0].arch, split, 0)
        return remember.measured(net, split.batches, job.setup.recipe, threads(1)).plan


def retrain(
    closing: Closing,
    history: History,
    finalists: list[Finalist],
    best: Callable[[], Weights],
    library: Library,
    say: Say,
) -> list[Trained]:
    """Return the finalists trained on train and validation, the winner first.

    When there are none, since the user asked to finish now, or time is up, the winner is the best
    network of the search as it is, and so are other members of an ensemble.

    Args:
        best: Gives the weights of the best trial, as it was searched.
        library: What members of an ensemble are chosen from; empty where none is wanted.
    """
    job, winner = closing.job, history.best()
    outputs = {number: kept.output for number, kept in library.items()}
    if finalists:
        flips = views(job, winner, best)
        others = members(job, history, finalists, outputs)[1:]
        if trained := _to_the_end(replace(closing, flips=flips), finalists, others, say):
            return trained
    trained = [_as_searched(job, winner, best())]
    if winner.number in outputs:
        most = _answering(job)
        for number in list(chosen(job, history, outputs, winner.number, most))[1:]:
            trained.append(_as_searched(job, history.trials[number], library[number].state))
    return trained


def _answering(job: Job) -> int:
    """Return how many members there is time to ask about the test rows."""
    each = job.setup.scoring_seconds(len(job.task.splits.test))
    return int(min(job.options.networks, max(0.0, job.clock.left()) / each))


def winner_alone(job: Job, history: History, pool: Executor, best: Weights) -> Trained:
    """Return the winner trained to the end, and nobody to compare it with."""
    closing = Closing(job, pool, splits.final(job.task))
    for finalist in confirm(job, history, pool):
        if trained := closing.train([finalist], 1.0):
            return trained[0]
    return _as_searched(job, history.best(), best)


def _to_the_end(
    closing: Closing, finalists: list[Finalist], others: list[Finalist], say: Say
) -> list[Trained]:
    """Train the finalists from scratch by the full recipe, as far as time allows.

    Where time cuts the winner's training short, all of it and all cores go to the winner. Else the
    default network is trained in the same way, so that the leaderboard compares like with like,
    and the others follow while there is time for as much again; as many at once as there are
    workers. The other members of an ensemble are trained beside the winner, and share its time.
    """
    job, clock, recipe = closing.job, closing.job.clock, closing.job.setup.recipe
    least = recipe.steps(len(job.splits[0].train), job.setup.fidelity)
    short = math.isfinite(job.setup.step_limit)
    width = 1 if short and not others else job.setup.workers
    needed = together(finalists, others, short=short)
    each = spans(needed, width)
    if clock.left() < least * sum(each):
        return []  # the network is better off as it was searched
    queue = [*needed, *(one for one in finalists if one not in needed)]
    trained: list[Trained] = []
    while queue and not clock.finish_now:
        wave, queue = queue[:width], queue[width:]
        if trained and wave[0] not in others:
            need = max(one.steps for one in trained) * wave[0].step_seconds
            if clock.left() < need * SLACK[wave[0].role]:
                break
        say(f"Final training: {' and '.join(map(_named, wave))}.")
        trained += closing.train(wave, each[0] / sum(each) if each else 1.0)
        each = each[1:]
        if all(one.finalist.role != "winner" for one in trained):
            return []  # it could not be trained again, and is better off as it was searched
    return trained


def _named(finalist: Finalist) -> str:
    if finalist.role == "default":
        return "the hand-made default network"
    return f"trial {finalist.trial}"


def _as_searched(job: Job, best: Trial, weights: Weights) -> Trained:
    """Return the best network of the search, trained on training rows only."""
    split = replace(job.splits[0], valid=torch.from_numpy(job.task.splits.test))
    net = restored(job.problem.space, best.arch, split, weights)
    finalist = Finalist("winner", best.arch, best.number, best.metrics, 0.0)
    output = predict(net, split, split.valid)
    note = "as it was searched: not trained again"
    made = _measured(net, (split, job.spec), finalist, output, note)
    return replace(made, seconds=best.seconds)


def _measured(net: nn.Module, data: Data, finalist: Finalist, output: Any, note: str) -> Trained:
    split, spec = data
    shape = split.signature.shape
    latency = float(np.median([latency_ms(net, shape) for _ in range(3)]))
    costs = {**counted(net, shape), "latency_ms": latency}
    return Trained(finalist, net, split, spec, output, 0.0, costs, note)


def write_interim(folder: Folder, job: Job, trial: Trial, weights: Weights) -> None:
    """Put the best network so far on disk, complete but for ONNX and the test."""
    net = restored(job.problem.space, trial.arch, job.splits[0], weights)
    facts: dict[str, Any] = {"task": job.task.kind, "objective": job.problem.aim.metric, "test": {}}
    facts |= {"validation": dict(trial.metrics), "seed": job.options.seed}
    text = f"# {job.task.name}\n\nThe best network so far of a search that is still going on.\n"
    content = results.Content(job.spec, trial.arch.to_json(), facts, text)
    results.write(folder.result, net, content)
