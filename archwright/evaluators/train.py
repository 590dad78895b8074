"""Evaluates an architecture by training it and scoring it on rows it has not seen."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from archwright.core.architecture import Architecture, decode
from archwright.core.objective import Objective
from archwright.core.space import Node
from archwright.core.trial import Proposal, Result
from archwright.errors import TrialError
from archwright.measure.cost import latency_ms
from archwright.measure.scores import probabilities, scores
from archwright.nets.build import build
from archwright.nets.prepare import prepare
from archwright.nets.site import Signature
from archwright.nets.weigh import counted
from archwright.train.fit import Batches, Plan, outputs
from archwright.train.fuse import fit_all, possible
from archwright.train.plan import again, device
from archwright.train.recipe import Recipe

POINTS, CURVE_ROWS = 12, 1000
"""A learning curve has at most so many points: one an epoch, fewer where epochs are many, three
where there is less than one. Each is of so many validation rows, the last one of all of them."""


QUICK = 10
"""So often is the latency of a candidate measured; that of the final networks more often."""


@dataclass(frozen=True)
class Split:
    """Preprocessed examples, and which rows train and which validate.

    Args:
        x: (examples, *shape).
        y: (examples,), int64 classes or float32 values.
    """

    signature: Signature
    x: Tensor
    y: Tensor
    train: Tensor
    valid: Tensor


def same_shape(splits: Sequence[Split]) -> bool:
    """Return whether there are several splits, for all of which networks have one shape."""
    return len(splits) > 1 and len({split.signature for split in splits}) == 1


@dataclass(frozen=True)
class Group:
    """Networks of one architecture, one for each of some splits, that are trained together.

    Args:
        batch: Rows a step.
        losses: Of each network, of the steps since the last point of the curves.
    """

    nets: tuple[nn.Module, ...]
    splits: tuple[Split, ...]
    batch: int
    curves: tuple[list[dict[str, float]], ...]
    losses: list[tuple[float, ...]] = field(default_factory=list)

    @property
    def pairs(self) -> list[tuple[nn.Module, Split]]:
        return list(zip(self.nets, self.splits, strict=True))

    @property
    def data(self) -> list[Batches]:
        return [Batches(split.x, split.y, split.train) for split in self.splits]

    @property
    def per_epoch(self) -> int:
        """Steps an epoch."""
        return max(1, round(len(self.splits[0].train) / self.batch))

    def mark(self, step: int) -> None:
        """Begin a point of each curve: how far training is, and its loss since the last one."""
        means = np.mean(self.losses or [(0.0,) * len(self.nets)], axis=0)
        for curve, mean in zip(self.curves, means, strict=True):
            curve.append({"epoch": step / self.per_epoch, "train_loss": float(mean)})
        self.losses.clear()


def never() -> str:
    """Never ask a training to stop."""
    return ""


@dataclass(frozen=True)
class Train:
    """Builds, trains and scores a proposal on each split; the metrics are means over the splits.

    Networks are trained one after the other, or at once if they are no larger than the plan says.

    Args:
        step_limit: Seconds that a training may take for each of its steps: a slower network makes
            fewer, and its schedule is as complete.
        limit: Seconds after which one trial is given up.
        stop: Is asked after each step; a reason ends the trial.
    """

    space: Node
    splits: tuple[Split, ...]
    recipe: Recipe
    plan: Plan
    aim: Objective
    bounds: tuple[Objective, ...] = ()
    seed: int = 0
    step_limit: float = float("inf")
    limit: float = float("inf")
    stop: Callable[[], str] = field(default=never)

    def __call__(self, proposal: Proposal) -> Result:
        started = time.monotonic()
        torch.set_num_threads(self.plan.threads)  # sums depend on it in the last bit
        results = self._results(proposal, started)
        names = [n for n in results[0].metrics if all(n in r.metrics for r in results)]
        means = {name: float(np.mean([r.metrics[name] for r in results])) for name in names}
        if self.aim.metric not in means:
            raise TrialError(f"{self.aim.metric} is not defined: a class is missing in validation")
        return Result(means, results[0].curve, results[0].artefacts)

    def _results(self, proposal: Proposal, started: float) -> list[Result]:
        """Train for each split: at once what the plan has trained so, else one after the other."""
        if self.plan.fused and same_shape(self.splits):
            group = self._group(proposal, self.splits)
            small = sum(p.numel() for p in group.nets[0].parameters()) <= self.plan.fused
            if small and possible(group.nets, group.data):
                return self._trained(proposal, group, started)
        return [
            self._trained(proposal, self._group(proposal, (split,)), started)[0]
            for split in self.splits
        ]

    def _group(self, proposal: Proposal, splits: tuple[Split, ...]) -> Group:
        nets = tuple(fresh(self.space, proposal.arch, split, self.seed) for split in splits)
        curves: tuple[list[dict[str, float]], ...] = tuple([] for _ in splits)
        return Group(nets, splits, self.recipe.batch_for(len(splits[0].train)), curves)

    def _trained(self, proposal: Proposal, group: Group, started: float) -> list[Result]:
        costs = [self._costs(*pair) for pair in group.pairs]
        steps = self.recipe.steps(len(group.data[0]), proposal.fidelity)
        began = time.perf_counter()
        done = fit_all(
            *(group.nets, group.data, self.recipe, self.plan),
            seed=self.seed,
            steps=steps,
            watch=self._watch(group, steps, started),
            seconds=len(group.nets) * steps * self.step_limit,
        )
        step_ms = 1000 * (time.perf_counter() - began) / done
        if len(group.nets) > 1:  # what a step takes alone, as in the final training
            step_ms = 1000 * again(group.nets[0], group.data[0], self.recipe, self.plan).seconds
        group.mark(done)
        results = []
        for (net, split), cost, curve in zip(group.pairs, costs, group.curves, strict=True):
            found = scores(split.y[split.valid].numpy(), predict(net, split, split.valid))
            curve[-1][self.aim.metric] = found.get(self.aim.metric, 0.0)
            metrics = {**found, **cost, "step_ms": step_ms}
            results.append(Result(metrics, tuple(curve), {"state": weights(net)}))
        return results

    def _costs(self, net: nn.Module, split: Split) -> dict[str, float]:
        costs = {**counted(net, split.signature.shape)}
        costs["latency_ms"] = latency_ms(net, split.signature.shape, QUICK)
        for bound in self.bounds:
            if bound.violated(costs):
                raise TrialError(
                    f"{bound.metric} {costs[bound.metric]:.4g} is above {bound.bound:g}"
                )
        return costs

    def _watch(self, group: Group, steps: int, started: float) -> Callable[..., None]:
        """Return what ends a training that is to stop, and draws the learning curves."""
        epoch = group.per_epoch
        every = max(epoch, -(-steps // POINTS)) if steps > epoch else -(-steps // 3)

        def watch(step: int, *losses: float) -> None:
            group.losses.append(losses)
            reason = self.stop()
            if not reason and time.monotonic() - started > self.limit:
                reason = f"took longer than {self.limit:.0f} s"
            if reason:
                raise TrialError(reason)
            if step % every == 0 and step < steps:
                group.mark(step)
                for (net, split), curve in zip(group.pairs, group.curves, strict=True):
                    rows = split.valid[:: 1 + len(split.valid) // CURVE_ROWS]
                    curve[-1] |= self._point(net, split, rows)
                    net.train()

        return watch

    def _point(self, net: nn.Module, split: Split, rows: Tensor) -> dict[str, float]:
        return scores(split.y[rows].numpy(), predict(net, split, rows), self.aim.metric)


def fresh(space: Node, arch: Architecture, split: Split, seed: int) -> nn.Module:
    """Return an untrained network on this machine's device; equal arguments, equal weights."""
    torch.manual_seed(zlib.crc32(f"{seed}/{arch.key}".encode()))
    net = build(decode(space, arch), split.signature)
    prepare(net, split.x, split.y, split.train)
    return net.to(device())


def weights(net: nn.Module) -> dict[str, Tensor]:
    """Return what the network has learnt, on the CPU, in torch's own memory layout."""
    return {name: tensor.cpu().contiguous() for name, tensor in net.state_dict().items()}


def predict(net: nn.Module, split: Split, rows: Tensor) -> NDArray[Any]:
    """Return (rows, classes) probabilities, or (rows,) values.

    Raises:
        TrialError: the network gives something that is not a number.
    """
    out = outputs(net, split.x, rows).numpy()
    if not np.isfinite(out).all():
        raise TrialError("the network's output is not finite")
    return out[:, 0].astype(np.float64) if split.signature.regression else probabilities(out)
