"""What networks of a space cost, by arithmetic: nothing is run."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import torch
from torch import Tensor, nn

from archwright.core.architecture import Architecture, decode, sample
from archwright.core.space import Choice, Dag, Node, Op, Range, Repeat, Seq, size
from archwright.errors import SpaceError
from archwright.nets.build import build
from archwright.nets.shapes import trace
from archwright.nets.site import Shape, Signature

COPIES, BESIDE = 4, 2.0
"""Of each weight a training keeps four numbers: itself, its gradient and the two of the
optimiser. Of what the backward pass needs there is as much again, for gradients and within
convolutions: a step of 12 networks of `chain` took 1.6 to 3.4 times of it, the less the more."""


def weigh(tree: Any, signature: Signature) -> dict[str, float]:
    """Return parameters and MACs of a hole-free tree, without running anything."""
    return counted(unmade(tree, signature), signature.shape)


def unmade(tree: Any, signature: Signature) -> nn.Module:
    """Return the module of a hole-free tree without its weights, however large it would be."""
    with torch.device("meta"):
        return build(tree, signature).to("meta")


def training_bytes(tree: Any, signature: Signature, rows: int) -> float:
    """Return about how much memory a training step on so many examples takes; nothing is run."""
    kept: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> None:
        """Keep what is saved by itself: with its part of the graph it would never be freed."""
        kept[tensor.untyped_storage()._cdata] = tensor.detach()

    net = unmade(tree, signature).train()
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda nothing: nothing):
        net(torch.empty(rows, *signature.shape, device="meta"))
    held = sum(tensor.untyped_storage().nbytes() for tensor in kept.values())
    weights = sum(p.numel() * p.element_size() for p in net.parameters())
    return float(BESIDE * held + COPIES * weights)


def counted(net: nn.Module, shape: Shape) -> dict[str, float]:
    """Return `params` and `macs` (for one example), as `measure.cost.size` does.

    That one runs the network, and has torch load its compiler for it, which takes seconds.
    """
    params = float(sum(p.numel() for p in net.parameters()))
    return {"params": params, "macs": float(trace(net, shape)[1])}


@dataclass(frozen=True)
class Spread:
    """The lowest, the middle and the highest of some numbers."""

    low: float
    middle: float
    high: float

    @staticmethod
    def of(numbers: Iterable[float]) -> Spread:
        ordered = sorted(numbers)
        return Spread(ordered[0], statistics.median_low(ordered), ordered[-1])


@dataclass(frozen=True)
class Survey:
    """How large a space is, and what the networks drawn from it cost.

    Args:
        size: How many architectures there are.
        depth: How many holes lie inside each other at most.
        holes: How many holes an architecture fills.
        drawn: How many networks were looked at: those drawn at random, and the known-good starts.
        cut: How many of the drawn ones were no network, because nothing reaches their output.
        default: What the hand-made default network costs; empty if there is none.
    """

    size: int
    depth: int
    holes: Spread
    params: Spread
    macs: Spread
    drawn: int
    cut: int
    default: dict[str, float]


def survey(
    space: Node,
    signature: Signature,
    starts: Sequence[Architecture] = (),
    *,
    draws: int = 200,
    seed: int = 0,
) -> Survey:
    """Draw networks and weigh them.

    Raises:
        SpaceError: none of them can be built.
    """
    rng = Random(seed)
    archs = [*starts, *(sample(space, rng) for _ in range(draws))]
    weights, reason = list[dict[str, float]](), ""
    for arch in archs:
        try:
            weights.append(weigh(decode(space, arch), signature))
        except SpaceError as error:
            reason = str(error)
    if not weights:
        raise SpaceError(f"none of {len(archs)} networks drawn can be built: {reason}")
    return Survey(
        size=size(space),
        depth=depth(space),
        holes=Spread.of(len(arch.decisions) for arch in archs),
        params=Spread.of(each["params"] for each in weights),
        macs=Spread.of(each["macs"] for each in weights),
        drawn=len(archs),
        cut=len(archs) - len(weights),
        default=weights[0] if starts else {},
    )


def depth(node: Any) -> int:
    """Return how many holes lie inside each other at most: 1 for a hole with plain options."""
    match node:
        case Choice(options):
            return 1 + _deepest(options)
        case Range():
            return 1
        case Op(_, params):
            return _deepest(value for _, value in params)
        case Seq(children):
            return _deepest(children)
        case Repeat(child, times):
            return depth(child) + (0 if isinstance(times, int) else 1)
        case Dag(edges, _, _, vertices):
            ends = _deepest(source for source, _, _ in edges)
            return max(ends, _deepest(child for _, _, child in edges), _deepest(vertices))
        case tuple():
            return _deepest(node)
    return 0


def _deepest(nodes: Iterable[Any]) -> int:
    return max(map(depth, nodes), default=0)
