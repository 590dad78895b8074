"""Networks of equal shape, trained at once: one forward, one backward and one update for all.

Their weights are stacked, and the network is mapped over the stack (`torch.func`). That saves
calls, not arithmetic: on a CPU it pays for small dense networks, several at a time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state

from archwright.errors import TrialError
from archwright.train import optimise
from archwright.train.fit import (
    SETTLING,
    SHORT,
    Batches,
    Plan,
    criterion,
    cycle,
    feed,
    fit,
    schedule,
    settle,
    spread,
)
from archwright.train.memory import keep_freed
from archwright.train.recipe import Recipe

Stack = dict[str, Tensor]
"""Parameters or buffers of several networks by name, (networks, *shape)."""


def fit_all(
    nets: Sequence[nn.Module],
    data: Sequence[Batches],
    recipe: Recipe,
    plan: Plan,
    *,
    seed: int,
    steps: int,
    watch: Callable[..., None],
    seconds: float = math.inf,
) -> int:
    """Train each of the networks on its data as `fit` does; return the number of steps.

    Each sees the batches that it would see alone, where all have equally many rows; else batches
    are of the size that suits the fewest. The results differ by rounding, and by what is dropped
    out. One network is trained by `fit` itself.

    Args:
        nets: Of equal structure, each with weights of its own; changed in place.
        watch: Called after each step with its number and the loss of each network.

    Raises:
        TrialError: the loss of one of them is no longer a number.
    """
    if len(nets) == 1:
        alone = (nets[0], data[0], recipe, plan)
        return fit(*alone, seed=seed, steps=steps, watch=watch, seconds=seconds)
    step, progress = 0, schedule(steps, seconds)
    losses = trainer_all(nets, data, recipe, plan, seed=seed, progress=progress)
    for step, found in enumerate(losses, 1):
        watch(step, *found)
    if step < SHORT:
        for net, each in zip(nets, data, strict=True):
            settle(net, each, recipe, seed=seed, batches=min(SETTLING, 1 + step // SETTLING))
    return step


def trainer_all(
    nets: Sequence[nn.Module],
    data: Sequence[Batches],
    recipe: Recipe,
    plan: Plan,
    *,
    seed: int,
    progress: Callable[[int], float],
) -> Generator[list[float]]:
    """Yield the losses of one step of all networks after another, until `progress` reaches 1.

    Between the steps the networks are up to date. Images are in torch's own memory layout.

    Raises:
        TrialError: the loss of one of them is no longer a number.
    """
    torch.set_num_threads(plan.threads)
    if plan.keep_freed:
        keep_freed()
    where = next(nets[0].parameters()).device
    batch = min(recipe.batch_for(len(each)) for each in data)
    data = [each.on(where) for each in data]
    feeds = [feed(each, recipe, batch, seed) for each in data]
    units = torch.stack([spread(each) for each in data]).to(where)
    goal = partial(criterion, smoothing=recipe.smoothing, widths=data[0].widths)
    for net in nets:
        net.train()
    with stacked(nets) as (params, buffers):
        optimisers, step = optimise.optimisers(nets[0], recipe, params), 0
        while (done := progress(step)) < 1:
            pairs = [next(each) for each in feeds]
            x, y = (torch.stack(part).to(where) for part in zip(*pairs, strict=True))
            with torch.autocast(where.type, torch.bfloat16, enabled=plan.bfloat16):
                out = forward(nets[0], params, buffers, x)
            losses = torch.vmap(goal)(out.float(), y, units)
            for each in params.values():
                each.grad = None
            losses.sum().backward()
            for optimiser in optimisers:
                optimiser.step(cycle(done))
            step += 1
            yield _checked(losses.tolist(), step)


def forward(net: nn.Module, params: Stack, buffers: Stack, x: Tensor) -> Tensor:
    """Return what networks like `net` make of their examples, (networks, rows, outputs).

    Args:
        x: (networks, rows, *shape).
    """

    def one(params: Stack, buffers: Stack, x: Tensor) -> Tensor:
        made: Tensor = functional_call(net, (params, buffers), (x,))
        return made

    found: Tensor = torch.vmap(one, randomness="different")(params, buffers, x)
    return found


@contextmanager
def stacked(nets: Sequence[nn.Module]) -> Iterator[tuple[Stack, Stack]]:
    """Give parameters and buffers as stacks, of which those of the networks are parts meanwhile."""
    params, buffers = stack_module_state(list(nets))
    try:
        for i, net in enumerate(nets):
            for name, own in _tensors(net):
                own.data = (params if name in params else buffers)[name].data[i]
        yield params, buffers
    finally:
        for net in nets:
            for _, own in _tensors(net):
                own.data = own.data.clone()


def possible(nets: Sequence[nn.Module], data: Sequence[Batches]) -> bool:
    """Return whether the networks can be trained at once: some modules of the user's own cannot.

    Nor can those that have nothing to train. Tried on two examples; the networks stay as they are.
    """
    where = next(nets[0].parameters()).device
    try:
        params, buffers = stack_module_state([net.train() for net in nets])
        x = torch.stack([each.x[each.rows[:2]].float() for each in data]).to(where)
        return forward(nets[0], params, buffers, x).requires_grad
    except RuntimeError:  # also of equal names and unequal shapes
        return False


def _tensors(net: nn.Module) -> list[tuple[str, Tensor]]:
    return [*net.named_parameters(), *net.named_buffers()]


def _checked(losses: list[float], step: int) -> list[float]:
    for number, value in enumerate(losses, 1):
        if not math.isfinite(value):
            which = f"network {number} of {len(losses)}"
            raise TrialError(f"the training loss of {which} became {value} after {step} steps")
    return losses
