"""One plain training loop. It knows tensors and a recipe; not tasks, trials or files."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm

from archwright.core.truth import targets
from archwright.errors import TrialError
from archwright.train import optimise
from archwright.train.augment import Augment
from archwright.train.dropout import quick
from archwright.train.memory import keep_freed
from archwright.train.recipe import Recipe

SCORE_BATCH = 256

DATA_SHARE = 0.3
"""Of the free memory of an accelerator, at most, for examples."""

SHORT, SETTLING = 64, 8
"""After fewer steps than this the statistics of batch normalisation are taken anew, from so many
batches at most. On digits that turns an accuracy of 0.13 into 0.72 after 20 steps (`nas101`), 0.50
into 0.89 after 40 (`darts`); it lowers the log loss of most `chain` networks until 60 steps, and is
of no use from 90 on."""


@dataclass(frozen=True)
class Plan:
    """How the arithmetic is done; results differ by rounding only.

    Args:
        threads: Of the processor, for one network.
        channels_last: Memory layout of image batches.
        bfloat16: Train under automatic mixed precision.
        keep_freed: Keep freed memory in the process from now on, see `train.memory`.
        fused: Networks of equal shape, one for each fold, are trained at once if they have at most
            so many parameters, see `train.fuse`; one after the other where it is 0.
    """

    threads: int = 1
    channels_last: bool = False
    bfloat16: bool = False
    keep_freed: bool = False
    fused: int = 0

    @property
    def layout(self) -> torch.memory_format:
        return torch.channels_last if self.channels_last else torch.contiguous_format

    def words(self) -> str:
        """Return the plan in a few words."""
        told = ["channels last"] * self.channels_last + ["bfloat16"] * self.bfloat16
        told += ["freed memory kept"] * self.keep_freed
        told += ["folds at once"] * (self.fused > 0)
        return ", ".join([f"{self.threads} thread{'s' * (self.threads > 1)}", *told])


@dataclass(frozen=True)
class Batches:
    """Examples in memory, in their smallest type, and which of the rows are meant.

    Args:
        x: (examples, *shape), in the smallest type that holds them.
        y: int64 classes or float32 values, (examples,); several values, or bool labels,
            (examples, several).
        rows: (rows,), int64.
        inputs: The shapes of several inputs, where an example is a row that holds them.
        widths: Of a multitask, see `core.truth.Truth`; `y` is float32, (examples, targets).
    """

    x: Tensor
    y: Tensor
    rows: Tensor
    inputs: tuple[tuple[int, ...], ...] = ()
    widths: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def on(self, where: torch.device) -> Batches:
        """Return the same in the memory of an accelerator, if it has room for it.

        Then no batch has to be brought there by itself.
        """
        size = sum(part.numel() * part.element_size() for part in (self.x, self.y))
        if where.type == "cpu" or size > DATA_SHARE * torch.accelerator.get_memory_info(where)[0]:
            return self
        return replace(self, x=self.x.to(where), y=self.y.to(where))

    @property
    def images(self) -> bool:
        """Whether examples are images, or hold some among their inputs."""
        return self.x.ndim == 4 or any(len(shape) == 3 for shape in self.inputs)

    @property
    def regression(self) -> bool:
        return self.y.is_floating_point()


Watch = Callable[[int, float], None]
"""Called after each step with its number and loss; raises to end the training."""


def fit(
    net: nn.Module,
    data: Batches,
    recipe: Recipe,
    plan: Plan,
    *,
    seed: int,
    steps: int,
    watch: Watch,
    seconds: float = math.inf,
) -> int:
    """Train `net` in place for `steps` steps, or as many as `seconds` allow; return how many.

    The schedule follows whichever is further on, so that the learning rate always ends at zero:
    a machine that turns slow costs accuracy, never the promise. After a short training the
    statistics of batch normalisation are settled, see `settle`. A network with nothing to train,
    since it was fitted as it was made, counts as trained.

    Raises:
        TrialError: the loss is no longer a number.
    """
    if not any(p.requires_grad for p in net.parameters()):
        return steps
    step, progress = 0, schedule(steps, seconds)
    for step, loss in enumerate(trainer(net, data, recipe, plan, seed=seed, progress=progress), 1):
        watch(step, loss)
    if step < SHORT:
        settle(net, data, recipe, seed=seed, batches=min(SETTLING, 1 + step // SETTLING))
    return step


def schedule(steps: int, seconds: float) -> Callable[[int], float]:
    """Return what tells how far a training that starts now is (0 ... 1) after so many steps."""
    started = time.monotonic()
    return lambda step: max(step / steps, (time.monotonic() - started) / seconds)


@torch.no_grad()
def settle(net: nn.Module, data: Batches, recipe: Recipe, *, seed: int, batches: int) -> None:
    """Take the statistics of batch normalisation anew: plain means over some training batches.

    The moving averages lag behind weights that still change fast, in deep networks most of all;
    this is the PreciseBN of Wu and Johnson (2021, arXiv:2105.07576). As in use, images are not
    shifted and nothing is dropped out.
    """
    norms = [module for module in net.modules() if isinstance(module, _BatchNorm)]
    known = [norm for norm in norms if norm.running_mean is not None]
    if not known:
        return
    momenta = [norm.momentum for norm in known]
    net.eval()
    for norm in known:
        norm.reset_running_stats()
        norm.momentum = None  # torch then averages all batches alike
        norm.train()
    rows = _rows(data.rows, recipe.batch_for(len(data)), torch.Generator().manual_seed(seed))
    for _, batch in itertools.islice(rows, batches):
        net(_on(net, data.x[batch]))
    for norm, momentum in zip(known, momenta, strict=True):
        norm.momentum = momentum


def trainer(
    net: nn.Module,
    data: Batches,
    recipe: Recipe,
    plan: Plan,
    *,
    seed: int,
    progress: Callable[[int], float],
) -> Generator[float]:
    """Yield the loss of one training step after another, until `progress(step)` reaches 1.

    Raises:
        TrialError: the loss is no longer a number.
    """
    torch.set_num_threads(plan.threads)
    if plan.keep_freed:
        keep_freed()
    net.train().to(memory_format=plan.layout)  # type: ignore[call-overload]
    optimisers = optimise.optimisers(net, recipe)
    where = next(net.parameters()).device
    data = data.on(where)
    batches = feed(data, recipe, recipe.batch_for(len(data)), seed)
    goal = partial(
        criterion,
        unit=spread(data).to(where),
        smoothing=recipe.smoothing,
        widths=data.widths,
    )
    with quick(net):
        for step in itertools.count():
            done = progress(step)
            if done >= 1:
                return
            loss = _loss(net, *next(batches), goal, plan)
            net.zero_grad(set_to_none=True)
            if loss.requires_grad:  # else nothing is trained, and a step is a look at a batch
                loss.backward()
            for optimiser in optimisers:
                optimiser.step(cycle(done))
            value = float(loss.detach())
            if not math.isfinite(value):
                raise TrialError(f"the training loss became {value} after {step + 1} steps")
            yield value


def _loss(
    net: nn.Module, x: Tensor, y: Tensor, goal: Callable[[Tensor, Tensor], Tensor], plan: Plan
) -> Tensor:
    """Return the loss of a batch, which is brought to where the network is."""
    where = next(net.parameters()).device
    x = x.to(where, memory_format=plan.layout) if x.ndim == 4 else x.to(where)
    with torch.autocast(where.type, torch.bfloat16, enabled=plan.bfloat16):
        out = net(x)
    return goal(out.float(), y.to(where))


def cycle(progress: float) -> float:
    """Return the share of the highest learning rate after `progress` (0 ... 1) of the steps."""
    if progress < 0.2:
        return 0.05 + 0.95 * progress / 0.2
    return 0.5 * (1 + math.cos(math.pi * (progress - 0.2) / 0.8))


@torch.inference_mode()
def outputs(net: nn.Module, x: Tensor, rows: Tensor) -> Tensor:
    """Return what `net` makes of those rows, (rows, outputs) float32 on the CPU, in eval mode."""
    net.eval()
    return torch.cat([net(_on(net, x[part])).float().cpu() for part in rows.split(SCORE_BATCH)])


def _on(net: nn.Module, x: Tensor) -> Tensor:
    """Return examples as `net` takes them: its device, its memory layout."""
    where = next(net.parameters()).device
    if x.ndim == 4:
        return x.float().to(where, memory_format=_layout(net))
    return x.float().to(where)


def _layout(net: nn.Module) -> torch.memory_format:
    """Return the memory layout that the network's convolutions have."""
    last = torch.channels_last
    weights = [p for p in net.parameters() if p.ndim == 4 and not p.is_contiguous()]
    return (
        last
        if any(p.is_contiguous(memory_format=last) for p in weights)
        else torch.contiguous_format
    )


