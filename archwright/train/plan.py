"""What this machine runs fastest: measured on the network at hand, never assumed."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from archwright.train.fit import Batches, Plan, trainer
from archwright.train.fuse import possible, trainer_all
from archwright.train.recipe import Recipe

HOPELESS = 5.0
"""A first step, warm-up included, of so many times the best step is not worth repeating."""

REPEATS = 5
"""Steps timed per candidate; the fastest counts, since noise only ever slows a step down."""

THREADS_GAIN = 1.1
"""So many times faster have more threads to be than one: they wait for each other, and the wait
is long on a machine that others use too."""

FUSED_GAIN, ROUNDS = 1.3, 2
"""So many times faster have networks to be at once than one after the other, since steps are but a
part of a trial: with 1.2 whole trials gained nothing. So often are both ways timed, in turn."""

ALIKE_STEPS = 2 * ROUNDS * (1 + REPEATS)
"""Steps that this takes of each network."""


@dataclass(frozen=True)
class Measured:
    """A plan and the seconds one training step takes under it.

    Args:
        tried: All that were measured before it was chosen, the plainest first.
    """

    plan: Plan
    seconds: float
    tried: tuple[Measured, ...] = ()

    @property
    def gain(self) -> float:
        """How many times faster it is than the plainest."""
        return self.tried[0].seconds / self.seconds if self.tried else 1.0


def choose(net: nn.Module, data: Batches, recipe: Recipe, threads: tuple[int, ...]) -> Measured:
    """Return the fastest of the layouts, uses of memory, thread counts and precisions that fit.

    One after the other is changed, and the change kept where it wins; what becomes of freed memory
    comes last, since that cannot be undone in a process. A candidate that is far
    behind after its first step is given up: bfloat16 can be ten times slower on a CPU without it.

    Args:
        net: Any network of the space; left as it was.
        data: Training rows.
        threads: The thread counts to try.
    """
    with _kept(net):
        return _fastest(net, data, recipe, threads)


def _fastest(net: nn.Module, data: Batches, recipe: Recipe, threads: tuple[int, ...]) -> Measured:
    best = _measure(net, data, recipe, Plan(threads=threads[0]), float("inf"))
    changes: list[dict[str, Any]] = [{"threads": count} for count in threads[1:]]
    if data.images:
        changes = [{"channels_last": True}, *changes]
    if data.x.ndim == 4:  # what lies beside images may need all its digits
        changes.append({"bfloat16": True})
    changes.append({"keep_freed": True})
    tried = [best]
    for change in changes:
        changed, gain = replace(best.plan, **change), 1.0
        other = _measure(net, data, recipe, changed, best.seconds)
        if "threads" in change:  # a core that was busy for a moment must not decide
            gain = THREADS_GAIN
            best = _quicker(best, _measure(net, data, recipe, best.plan, float("inf")))
            other = _quicker(other, _measure(net, data, recipe, changed, best.seconds))
        tried.append(other)
        best = other if gain * other.seconds < best.seconds else best
    return replace(best, tried=tuple(tried))


def again(net: nn.Module, data: Batches, recipe: Recipe, plan: Plan) -> Measured:
    """Return what a step takes under a plan that is known."""
    with _kept(net):
        return _measure(net, data, recipe, plan, float("inf"))


@contextmanager
def _kept(*nets: nn.Module) -> Iterator[None]:
    """Leave networks as they are, whatever is trained meanwhile."""
    states = [{name: tensor.clone() for name, tensor in net.state_dict().items()} for net in nets]
    yield
    for net, state in zip(nets, states, strict=True):
        net.load_state_dict(state)


def alike(
    nets: Sequence[nn.Module], data: Sequence[Batches], recipe: Recipe, alone: Measured
) -> Measured:
    """Return how networks of equal shape are trained fastest: one after the other, or at once.

    The seconds are those of a step of one network.

    Args:
        nets: For which it is `worth_trying`; left as they were.
        data: Training rows of each.
        alone: The plan for one of them.
    """
    how: dict[str, Any] = {"seed": 0, "progress": lambda step: step / 100}
    pairs, rest = list(zip(nets, data, strict=True)), (recipe, alone.plan)
    apart = together = float("inf")
    with _kept(*nets):
        for _ in range(ROUNDS):
            apart = min(apart, _timed([trainer(*pair, *rest, **how) for pair in pairs]))
            together = min(together, _timed([trainer_all(nets, data, *rest, **how)]))
    params = sum(p.numel() for p in nets[0].parameters())
    way = Measured(replace(alone.plan, fused=params), alone.seconds * together / apart)
    best = way if FUSED_GAIN * together <= apart else alone
    return replace(best, tried=(replace(alone, tried=()), way))


def worth_trying(nets: Sequence[nn.Module], data: Sequence[Batches]) -> bool:
    """Return whether networks might be trained faster at once than one after the other.

    On a CPU images are not worth it: there, convolutions of several networks at once are slower.
    """
    if len(nets) < 2 or (data[0].images and device().type == "cpu"):
        return False
    return possible(nets, data)


def _timed(trainings: Sequence[Generator[object]]) -> float:
    """Return the seconds that one step of all of them takes; the fastest counts."""
    times: list[float] = []
    for _ in range(1 + REPEATS):
        started = time.perf_counter()
        for training in trainings:
            next(training)
        times.append(time.perf_counter() - started)
    for training in trainings:
        training.close()
    return min(times[1:])


def shape_class(net: nn.Module, data: Batches, recipe: Recipe, threads: tuple[int, ...]) -> str:
    """Return in words what networks have in common that are fastest in the same way.

    It is the shape and type of the examples, the batch, the threads there are, the kinds of layers,
    and how many parameters they have, to a power of two.
    """
    parts = [module for module in net.modules() if not isinstance(module, nn.Sequential)]
    leaves = [module for module in parts if not any(module.children())]
    grouped = ["grouped" if getattr(leaf, "groups", 1) > 1 else "" for leaf in leaves]
    named = zip(grouped, (type(leaf).__name__ for leaf in leaves), strict=True)
    kinds = " ".join(sorted({f"{how} {name}".strip() for how, name in named}))
    params = max(1, sum(p.numel() for p in net.parameters()))
    shape = "x".join(map(str, data.x.shape[1:]))
    kind = str(data.x.dtype).removeprefix("torch.")
    batch = recipe.batch_for(len(data))
    return (
        f"{shape} {kind}, batches of {batch}, up to {max(threads)} threads,"
        f" 2^{params.bit_length() - 1} parameters in {kinds}"
    )


def settled(net: nn.Module, data: Batches, recipe: Recipe) -> Measured:
    """Return a plan that depends on nothing measured: equal commands then give equal trials."""
    return again(net, data, recipe, Plan(channels_last=data.images, keep_freed=True))


def _quicker(one: Measured, other: Measured) -> Measured:
    return min(one, other, key=lambda measured: measured.seconds)


def _measure(net: nn.Module, data: Batches, recipe: Recipe, plan: Plan, to_beat: float) -> Measured:
    steps = trainer(net, data, recipe, plan, seed=0, progress=lambda step: step / 100)
    times: list[float] = []
    for _ in range(1 + REPEATS):
        started = time.perf_counter()
        next(steps)
        times.append(time.perf_counter() - started)
        if times[0] > HOPELESS * to_beat:
            break
    steps.close()
    return Measured(plan, min(times[1:] or times))


def device() -> torch.device:
    """Return the accelerator of this machine, or its CPU."""
    return torch.accelerator.current_accelerator() or torch.device("cpu")
