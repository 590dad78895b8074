"""Scores of weights and of the loss's gradient by them; each says where its paper's differs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from archwright.measure.zerocost.blocks import BATCH_NORMS, WEIGHTED
from archwright.measure.zerocost.probe import (
    Probe,
    activations,
    captured,
    grad,
    layer_weights,
    loss,
)

NORMS = (*BATCH_NORMS, nn.LayerNorm, nn.GroupNorm)


def grad_norm(probe: Probe) -> float:
    """Sum over layers of the norm of the gradient (Abdelfattah et al., 2021, arXiv:2101.08134)."""
    return sum(float(g.detach().norm()) for g in probe.gradients.weights)


def snip(probe: Probe) -> float:
    """Sum of |weight x gradient| (Lee et al., 2019, arXiv:1810.02340)."""
    return sum(float(product.abs().sum()) for product in _products(probe))


def plain(probe: Probe) -> float:
    """Sum of weight x gradient (Mozer and Smolensky, 1989, as in arXiv:2101.08134).

    Nothing says that it should be high; it is here to be compared with.
    """
    return sum(float(product.sum()) for product in _products(probe))


def l2_norm(probe: Probe) -> float:
    """Sum over layers of the norm of their fresh weights (arXiv:2101.08134)."""
    return sum(float(w.detach().norm()) for w in layer_weights(probe.net))


def grasp(probe: Probe) -> float:
    """Sum of -weight x (Hessian x gradient) (Wang et al., 2020, arXiv:2002.07376).

    The sign is that of arXiv:2101.08134; both gradients come from the same mini-batch. The second
    derivative makes it the dearest score, four times the gradient itself; on fewer examples or by
    differences it is mostly noise.
    """
    value = loss(probe.copy(probe.x.float()), probe.y, probe.widths)
    gradients = grad(value, probe.weights, create_graph=True)
    along = torch.stack([(g.detach() * g).sum() for g in gradients]).sum()
    curved = grad(along, probe.weights)
    return -sum(float((w.detach() * h).sum()) for w, h in zip(probe.weights, curved, strict=True))


def fisher(probe: Probe) -> float:
    """Sum over weights of what removing their channel costs (Turner et al., 2020, 1906.04113).

    For one channel that is half of the mean over examples of (sum over places of output x
    gradient)^2. It counts once for each weight of the channel, as in the code of arXiv:2101.08134;
    counted once a channel it ranks 73 cells of NAS-Bench-201 worse: 0.35 instead of 0.47.
    """
    run, total = probe.run, 0.0
    for w, output, gradient in zip(run.weights, run.layers, probe.gradients.layers, strict=True):
        product = (output * gradient).detach()
        each = product.flatten(2).sum(2) if product.ndim > 2 else product
        total += 0.5 * w[0].numel() * float(each.square().mean(0).sum())
    return total


def zico(probe: Probe) -> float:
    """Sum over layers of the log of the sum of mean / deviation (Li et al., 2023, 2301.11300).

    Of the gradients of the two halves of the mini-batch; the mean is that of absolute values, as in
    the authors' code. A layer whose gradients do not differ adds nothing.
    """
    (x, y), half = probe.few, len(probe.few[0]) // 2
    halves = (slice(None, half), slice(half, None))
    losses = [loss(probe.copy(x[rows]), y[rows], probe.widths) for rows in halves]
    pairs = [grad(value, probe.weights) for value in losses]
    logs = []
    for one, other in zip(*pairs, strict=True):
        deviation = (one - other).abs() / 2
        mean = (one.abs() + other.abs()) / 2
        ratio = (mean / deviation)[deviation > 0].double().sum()
        if ratio > 0:
            logs.append(math.log(ratio))
    return sum(logs) if logs else -math.inf


def synflow(probe: Probe) -> float:
    """Sum of |weight x gradient| of the summed output for ones (Tanaka et al., 2020, 2006.05467).

    All parameters are made positive and the network linear: normalisation is left out and, where
    ours differs from the paper, so are activations, which change nothing if they are ReLU. What
    turns raw columns into features gives ones. In float64, since the numbers grow with depth.
    """
    net, x = probe.copy, probe.x[:2].float()
    positive = {name: p.detach().abs().double() for name, p in net.named_parameters()}
    layers = [f"{name}.weight" for name, m in net.named_modules() if isinstance(m, WEIGHTED)]
    weights = [positive[name].requires_grad_() for name in layers if name in positive]
    with _linear(net, x):
        output = functional_call(net, positive, (torch.ones_like(x[:1], dtype=torch.float64),))
    found = grad(output.sum(), weights)
    return sum(float((w.detach() * g).abs().sum()) for w, g in zip(weights, found, strict=True))


def _products(probe: Probe) -> list[Tensor]:
    pairs = zip(probe.weights, probe.gradients.weights, strict=True)
    return [(w * g).detach() for w, g in pairs]


@contextmanager
def _linear(net: nn.Module, x: Tensor) -> Iterator[None]:
    """Replace what is not linear or may turn signs by identities, or by ones of its shape."""
    fixed = [m for m in net.modules() if isinstance(m, NORMS) or list(m.buffers(recurse=False))]
    shapes: dict[nn.Module, tuple[int, ...]] = {}

    def shape(module: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> None:
        if output.shape != inputs[0].shape:
            shapes[module] = tuple(output.shape[1:])

    with captured(fixed, shape), torch.no_grad():
        net(x)
    changed = [*fixed, *activations(net)]
    for module in changed:
        module.forward = _ones(shapes[module]) if module in shapes else _same
    try:
        yield
    finally:
        for module in changed:
            del module.forward


def _same(x: Tensor) -> Tensor:
    return x


def _ones(shape: tuple[int, ...]) -> Any:
    return lambda x: x.new_ones(len(x), *shape)
