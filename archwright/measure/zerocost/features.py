"""Scores of the features between the blocks of a network, under initial weights of their own."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from archwright.measure.zerocost.blocks import BATCH_NORMS, initial
from archwright.measure.zerocost.probe import Probe, captured

STEP = 0.01
SMALL = 1e-6


def zen(probe: Probe) -> float:
    """Log of how far the last features move under noise (Lin et al., 2021, arXiv:2102.01063).

    Under normal weights, plus for each batch norm the log of the deviation that it divides by. The
    features are those that are pooled or, in a dense network, go into the last layer. The noise has
    the mean and deviation of the mini-batch; a table's rows are themselves, with noise added.
    """
    net, generator = probe.copy, probe.generator()
    weights = initial(net, generator, fan_in=False)
    base, noise = _noise(probe.few[0], generator)
    scale: list[float] = []
    ends: list[Tensor] = []

    def norm(_module: nn.Module, inputs: tuple[Any, ...], _output: Tensor) -> None:
        over = [axis for axis in range(inputs[0].ndim) if axis != 1]
        scale.append(0.5 * math.log(inputs[0].var(over, correction=0).mean() + 1e-12))

    def end(_module: nn.Module, inputs: tuple[Any, ...], _output: Tensor) -> None:
        ends.append(inputs[0])

    pools = [m for m in net.modules() if isinstance(m, nn.AdaptiveAvgPool2d)]
    dense = [m for m in net.modules() if isinstance(m, nn.Linear)]
    last = pools[-1] if pools else dense[-1]
    norms = [m for m in net.modules() if isinstance(m, BATCH_NORMS)]
    with torch.no_grad(), captured([last], end):
        with captured(norms, norm):
            functional_call(net, weights, (base,))
        functional_call(net, weights, (base + STEP * noise,))
    moved = (ends[0] - ends[-1]).flatten(1).norm(dim=1).mean()
    return math.log(moved) + sum(scale) if moved > 0 else -math.inf


def expressivity(probe: Probe) -> float:
    """Sum over blocks of the entropy of their features' principal components.

    As progressivity and trainability, one of the four scores of AZ-NAS (Lee and Ham, 2024,
    arXiv:2403.19232); the fourth, complexity, is the multiply-accumulates. Blocks are what runs one
    after the other and has weights, the last of them (the head) left out.
    """
    return sum(_entropies(probe.features))


def progressivity(probe: Probe) -> float:
    """The least growth of that entropy from block to block (AZ-NAS, arXiv:2403.19232)."""
    entropies = _entropies(probe.features)
    return min((after - before for before, after in pairwise(entropies)), default=-math.inf)


def trainability(probe: Probe) -> float:
    """Mean over blocks of how near 1 their Jacobian's largest singular value is (AZ-NAS).

    arXiv:2403.19232: -s - 1 / s + 2, where s is that of the mean product of a random gradient of
    signs and what the block makes of it. A block that hands it through unchanged is worst.
    """
    features, generator = probe.features, probe.generator()
    found = []
    for before, after in pairwise(features):
        signs = torch.rand(after.shape, generator=generator, device=after.device).round() * 2 - 1
        (back,) = torch.autograd.grad(
            after, before, signs, retain_graph=True, materialize_grads=True
        )
        if back.shape == signs.shape and torch.equal(back, signs):
            return -math.inf
        s = _largest(back, signs)
        found.append(2 - s - 1 / (s + SMALL))
    return sum(found) / len(found) if found else -math.inf


def _noise(x: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return where to start, and the noise to add, in units of the mini-batch's deviation."""
    over = [0, *range(2, x.ndim)]
    spread = x.std(over, keepdim=True)
    base, noise = (torch.randn(x.shape, generator=generator, device=x.device) for _ in range(2))
    start = x.mean(over, keepdim=True) + spread * base if x.ndim > 2 else x
    return start, spread * noise


def _entropies(features: tuple[Tensor, ...]) -> list[float]:
    """Return the entropy of each feature map's spectrum, in nats."""
    return [_entropy(_vectors(feature.detach())) for feature in features]


def _entropy(vectors: Tensor) -> float:
    centred = vectors - vectors.mean(0)
    if centred.shape[0] < centred.shape[1]:  # the other product has the same spectrum, in less time
        centred = centred.T
    spectrum = torch.linalg.eigvalsh(centred.T @ centred).clamp_min(0)
    share = spectrum / spectrum.sum()
    return -float((share * (share + 1e-8).log()).sum())


def _vectors(feature: Tensor) -> Tensor:
    """Return (examples and places, channels)."""
    return feature.flatten(2).transpose(1, 2).flatten(0, 1) if feature.ndim > 2 else feature


def _largest(back: Tensor, signs: Tensor) -> float:
    """Return the largest singular value of the mean product over examples and places."""
    if signs.ndim == 2:
        back = back.flatten(1)
    elif back.shape[2:] != signs.shape[2:]:
        back = _folded(back, signs.shape[2:])
    rows, columns = _vectors(back), _vectors(signs)
    product = rows.T @ columns / len(rows)
    small = product @ product.T if len(product) < len(product.T) else product.T @ product
    return float(torch.linalg.eigvalsh(small)[-1].clamp_min(0).sqrt())


def _folded(back: Tensor, sides: torch.Size) -> Tensor:
    """Put the places that a block joins into channels, zeros where they do not come out even."""
    stride = max(-(-have // want) for have, want in zip(back.shape[2:], sides, strict=True))
    height, width = (stride * want - have for have, want in zip(back.shape[2:], sides, strict=True))
    return nn.functional.pixel_unshuffle(nn.functional.pad(back, (0, width, 0, height)), stride)