def feed(data: Batches, recipe: Recipe, batch: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield batches of so many examples, as a network is to see them, and targets, for ever."""
    generator = torch.Generator().manual_seed(seed)
    augment = Augment(recipe, data.x, generator, data.inputs)
    for epoch, rows in _rows(data.rows, batch, generator):
        yield augment(data.x[rows].float(), rows, epoch), data.y[rows]


def spread(data: Batches) -> Tensor:
    """Return the standard deviation of the values to predict, each by itself; 1 for classes."""
    if not data.regression:
        return torch.ones(())
    return data.y[data.rows].std(0).nan_to_num(1.0).clamp_min(1e-6)


def _rows(rows: Tensor, batch: int, generator: torch.Generator) -> Iterator[tuple[int, Tensor]]:
    """Yield epoch and row numbers for ever, each epoch in a new order, the rest left out."""
    for epoch in itertools.count():
        order = rows[torch.randperm(len(rows), generator=generator)]
        yield from ((epoch, part) for part in order.split(batch) if len(part) == batch)


def criterion(
    out: Tensor, y: Tensor, unit: Tensor, smoothing: float, widths: Sequence[int] = ()
) -> Tensor:
    """Return the loss of a batch: in squared `unit` for values, in nats for classes and labels.

    Where a network gives several answers to each row, one below the other, it is their mean loss.
    Of a multitask it is the mean over the targets, which so count alike.
    """
    if widths:
        each = zip(out.split(list(widths), 1), targets(y, widths), unit, strict=True)
        return torch.stack([criterion(*one, smoothing) for one in each]).mean()
    y = y.repeat_interleave(len(out) // len(y), 0)
    if y.is_floating_point():
        return functional.mse_loss(out.reshape(y.shape) / unit, y / unit)
    if y.dtype == torch.bool:
        softened = y * (1 - smoothing) + smoothing / 2
        return functional.binary_cross_entropy_with_logits(out, softened)
    return functional.cross_entropy(out, y, label_smoothing=smoothing)
