"""How much faster the networks of several folds are trained at once than one after the other.

In CPU seconds on one thread, the two in turn: the machine may do other things meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch

from archwright.auto import splits
from archwright.data import load
from archwright.evaluators.train import Split, fresh
from archwright.spaces import mlp
from archwright.train.fit import Batches, Plan, trainer
from archwright.train.fuse import trainer_all
from archwright.train.recipe import Recipe
from benchmarks import throughput
from benchmarks.throughput import Made

WARM = 2


@dataclass(frozen=True)
class Folds:
    """What is trained on each of the folds of some data.

    Args:
        net: 0 for the default network for tables, or the place of another start; -1 for the small
            CNN for images.
        steps: Timed steps of each network.
    """

    path: Path
    target: str | None
    net: int
    folds: int
    batch: int
    steps: int


def gains(work: Folds, rounds: int) -> list[float]:
    """Return, a round, how many times as fast training at once is."""
    torch.set_num_threads(1)
    parts = _parts(work.path, work.target, work.folds)
    space, arch = _made(work.net, parts[0].signature.shape)
    recipe = Recipe(1, work.batch, lr=2e-3, weight_decay=0.1)
    found = []
    for seed in range(rounds):
        nets = [fresh(space, arch, part, seed) for part in parts]
        data = [Batches(part.x, part.y, part.train) for part in parts]
        plan = Plan(channels_last=data[0].x.ndim == 4)
        apart = [
            trainer(*pair, recipe, plan, seed=seed, progress=lambda step: step / 10_000)
            for pair in zip(nets, data, strict=True)
        ]
        alone = _seconds(apart, work.steps)
        at_once = trainer_all(
            nets, data, recipe, plan, seed=seed, progress=lambda step: step / 10_000
        )
        found.append(alone / _seconds([at_once], work.steps))
    return found


def _made(net: int, shape: tuple[int, ...]) -> Made:
    if net < 0:
        return throughput.small_cnn(shape)
    return mlp.mlp(shape), mlp.portfolio(shape)[net]


@cache
def _parts(path: Path, target: str | None, folds: int) -> tuple[Split, ...]:
    return tuple(part for part, _ in splits.folds(load(str(path), target), folds, 0))


def _seconds(trainings: Sequence[Generator[object]], steps: int) -> float:
    """Return the CPU seconds of so many steps of all, after a few that do not count."""
    for _ in _turns(trainings, WARM):
        pass
    started = time.process_time()
    for _ in _turns(trainings, steps):
        pass
    seconds = time.process_time() - started
    for training in trainings:
        training.close()
    return seconds


def _turns(trainings: Sequence[Generator[object]], steps: int) -> Iterator[object]:
    for _ in range(steps):
        for training in trainings:
            yield next(training)
