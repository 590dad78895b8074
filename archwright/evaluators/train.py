"""Evaluates an architecture by training it and scoring it on rows it has not seen."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
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
from archwright.evaluators.checkpoints import Checkpoints
from archwright.measure.cost import latency_ms
from archwright.measure.scores import probabilities, scores
from archwright.nets.build import build
from archwright.nets.inherit import inherit
from archwright.nets.prepare import prepare
from archwright.nets.site import Signature
from archwright.nets.weigh import counted
from archwright.train.fit import Batches, Plan, fit, outputs
from archwright.train.plan import device
from archwright.train.recipe import Recipe

POINTS, CURVE_ROWS = 12, 1000
"""A learning curve has at most so many points: one an epoch, fewer where epochs are many, three
where there is less than one. Each is of so many validation rows, the last one of all of them."""


QUICK = 10
"""So often is the latency of a candidate measured; that of the final networks more often."""

INHERITED = 0.5
"""For so much of its steps a network is trained that began with a parent's weights."""


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


def never() -> str:
    """Never ask a training to stop."""
    return ""


@dataclass(frozen=True)
class Train:
    """Builds, trains and scores a proposal on each split; the metrics are means over the splits.

    Args:
        step_limit: Seconds that a training may take for each of its steps: a slower network makes
            fewer, and its schedule is as complete.
        limit: Seconds after which one trial is given up.
        stop: Is asked after each step; a reason ends the trial.
        parents: Weights that children begin with; the metric `inherited` tells the share of a
            network's parameters that came so. The others begin and are trained as ever.
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
    parents: Checkpoints | None = None

    def __call__(self, proposal: Proposal) -> Result:
        started = time.monotonic()
        torch.set_num_threads(self.plan.threads)  # sums depend on it in the last bit
        results = [self._one(proposal, split, started) for split in self.splits]
        names = [n for n in results[0].metrics if all(n in r.metrics for r in results)]
        means = {name: float(np.mean([r.metrics[name] for r in results])) for name in names}
        if self.aim.metric not in means:
            raise TrialError(f"{self.aim.metric} is not defined: a class is missing in validation")
        return Result(means, results[0].curve, results[0].artefacts)

    def _one(self, proposal: Proposal, split: Split, started: float) -> Result:
        net = fresh(self.space, proposal.arch, split, self.seed)
        costs = {**counted(net, split.signature.shape)}
        costs["latency_ms"] = latency_ms(net, split.signature.shape, QUICK)
        for bound in self.bounds:
            if bound.violated(costs):
                raise TrialError(
                    f"{bound.metric} {costs[bound.metric]:.4g} is above {bound.bound:g}"
                )
        steps = self.recipe.steps(len(split.train), proposal.fidelity)
        if share := self._inherit(net, proposal, split):
            steps, costs["inherited"] = max(1, round(INHERITED * steps)), share
        curve: list[dict[str, float]] = []
        per_epoch = max(1, round(len(split.train) / self.recipe.batch_for(len(split.train))))
        every = max(per_epoch, -(-steps // POINTS)) if steps > per_epoch else -(-steps // 3)
        losses: list[float] = []

        def watch(step: int, loss: float) -> None:
            losses.append(loss)
            reason = self.stop()
            if not reason and time.monotonic() - started > self.limit:
                reason = f"took longer than {self.limit:.0f} s"
            if reason:
                raise TrialError(reason)
            if step % every == 0 and step < steps:
                curve.append({"epoch": step / per_epoch, "train_loss": float(np.mean(losses))})
                curve[-1] |= self._point(
                    net, split, split.valid[:: 1 + len(split.valid) // CURVE_ROWS]
                )
                losses.clear()
                net.train()

        data = Batches(split.x, split.y, split.train)
        began = time.perf_counter()
        done = fit(
            *(net, data, self.recipe, self.plan),
            seed=self.seed,
            steps=steps,
            watch=watch,
            seconds=steps * self.step_limit,
        )
        costs["step_ms"] = 1000 * (time.perf_counter() - began) / done
        found = scores(split.y[split.valid].numpy(), predict(net, split, split.valid))
        last = {"epoch": done / per_epoch, "train_loss": float(np.mean(losses or [0.0]))}
        curve.append(last | {self.aim.metric: found.get(self.aim.metric, 0.0)})
        return Result({**found, **costs}, tuple(curve), {"state": weights(net)})

    def _inherit(self, net: nn.Module, proposal: Proposal, split: Split) -> float:
        """Give the network its parent's weights; return the share of its parameters they set."""
        if self.parents is None or proposal.parent is None:
            return 0.0
        found = self.parents.load(proposal.parent)
        if found is None:
            return 0.0
        parent = build(decode(self.space, found[0]), split.signature)
        parent.load_state_dict(found[1])
        return inherit(net, parent.to(device()), split.signature.shape).share

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
