"""Updates of the weights: AdamW, and Muon for the filters of convolutions.

torch's own classes are not used: the first that is made loads torch's compiler, for two seconds,
and its Muon knows matrices alone and computes in bfloat16, which many CPUs emulate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.optim.adamw import adamw

from archwright.train.recipe import Recipe

BETAS, EPS = (0.9, 0.999), 1e-8

MOMENTUM, ITERATIONS = 0.6, 3
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of the Newton-Schulz iteration: they lift small singular values fast, and leave all near 1."""


class Optimiser(Protocol):
    """Changes parameters by their gradients."""

    def step(self, share: float) -> None:
        """Make a step at this share of the highest learning rate."""


def optimisers(
    net: nn.Module, recipe: Recipe, stack: Mapping[str, Tensor] | None = None
) -> list[Optimiser]:
    """Return what trains all parameters of a network.

    Biases and normalisation are spared weight decay. Muon, where the recipe has it, takes the
    filters of convolutions, but for those that see one channel each.

    Args:
        stack: The parameters of several such networks by name, (networks, *shape), to be trained
            instead of its own.
    """
    named = {name: p for name, p in net.named_parameters() if p.requires_grad}
    found = [m.weight for m in net.modules() if isinstance(m, nn.Conv2d) and m.groups == 1]
    ids = {id(p) for p in found} if recipe.muon else set()
    trained = stack or named
    turned = [trained[name] for name, p in named.items() if id(p) in ids]
    heavy = [trained[name] for name, p in named.items() if id(p) not in ids and p.ndim > 1]
    light = [trained[name] for name, p in named.items() if id(p) not in ids and p.ndim <= 1]
    made: list[Optimiser] = []
    if turned:
        made.append(Muon(turned, recipe.muon, stacked=stack is not None))
    if heavy:
        made.append(AdamW(heavy, recipe.lr, recipe.weight_decay))
    if light:
        made.append(AdamW(light, recipe.lr, 0.0))
    return made


class AdamW:
    """Adam with decoupled weight decay (arXiv:1711.05101).

    Args:
        params: Whose `grad` is followed.
        lr: The highest learning rate.
        decay: Weight decay, as a share of the learning rate.
    """

    def __init__(self, params: Sequence[Tensor], lr: float, decay: float) -> None:
        self.params, self.lr, self.decay = list(params), lr, decay
        self.means = [torch.zeros_like(p) for p in params]
        self.squares = [torch.zeros_like(p) for p in params]
        self.steps = [torch.zeros((), device=p.device) for p in params]

    def step(self, share: float) -> None:
        grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in self.params]
        adamw(
            *(self.params, grads, self.means, self.squares, [], self.steps),
            fused=True,
            amsgrad=False,
            beta1=BETAS[0],
            beta2=BETAS[1],
            lr=self.lr * share,
            weight_decay=self.decay,
            eps=EPS,
            maximize=False,
        )


class Muon:
    """Momentum whose steps are orthogonalised: every direction of a filter bank moves alike.

    As in airbench (Jordan, 2024): Nesterov momentum, few iterations, and filters kept at a fixed
    norm, so that no weight decay is needed.

    Args:
        params: Filters, (outputs, ...), whose `grad` is followed.
        lr: The highest learning rate.
        stacked: Whether they are those of several networks, (networks, outputs, ...).
    """

    def __init__(self, params: Sequence[Tensor], lr: float, *, stacked: bool = False) -> None:
        self.params, self.lr = list(params), lr
        self.turned = torch.vmap(_turned, in_dims=(0, 0, None)) if stacked else _turned
        self.momenta = [torch.zeros_like(p) for p in params]

    @torch.no_grad()
    def step(self, share: float) -> None:
        for p, momentum in zip(self.params, self.momenta, strict=True):
            if p.grad is None:
                continue
            momentum.mul_(MOMENTUM).add_(p.grad)
            ahead = p.grad.add(momentum, alpha=MOMENTUM)
            p.copy_(self.turned(p, ahead, self.lr * share))


def _turned(filters: Tensor, along: Tensor, rate: float) -> Tensor:
    scaled: Tensor = filters * (len(filters) ** 0.5 / filters.norm())
    return scaled - rate * orthogonal(along.flatten(1)).view_as(filters)


def orthogonal(matrix: Tensor) -> Tensor:
    """Return the nearest matrix whose singular values are all about 1.

    By Newton-Schulz iteration, which needs products of matrices only.
    """
    a, b, c = COEFFICIENTS
    x: Tensor = matrix / (matrix.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    for _ in range(ITERATIONS):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x
