"""Zero-cost scores: what an untrained network and one mini-batch say about a trained one.

Higher is meant to be better in each. None of them is to be believed on its own: they mostly count
weights and non-linear units, and which of them helps differs from task to task; `core.ranks` joins
them and learns their weights from the first trained networks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from torch import Tensor, nn

from archwright.errors import SpaceError, nearest
from archwright.measure.cost import size
from archwright.measure.zerocost.activations import epe_nas, jacob_cov, nwot, swap
from archwright.measure.zerocost.features import expressivity, progressivity, trainability, zen
from archwright.measure.zerocost.gradients import (
    fisher,
    grad_norm,
    grasp,
    l2_norm,
    plain,
    snip,
    synflow,
    zico,
)
from archwright.measure.zerocost.probe import Probe, working

WORST = -math.inf
"""The score of a network whose output does not depend on its input, or where it is not defined."""


def params(probe: Probe) -> float:
    """Trainable parameters."""
    return float(sum(p.numel() for p in probe.net.parameters() if p.requires_grad))


def macs(probe: Probe) -> float:
    """Multiply-accumulates for one example; as `complexity` the fourth score of AZ-NAS."""
    found = size(probe.copy, tuple(probe.x.shape[1:]))["macs"]
    working(probe.copy)  # counting is done in evaluation mode
    return found


COUNTS: dict[str, Callable[[Probe], float]] = {
    "params": params,
    "macs": macs,
    "complexity": macs,
    "l2_norm": l2_norm,
}
"""What is there without any data, and also where a network is of no use."""

ZERO_COST: dict[str, Callable[[Probe], float]] = {
    **COUNTS,
    "grad_norm": grad_norm,
    "snip": snip,
    "plain": plain,
    "grasp": grasp,
    "fisher": fisher,
    "synflow": synflow,
    "zico": zico,
    "jacob_cov": jacob_cov,
    "epe_nas": epe_nas,
    "nwot": nwot,
    "swap": swap,
    "zen": zen,
    "expressivity": expressivity,
    "progressivity": progressivity,
    "trainability": trainability,
}


def scores(
    net: nn.Module,
    x: Tensor,
    y: Tensor,
    names: Sequence[str] = tuple(ZERO_COST),
    seed: int = 0,
    widths: Sequence[int] = (),
) -> dict[str, float]:
    """Return the scores of a fresh network on one mini-batch; equal arguments, equal scores.

    Passes that several scores need are made once. The network is left as it was.

    Args:
        x: (examples, *shape), 64 examples or so, any number type.
        y: int64 classes or float values, (examples,); bool labels or several values, (examples,
            several).
        seed: Of the draws that some scores make themselves.
        widths: Of a multitask, see `core.truth.Truth`.

    Raises:
        SpaceError: there is no score of such a name.
    """
    for name in names:
        if name not in ZERO_COST:
            raise SpaceError(f"no such zero-cost score: {name!r}{nearest(name, ZERO_COST)}")
    probe = Probe(net, x, y, seed, tuple(widths))
    found = {name: _score(probe, name) for name in names}
    return {name: value if math.isfinite(value) else WORST for name, value in found.items()}


def _score(probe: Probe, name: str) -> float:
    return WORST if name not in COUNTS and probe.dead else float(ZERO_COST[name](probe))
