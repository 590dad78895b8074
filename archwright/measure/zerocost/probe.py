"""One untrained network and one mini-batch: the passes that several scores share.

Each pass is made when it is first asked for, and once. All happens on one copy (copying costs as
much as a pass), so that the network keeps its weights, mode, statistics and gradients. Which scores
there are is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from archwright.core.truth import targets
from archwright.measure.zerocost.blocks import WEIGHTED, features, initial

IMAGES = 16
"""Of images so many are enough for what looks at each place, or costs most: the scores of 16 and
of 64 rank 11 cells of NAS-Bench-201 alike (correlations of 0.97 to 1.00, trainability 0.94)."""

ROWS = 4
"""Enough images to see whether the output depends on them; rows of a table may well be equal."""

Capture = Callable[[nn.Module, tuple[Any, ...], Tensor], None]


@dataclass(frozen=True)
class Pass:
    """What one forward pass left behind, its graph included.

    Args:
        x: What went in, as a leaf.
        output: The network's answers.
        layers: The outputs of the layers with weights, before normalisation.
        weights: Of these layers.
        active: For each activation, (examples, units): whether its input is above 0.
    """

    x: Tensor
    output: Tensor
    layers: tuple[Tensor, ...]
    weights: tuple[Tensor, ...]
    active: tuple[Tensor, ...]


@dataclass(frozen=True)
class Gradients:
    """Of the loss: by weights and by the outputs of their layers, in the order of each."""

    weights: tuple[Tensor, ...]
    layers: tuple[Tensor, ...]


@dataclass(frozen=True)
class Probe:
    """A network, a mini-batch, and what they give each other.

    Args:
        net: Fresh; it is only read.
        x: (examples, *shape), any number type, two examples at least.
        y: int64 classes, bool labels or float values.
        seed: Of what a score draws itself: noise, its own initial weights.
        widths: Of a multitask, see `core.truth.Truth`.
    """

    net: nn.Module
    x: Tensor
    y: Tensor
    seed: int = 0
    widths: tuple[int, ...] = ()

    def generator(self) -> torch.Generator:
        return torch.Generator(self.x.device).manual_seed(self.seed)

    @cached_property
    def copy(self) -> nn.Module:
        """What the passes run through: in training mode, without dropout and gradients.

        Whoever changes its mode or a module changes it back; its weights never change.
        """
        copy = deepcopy(self.net)
        copy.zero_grad()
        return working(copy)

    @cached_property
    def weights(self) -> tuple[Tensor, ...]:
        return layer_weights(self.copy)

    @cached_property
    def few(self) -> tuple[Tensor, Tensor]:
        """The examples of the dearest scores: all rows of a table, the first `IMAGES` images."""
        rows = slice(None if self.x.ndim == 2 else IMAGES)
        return self.x[rows].detach().float(), self.y[rows]

    @cached_property
    def dead(self) -> bool:
        """Whether the output is the same whatever goes in."""
        rows = self.few[0] if self.x.ndim == 2 else self.few[0][:ROWS]
        with torch.no_grad():
            output = self.copy(rows)
        return bool((output == output[:1]).all())

    @cached_property
    def run(self) -> Pass:
        x = self.x.detach().float().clone().requires_grad_()
        layers: list[Tensor] = []
        weights: list[Tensor] = []
        active: list[Tensor] = []

        def layer(module: nn.Module, _inputs: tuple[Any, ...], output: Tensor) -> None:
            layers.append(output)
            weights.append(module.get_parameter("weight"))

        def unit(_module: nn.Module, inputs: tuple[Any, ...], _output: Tensor) -> None:
            active.append((inputs[0].detach() > 0).flatten(1))

        weighted = [m for m in self.copy.modules() if isinstance(m, WEIGHTED)]
        with captured(weighted, layer), captured(activations(self.copy), unit):
            output = self.copy(x)
        return Pass(x, output, tuple(layers), tuple(weights), tuple(active))

    @cached_property
    def gradients(self) -> Gradients:
        parts = [*self.weights, *self.run.layers]
        found = grad(loss(self.run.output, self.y, self.widths), parts)
        return Gradients(found[: len(self.weights)], found[len(self.weights) :])

    @cached_property
    def jacobian(self) -> Tensor:
        """The sum of the outputs of each example by its input: (examples, inputs), float64."""
        (found,) = grad(self.run.output.sum(), [self.run.x])
        return found.flatten(1).double()

    @cached_property
    def features(self) -> tuple[Tensor, ...]:
        """What each block gives under He's initial weights, the graph included."""
        weights = initial(self.copy, self.generator(), fan_in=True)
        return features(self.copy, self.few[0].clone().requires_grad_(), weights)


def working(net: nn.Module) -> nn.Module:
    """Return the network in training mode, but for its dropout."""
    net.train()
    for module in net.modules():
        if isinstance(module, nn.modules.dropout._DropoutNd):
            module.eval()
    return net


def layer_weights(net: nn.Module) -> tuple[Tensor, ...]:
    """Return the weights of layers, without biases and normalisation, each once."""
    return tuple(m.weight for m in net.modules() if isinstance(m, WEIGHTED))


def activations(net: nn.Module) -> list[nn.Module]:
    """Return torch's activations of one number at a time; an identity is none."""
    home, other = nn.ReLU.__module__, (nn.MultiheadAttention, nn.Softmax, nn.LogSoftmax)
    found = [m for m in net.modules() if type(m).__module__ == home]
    return [m for m in found if not isinstance(m, other)]


def loss(output: Tensor, y: Tensor, widths: Sequence[int] = ()) -> Tensor:
    """Return the cross-entropy; for values the squared error in units of their spread."""
    if widths:
        each = zip(output.split(list(widths), 1), targets(y, widths), strict=True)
        return torch.stack([loss(*one) for one in each]).mean()
    if y.dtype == torch.bool:
        return nn.functional.binary_cross_entropy_with_logits(output, y.float())
    if not y.is_floating_point():
        return nn.functional.cross_entropy(output, y)
    scale = y.std(0).clamp_min(1e-6)
    return nn.functional.mse_loss(output.reshape(y.shape) / scale, y / scale)


def grad(
    value: Tensor, parts: Sequence[Tensor], *, create_graph: bool = False
) -> tuple[Tensor, ...]:
    """Return the gradient by each part, zeros where it has no influence; the graph is kept."""
    return torch.autograd.grad(
        value, list(parts), retain_graph=True, create_graph=create_graph, materialize_grads=True
    )


@contextmanager
def captured(modules: Sequence[nn.Module], capture: Capture) -> Iterator[None]:
    """Call `capture` after each forward pass of the modules, for as long as this is held open."""
    handles = [module.register_forward_hook(capture) for module in modules]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
