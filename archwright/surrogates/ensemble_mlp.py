"""An ensemble of small networks over answers and graph features, in NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from archwright.surrogates.base import Floats, Rows

Numbers = NDArray[np.float32]

Scaling = tuple[Numbers, Numbers, Numbers]
"""The mean of the answers; the mean and the deviation of the features."""

LEAST = 0.01
"""Of the variance: where all networks agree they are still not certain; losses have one of 1."""

WARM, DECAYS = 1e-8, (0.9, 0.99)
"""Of Adam: what keeps it from dividing by zero, and how slowly it forgets both its means."""


@dataclass(frozen=True)
class Ensemble:
    """Averages small networks that began with other weights.

    As in BANANAS (White et al., 2021, arXiv:1910.11858), whose ensembles have five members. There
    each has ten layers of width 20 and reads the path encoding; ours has one hidden layer, reads
    answers and graph features, which include the lengths of paths, and is trained on all rows at
    once, so that a fit takes less than a tenth of a second. On NAS-Bench-201 (CIFAR-10) two layers
    of 32 found the optimum no sooner.

    Args:
        members: How many networks.
        layers: The widths of the hidden layers.
        steps: Of Adam (arXiv:1412.6980).
        lr: The learning rate at the beginning; it falls to 0 in a straight line.
        decay: How much each weight shrinks at each step, times the learning rate.
    """

    members: int = 5
    layers: tuple[int, ...] = (64,)
    steps: int = 120
    lr: float = 0.02
    decay: float = 0.01

    def fit(self, rows: Rows, losses: Floats) -> FittedEnsemble:
        scaling = rows.answers.mean(0), rows.features.mean(0), rows.features.std(0)
        x = _inputs(rows, scaling)
        widths = (x.shape[1], *self.layers, 1)
        flat, weights = _begin(self.members, widths)
        y = losses.astype(np.float32)[:, None]
        slope, first, second = (np.zeros_like(flat) for _ in range(3))
        slopes = _views(slope, self.members, widths)
        for step in range(1, self.steps + 1):
            _backward(x, y, weights, slopes)
            first += (1 - DECAYS[0]) * (slope - first)
            second += (1 - DECAYS[1]) * (slope * slope - second)
            lr = self.lr * (1 - (step - 1) / self.steps)
            size = lr * np.sqrt(1 - DECAYS[1] ** step) / (1 - DECAYS[0] ** step)
            flat *= 1 - lr * self.decay
            flat -= np.float32(size) * first / (np.sqrt(second) + WARM)
        return FittedEnsemble(scaling, weights)


@dataclass(frozen=True)
class FittedEnsemble:
    """Networks that have learnt: for each layer the weights of all members, biases last."""

    scaling: Scaling
    weights: Sequence[Numbers]

    def predict(self, rows: Rows) -> tuple[Floats, Floats]:
        """Return the mean and the standard deviation over the members."""
        found = _forward(_inputs(rows, self.scaling), self.weights)[-1][..., 0].astype(np.float64)
        spread = found.var(0, ddof=1 if len(found) > 1 else 0)
        return found.mean(0), np.sqrt(np.maximum(spread, LEAST))


def _inputs(rows: Rows, scaling: Scaling) -> Numbers:
    """Return the rows about 0 with deviation 1; features that never varied are left at 0.

    What they would do is up to the first weights: with them, the optimum of NAS-Bench-201 took
    twice as many trainings.
    """
    middle, shift, scale = scaling
    features = np.where(scale > 0, (rows.features - shift) / np.where(scale > 0, scale, 1), 0)
    table: Numbers = np.hstack([2 * (rows.answers - middle), features]).astype(np.float32)
    return table


def _begin(members: int, widths: Sequence[int]) -> tuple[Numbers, list[Numbers]]:
    """Return weights by He et al. (2015, arXiv:1502.01852), as one vector and as its layers."""
    draws = np.random.default_rng(0)
    size = sum((a + 1) * b for a, b in pairwise(widths))
    flat = np.zeros(members * size, dtype=np.float32)
    layers = _views(flat, members, widths)
    for layer in layers:
        inputs, outputs = layer.shape[1] - 1, layer.shape[2]
        layer[:, :-1] = draws.normal(0, np.sqrt(2 / inputs), (members, inputs, outputs))
    return flat, layers


def _views(flat: Numbers, members: int, widths: Sequence[int]) -> list[Numbers]:
    """Return (members, inputs + 1, outputs) for each layer; they share the memory of `flat`."""
    sizes = [members * (a + 1) * b for a, b in pairwise(widths)]
    parts = np.split(flat, np.cumsum(sizes)[:-1])
    shapes = [(members, a + 1, b) for a, b in pairwise(widths)]
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def _forward(x: Numbers, weights: Sequence[Numbers]) -> list[Numbers]:
    """Return what enters each layer, then what comes out at the end, for each member."""
    entered: list[Numbers] = [np.broadcast_to(x, (len(weights[0]), *x.shape))]
    for layer in weights:
        out = entered[-1] @ layer[:, :-1] + layer[:, -1:]
        entered.append(out if layer is weights[-1] else np.maximum(out, 0, out=out))
    return entered


def _backward(x: Numbers, y: Numbers, weights: Sequence[Numbers], slopes: list[Numbers]) -> None:
    """Write the slopes of each member's mean squared error, by layer."""
    entered = _forward(x, weights)
    error = (entered[-1] - y) * np.float32(2 / len(y))
    for layer in reversed(range(len(weights))):
        slopes[layer][:, :-1] = entered[layer].swapaxes(1, 2) @ error
        slopes[layer][:, -1] = error.sum(1)
        if layer:
            error = (error @ weights[layer][:, :-1].swapaxes(1, 2)) * (entered[layer] > 0)
