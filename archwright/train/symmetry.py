"""Whether the mirror image of an example is as good as the example: found by trying it.

Flipped photographs of cats are photographs of cats; flipped digits are no digits. A network that
has seen a few images, as they are, knows the difference: it is asked about images it has not seen,
and about their mirror images.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from archwright.core.truth import targets
from archwright.train.fit import Batches, Plan, fit, outputs, spread
from archwright.train.recipe import Recipe

STEPS, ROWS = 100, 2000
"""A network is trained for so many steps, if there is time, and asked about so many images."""

HARM = 0.1
"""Flipping is harmless if, two standard errors included, it costs less than this share of what the
network has learnt: of the distance to the loss of the best constant answer."""

AXES = (-1, -2)
"""Left and right; top and bottom."""


def mirrored(
    net: nn.Module, data: Batches, valid: Tensor, recipe: Recipe, plan: Plan, seconds: float
) -> tuple[int, ...]:
    """Return the axes along which images may be flipped; none where there is too little to tell.

    Args:
        net: A fresh network of the kind that is searched; it is trained.
        data: Training rows.
        valid: Rows to ask about.
        seconds: That training may take.
    """
    if data.x.ndim != 4 or not len(valid):
        return ()
    fit(net, data, recipe, plan, seed=0, steps=STEPS, watch=lambda *_: None, seconds=seconds)
    rows = valid[:: 1 + len(valid) // ROWS]
    images, y = data.x[rows], data.y[rows]
    every = torch.arange(len(rows))
    losses = partial(_losses, unit=spread(data), widths=data.widths)
    plain = losses(outputs(net, images, every), y)
    constant = _constant(data.y[data.rows], y, spread(data), data.widths)
    learnt = float((constant - plain).mean())
    found = []
    for axis in AXES:
        harm = losses(outputs(net, images.flip(axis), every), y) - plain
        if float(harm.mean() + 2 * harm.std() / len(rows) ** 0.5) < HARM * learnt:
            found.append(axis)
    return tuple(found)


def _losses(out: Tensor, y: Tensor, unit: Tensor, widths: Sequence[int] = ()) -> Tensor:
    """Return each row's loss, of a multitask the mean over the targets."""
    if widths:
        parts = zip(out.split(list(widths), 1), targets(y, widths), unit, strict=True)
        return torch.stack([_losses(*part) for part in parts]).mean(0)
    if y.is_floating_point():
        return _of_rows(((out.reshape(y.shape) - y) / unit) ** 2)
    if y.dtype == torch.bool:
        each = functional.binary_cross_entropy_with_logits(out, y.float(), reduction="none")
        return _of_rows(each)
    return functional.cross_entropy(out, y, reduction="none")


def _of_rows(each: Tensor) -> Tensor:
    """Return the means over several values or labels of a row, where there are several."""
    return each.flatten(1).mean(1) if each.ndim > 1 else each


def _constant(known: Tensor, y: Tensor, unit: Tensor, widths: Sequence[int] = ()) -> Tensor:
    """Return each row's loss under the best answer to `known` that is the same for all."""
    if widths:
        pairs = zip(targets(known, widths), targets(y, widths), unit, strict=True)
        return torch.stack([_constant(*pair) for pair in pairs]).mean(0)
    if y.is_floating_point():
        return _of_rows(((known.mean(0) - y) / unit) ** 2)
    if y.dtype == torch.bool:
        odds = ((known.sum(0) + 1) / (len(known) + 2)).logit()
        return _losses(odds.expand(len(y), -1), y, unit)
    counts = torch.bincount(known, minlength=int(y.max()) + 1) + 1.0
    return -(counts / counts.sum()).log()[y]
