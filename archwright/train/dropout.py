"""Dropout masks at a fraction of their cost on a processor.

torch draws a mask there by one call of its generator a number. Here one call serves four numbers,
of 16 bits each, so that the share that is dropped is rounded to a 65,536th; what is kept is scaled
by exactly that share. After training a network's layers are those that they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn

LEVELS = 2**16


@contextmanager
def quick(net: nn.Module) -> Iterator[None]:
    """Have the dropout layers of a network on a processor draw their masks faster."""
    layers = [m for m in net.modules() if type(m) is nn.Dropout and 0 < m.p < 1 and not m.inplace]
    for layer in layers:
        layer.forward = partial(_forward, layer)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward


def _forward(layer: nn.Dropout, x: Tensor) -> Tensor:
    if not layer.training or x.device.type != "cpu":
        return nn.Dropout.forward(layer, x)
    return x * mask(x, layer.p)


def mask(like: Tensor, share: float) -> Tensor:
    """Return zeros at a random `share` of the places of a tensor, and elsewhere what makes up."""
    dropped, count = min(round(LEVELS * share), LEVELS - 1), like.numel()
    drawn = torch.empty((count + 3) // 4, dtype=torch.int64).random_(-(2**63), None)
    bits = drawn.view(torch.int16)[:count].view(like.shape)
    kept = torch.ge(bits, dropped - LEVELS // 2, out=torch.empty(like.shape, dtype=like.dtype))
    return kept.mul_(LEVELS / (LEVELS - dropped))
