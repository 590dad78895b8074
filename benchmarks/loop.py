"""What the search loop costs beside training and validating, and what a second worker brings."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from random import Random

from archwright.auto import splits
from archwright.core.architecture import Architecture
from archwright.core.objective import objective
from archwright.core.problem import Problem
from archwright.core.space import Node
from archwright.core.trial import History, Proposal
from archwright.data import load
from archwright.evaluators import train
from archwright.evaluators.train import Split, Train
from archwright.executors.processes import Processes
from archwright.methods.blackbox import Search, search
from archwright.spaces import chain
from archwright.study import Study, open_storage
from archwright.train.fit import Batches
from archwright.train.plan import settled
from archwright.train.recipe import default_recipe
from benchmarks.timed import Timed

TRIALS = 8
"""Evaluated by each worker."""


@dataclass(frozen=True)
class Pace:
    """Trials a second, and the share of the time in which workers neither train nor validate."""

    trials_a_second: float
    overhead: float


@dataclass(frozen=True)
class Again:
    """Proposes the same architecture again and again, so that all trials cost alike."""

    arch: Architecture
    fidelity: float

    def ask(self, space: Node, history: History, n: int, rng: Random) -> Sequence[Proposal]:
        return [Proposal(self.arch, self.fidelity)] * n


def measure(path: Path, seconds: float, workers: int) -> Pace:
    """Run trials of so many seconds on image data, in processes, with a study on disk."""
    task = load(str(path))
    split, _ = splits.holdout(task)
    space, arch = chain.chain(split.signature.shape), chain.portfolio(split.signature.shape)[1]
    evaluate, fidelity = _evaluator(space, arch, split, seconds)
    problem = Problem(task.fingerprint, space, objective("accuracy", "classification"), ())
    study = Study(problem, open_storage(None), "loop")
    with Processes(workers) as executor:
        executor.submit(time.monotonic).result()  # the server has loaded torch
        return _paced(study, evaluate, Again(arch, fidelity), workers, executor)


def _paced(
    study: Study, evaluate: Timed, strategy: Again, workers: int, executor: Executor
) -> Pace:
    numbers = itertools.count()
    plan = Search(
        strategy=strategy,
        evaluate=evaluate,
        refuse=lambda proposal: "",
        workers=workers,
        seed=0,
        go_on=lambda history: len(history) < TRIALS * workers,
        same=lambda space, arch: str(next(numbers)),  # or the second trial would be refused
    )
    started, busy, ends = time.perf_counter(), 0.0, list[float]()
    for trial, _ in search(study, plan, executor, executor):
        busy += trial.metrics["busy"]
        ends.append(time.perf_counter() - started)
    # at the end the workers stop one after the other, each when there is nothing more to do
    return Pace(len(ends) / ends[-1], 1 - busy / sum(ends[-workers:]))


def _evaluator(
    space: Node, arch: Architecture, split: Split, seconds: float
) -> tuple[Timed, float]:
    recipe = default_recipe("image", len(split.train))
    net = train.fresh(space, arch, split, 0)
    measured = settled(net, Batches(split.x, split.y, split.train), recipe)
    aim = objective("accuracy", "classification")
    fidelity = seconds / (measured.seconds * recipe.steps(len(split.train)))
    return Timed(Train(space, (split,), recipe, measured.plan, aim)), min(1.0, fidelity)
