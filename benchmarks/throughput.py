"""How fast networks are trained: our loop under the plan measured here, and a plain PyTorch loop.

The same network, rows, batches, optimiser and schedule, on one core, one after the other in
processes of their own. The plain loop is what a tutorial shows: float32, torch's own memory layout
and allocator, `torch.optim.AdamW`, a `DataLoader`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from archwright.auto import splits
from archwright.core.architecture import Architecture
from archwright.core.space import Node
from archwright.data import load
from archwright.evaluators.train import Split, fresh
from archwright.measure.cost import size
from archwright.spaces import chain, mlp, resnet
from archwright.train import remember
from archwright.train.fit import Batches, Plan, cycle, fit, outputs
from archwright.train.recipe import Recipe

PRODUCT = 2048
"""Rows and columns of the matrices whose product shows what the processor can do."""

Made = tuple[Node, Architecture]


@dataclass(frozen=True)
class Work:
    """What is trained.

    Args:
        path: The data.
        target: The column to predict, in a table.
        make: Gives a space and one of its architectures for the shape of an example.
        rows: Training rows that are used, at most.
        epochs: Passes over them.
    """

    path: Path
    target: str | None
    make: Callable[[tuple[int, ...]], Made]
    recipe: Recipe
    rows: int
    epochs: int


@dataclass(frozen=True)
class Speed:
    """Examples a second, the test accuracy that they led to, and the share of a large product's
    floating-point operations a second."""

    examples: float
    accuracy: float
    share: float
    plan: str = ""


def small_cnn(shape: tuple[int, ...]) -> Made:
    """Two 3 x 3 convolutions of 32 and 64 filters, each followed by pooling."""
    flat = {"pooling/pooling": "flatten", "dense/dropout": 0.0}
    arch = chain.start((32, 64), (1, 1), ("max_pool", "max_pool"), 3, flat)
    return chain.chain(shape), arch


def residual_cnn(shape: tuple[int, ...]) -> Made:
    """The default network of the space `resnet`."""
    return resnet.resnet(shape), resnet.portfolio(shape)[0]


def dense(shape: tuple[int, ...]) -> Made:
    """The default network for tables."""
    return mlp.mlp(shape), mlp.portfolio(shape)[0]


def measure(work: Work, seed: int, *, plain: bool) -> Speed:
    """Train once, in a process of its own on one core."""
    os.environ["OMP_NUM_THREADS"] = "1"
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(trained, work, seed, plain).result()


def trained(work: Work, seed: int, plain: bool) -> Speed:
    """Train once, here and now."""
    torch.set_num_threads(1)
    task = load(str(work.path), work.target)
    split = splits.final(task)[0]
    split = replace(split, train=split.train[: work.rows])
    space, arch = work.make(split.signature.shape)
    net = fresh(space, arch, split, seed)
    recipe = replace(work.recipe, epochs=work.epochs)
    each = recipe.batch_for(len(split.train))
    steps = work.epochs * (len(split.train) // each)
    train = _plainly if plain else _planned
    seconds, plan = train(net, split, recipe, steps, seed)
    found = outputs(net, split.x, split.valid).argmax(1)
    speed = steps * each / seconds
    operations = 6 * size(net, split.signature.shape)["macs"]  # forwards, and twice that backwards
    accuracy = float((found == split.y[split.valid]).float().mean())
    kind = torch.bfloat16 if plan.bfloat16 else torch.float32
    told = "plain loop" if plain else plan.words()
    return Speed(speed, accuracy, speed * operations / product(kind), told)


def product(kind: torch.dtype) -> float:
    """Return the floating-point operations a second of a large matrix product."""
    a = torch.rand(PRODUCT, PRODUCT).to(kind)
    times = []
    for _ in range(4):
        started = time.perf_counter()
        a @ a
        times.append(time.perf_counter() - started)
    return float(2 * PRODUCT**3 / min(times))


def _planned(
    net: nn.Module, split: Split, recipe: Recipe, steps: int, seed: int
) -> tuple[float, Plan]:
    data = Batches(split.x, split.y, split.train)
    plan = remember.measured(net, data, recipe, (1,)).plan
    started = time.perf_counter()
    fit(net, data, recipe, plan, seed=seed, steps=steps, watch=lambda *_: None)
    return time.perf_counter() - started, plan


def _plainly(
    net: nn.Module, split: Split, recipe: Recipe, steps: int, seed: int
) -> tuple[float, Plan]:
    torch.manual_seed(seed)
    rows = TensorDataset(split.x[split.train], split.y[split.train])
    loader = DataLoader(rows, recipe.batch_for(len(rows)), shuffle=True, drop_last=True)
    optimiser = torch.optim.AdamW(_decayed(net, recipe), recipe.lr)
    started, step = time.perf_counter(), 0
    net.train()
    while step < steps:
        for x, y in loader:
            for group in optimiser.param_groups:
                group["lr"] = recipe.lr * cycle(step / steps)
            optimiser.zero_grad()
            _loss(net, x, y, recipe).backward()
            optimiser.step()
            step += 1
    return time.perf_counter() - started, Plan()


def _loss(net: nn.Module, x: Tensor, y: Tensor, recipe: Recipe) -> Tensor:
    return functional.cross_entropy(net(x.float()), y, label_smoothing=recipe.smoothing)


def _decayed(net: nn.Module, recipe: Recipe) -> list[dict[str, object]]:
    heavy = [p for p in net.parameters() if p.ndim > 1]
    light = [p for p in net.parameters() if p.ndim <= 1]
    return [
        {"params": heavy, "weight_decay": recipe.weight_decay},
        {"params": light, "weight_decay": 0.0},
    ]
