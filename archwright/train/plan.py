"""What this machine runs fastest: measured on the network at hand, never assumed."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass

import torch
from torch import nn

from archwright.train.fit import Batches, Plan, trainer
from archwright.train.recipe import Recipe

REPEATS = 5
"""Steps timed per candidate; the fastest counts, since noise only ever slows a step down."""


@dataclass(frozen=True)
class Measured:
    """A plan and the seconds one training step takes under it."""

    plan: Plan
    seconds: float

    def to_json(self) -> dict[str, object]:
        return {**asdict(self.plan), "seconds_per_step": self.seconds}


def choose(net: nn.Module, data: Batches, recipe: Recipe, threads: tuple[int, ...]) -> Measured:
    """Return the fastest of the memory layouts, precisions and thread counts that fit the data.

    Args:
        net: Any network of the space; left as it was.
        data: Training rows.
        threads: The thread counts to try.
    """
    state = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    images = data.x.ndim == 4
    plans = [
        Plan(threads=count, channels_last=last, bfloat16=half)
        for count in threads
        for last, half in (
            [(False, False), (True, False), (True, True)] if images else [(False, False)]
        )
    ]
    measured = [Measured(plan, _step_seconds(net, data, recipe, plan)) for plan in plans]
    net.load_state_dict(state)
    return min(measured, key=lambda each: each.seconds)


def _step_seconds(net: nn.Module, data: Batches, recipe: Recipe, plan: Plan) -> float:
    steps = trainer(net, data, recipe, plan, seed=0, progress=lambda step: step / 100)
    next(steps)
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        next(steps)
        times.append(time.perf_counter() - started)
    steps.close()
    return min(times)


def device() -> torch.device:
    """Return the accelerator of this machine, or its CPU."""
    return torch.accelerator.current_accelerator() or torch.device("cpu")
