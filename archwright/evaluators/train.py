"""Evaluates an architecture by training it and scoring it on rows it has not seen."""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from archwright.core.architecture import Architecture, decode
from archwright.core.objective import Objective
from archwright.core.space import Node
from archwright.core.trial import Proposal, Result
from archwright.core.truth import Truth
from archwright.errors import TrialError
from archwright.evaluators.checkpoints import Checkpoints
from archwright.measure.cost import latency_ms
from archwright.measure.scores import answers, scores
from archwright.nets.build import build
from archwright.nets.inherit import inherit
from archwright.nets.prepare import prepare
from archwright.nets.site import Signature
from archwright.nets.weigh import counted
from archwright.surrogates.stopping import QUARTERS, Hopeless, Peers
from archwright.train.fit import Batches, Plan, outputs
from archwright.train.fuse import fit_all, possible
from archwright.train.plan import again, device
from archwright.train.recipe import Recipe

POINTS, CURVE_ROWS = 12, 1000
"""A learning curve has at most so many points, at equal shares of the schedule: about one an epoch,
a multiple of `QUARTERS`. Each is of so many validation rows, the last one of all of them."""


TRAINED = 0.9
"""Of the time that is left, for training; the rest is for validation and what comes with it."""

QUICK = 10
"""So often is the latency of a candidate measured; that of the final networks more often."""

INHERITED = 0.5
"""For so much of its steps a network is trained that began with a parent's weights."""


@dataclass(frozen=True)
class Split:
    """Preprocessed examples, and which rows train and which validate.

    Args:
        x: (examples, *shape); of texts perhaps more rows, see `nets.vectors`.
        y: int64 classes or float32 values, (examples,); bool labels or several values, (examples,
            several); of a multitask float32, (examples, targets).
        modality: What kind of data they are, by its name in `registry`.
        unit: Of several values, see `Truth`.
    """

    signature: Signature
    x: Tensor
    y: Tensor
    train: Tensor
    valid: Tensor
    modality: str
    unit: NDArray[np.float64] | None = None

    def truth(self, rows: Tensor) -> Truth:
        """Return what is right for some rows."""
        known = self.signature
        return Truth(known.kind, self.y[rows].numpy(), self.unit, known.widths)

    def given(self, rows: Tensor) -> NDArray[np.float32]:
        """Return examples as networks are given them in use, (rows, *shape) float32."""
        return self.x[rows, : self.signature.shape[0]].float().numpy()

    @property
    def batches(self) -> Batches:
        """What networks are trained on."""
        inputs = tuple(part.shape for part in self.signature.parts)
        return Batches(self.x, self.y, self.train, inputs, self.signature.widths)


def same_shape(splits: Sequence[Split]) -> bool:
    """Return whether there are several splits, for all of which networks have one shape."""
    return len(splits) > 1 and len({split.signature for split in splits}) == 1


@dataclass(frozen=True)
class Group:
    """Networks of one architecture, one for each of some splits, that are trained together.

    Args:
        batch: Rows a step.
        steps, seconds: When training ends, whichever comes first.
        inherited: The share of parameters that came from a parent.
        curve: The learning curve of the first.
        losses: Of the first, of the steps since the last point of the curve.
    """

    nets: tuple[nn.Module, ...]
    splits: tuple[Split, ...]
    batch: int
    steps: int
    seconds: float
    inherited: float
    curve: list[dict[str, float]] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)

    @property
    def data(self) -> list[Batches]:
        return [split.batches for split in self.splits]

    @property
    def per_epoch(self) -> int:
        """Steps an epoch."""
        return max(1, round(len(self.splits[0].train) / self.batch))

    @property
    def points(self) -> int:
        """How many points its curve is to have."""
        return min(POINTS, QUARTERS * max(1, self.steps // self.per_epoch // QUARTERS))

    @property
    def share(self) -> float:
        """Of the schedule, at the last point."""
        return self.curve[-1]["share"] if self.curve else 0.0

    def mark(self, step: int, share: float) -> None:
        """Begin a point of the curve: how far training is, and the loss since the last one."""
        loss = float(np.mean(self.losses or [0.0]))
        self.curve.append({"epoch": step / self.per_epoch, "share": share, "train_loss": loss})
        self.losses.clear()


def never() -> str:
    """Never ask a training to stop."""
    return ""


def endless() -> float:
    """Leave a training all the time it takes."""
    return math.inf


@dataclass(frozen=True)
class Train:
    """Builds, trains and scores a proposal on each split; the metrics are means over the splits.

    Networks are trained one after the other, or at once if they are no larger than the plan says.

    Args:
        step_limit: Seconds that a training may take for each of its steps: a slower network makes
            fewer, and its schedule is as complete.
        limit: Seconds after which one trial is given up.
        left: Tells the seconds there are for a trial: a training that would take longer makes fewer
            steps, and its schedule is as complete. Where there are none, `stop` decides.
        stop: Is asked after each step; a reason ends the trial.
        peers: Are asked at each point of the learning curve, which may end the trial.
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
    left: Callable[[], float] = field(default=endless)
    stop: Callable[[], str] = field(default=never)
    peers: Peers | None = None
    parents: Checkpoints | None = None

    def __call__(self, proposal: Proposal) -> Result:
        started = time.monotonic()
        torch.set_num_threads(self.plan.threads)  # sums depend on it in the last bit
        results = self._results(proposal, started)
        if results[0].stopped:
            return results[0]
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
                return self._trained(group, started)
        return [self._trained(self._group(proposal, (split,)), started)[0] for split in self.splits]

    def _group(self, proposal: Proposal, splits: tuple[Split, ...]) -> Group:
        nets = tuple(fresh(self.space, proposal.arch, split, self.seed) for split in splits)
        rows, share = len(splits[0].train), self._inherit(nets[0], proposal, splits[0])
        steps = self.recipe.steps(rows, proposal.fidelity)
        steps = max(1, round(INHERITED * steps)) if share else steps
        left = self.left()
        most = TRAINED * left / len(self.splits) if left > 0 else math.inf
        return Group(
            nets=nets,
            splits=splits,
            batch=self.recipe.batch_for(rows),
            steps=steps,
            seconds=len(splits) * min(steps * self.step_limit, most),
            inherited=share,
        )

    def _trained(self, group: Group, started: float) -> list[Result]:
        """Train and score the networks of a group; the first result has the learning curve."""
        costs = [self._costs(*pair) for pair in zip(group.nets, group.splits, strict=True)]
        began = time.perf_counter()
        try:
            done = fit_all(
                *(group.nets, group.data, self.recipe, self.plan),
                seed=self.seed,
                steps=group.steps,
                watch=self._watch(group, started),
                seconds=group.seconds,
            )
        except Hopeless as end:
            costs[0][self.aim.metric] = self.aim.value(end.loss)
            return [Result(costs[0], tuple(group.curve), stopped=str(end))]
        step_ms = 1000 * (time.perf_counter() - began) / done
        if len(group.nets) > 1:  # what a step takes alone, as in the final training
            step_ms = 1000 * again(group.nets[0], group.data[0], self.recipe, self.plan).seconds
        beside = {"step_ms": step_ms} | ({"inherited": group.inherited} if group.inherited else {})
        trained = zip(group.nets, group.splits, costs, strict=True)
        first, *rest = [self._scored(net, split, cost | beside) for net, split, cost in trained]
        group.mark(done, 1.0)
        group.curve[-1][self.aim.metric] = first.metrics.get(self.aim.metric, 0.0)
        return [replace(first, curve=tuple(group.curve)), *rest]

    def _scored(self, net: nn.Module, split: Split, costs: Mapping[str, float]) -> Result:
        """Return what all validation rows say of a trained network, and what it costs."""
        output = predict(net, split, split.valid)
        found = scores(split.truth(split.valid), output)
        made = {"state": weights(net), "output": output.astype(np.float32)}
        return Result({**found, **costs}, artefacts=made)

    def _costs(self, net: nn.Module, split: Split) -> dict[str, float]:
        costs = {**counted(net, split.signature.shape)}
        costs["latency_ms"] = latency_ms(net, split.signature.shape, QUICK)
        for bound in self.bounds:
            if bound.violated(costs):
                raise TrialError(
                    f"{bound.metric} {costs[bound.metric]:.4g} is above {bound.bound:g}"
                )
        return costs

    def _watch(self, group: Group, started: float) -> Callable[..., None]:
        """Return what ends a training that is to stop, and draws the learning curve."""
        began, first = time.perf_counter(), group.splits[0] is self.splits[0]

        def watch(step: int, loss: float, *_others: float) -> None:
            group.losses.append(loss)
            reason = self.stop()
            if not reason and time.monotonic() - started > self.limit:
                reason = f"took longer than {self.limit:.0f} s"
            if reason:
                raise TrialError(reason)
            share = max(step / group.steps, (time.perf_counter() - began) / group.seconds)
            if first and share < 1 and int(group.points * share) > int(group.points * group.share):
                group.mark(step, share)
                self._look(group)

        return watch

    def _look(self, group: Group) -> None:
        """Score the first network on some validation rows, and have its peers judge the curve.

        Raises:
            Hopeless: it is not worth its time any more.
        """
        net, split = group.nets[0], group.splits[0]
        rows = split.valid[:: 1 + len(split.valid) // CURVE_ROWS]
        output = predict(net, split, rows)
        group.curve[-1] |= scores(split.truth(rows), output, self.aim.metric)
        net.train()
        if self.peers:
            self.peers.look(group.curve)

    def _inherit(self, net: nn.Module, proposal: Proposal, split: Split) -> float:
        """Give the network its parent's weights; return the share of its parameters they set."""
        if self.parents is None or proposal.parent is None:
            return 0.0
        found = self.parents.load(proposal.parent)
        if found is None:
            return 0.0
        parent = build(decode(self.space, found.arch), split.signature)
        parent.load_state_dict(found.state)
        return inherit(net, parent.to(device()), split.signature.shape).share


def fresh(space: Node, arch: Architecture, split: Split, seed: int) -> nn.Module:
    """Return an untrained network on this machine's device; equal arguments, equal weights."""
    torch.manual_seed(zlib.crc32(f"{seed}/{arch.key}".encode()))
    net = build(decode(space, arch), split.signature)
    prepare(net, split.x, split.y, split.train, split.signature.widths)
    return net.to(device())


def weights(net: nn.Module) -> dict[str, Tensor]:
    """Return what the network has learnt, on the CPU, in torch's own memory layout."""
    return {name: tensor.cpu().contiguous() for name, tensor in net.state_dict().items()}


def predict(net: nn.Module, split: Split, rows: Tensor) -> NDArray[Any]:
    """Return the network's answers, see `core.truth.Truth`.

    Raises:
        TrialError: the network gives something that is not a number.
    """
    out = outputs(net, split.x, rows).numpy()
    if not np.isfinite(out).all():
        raise TrialError("the network's output is not finite")
    return answers(split.signature.kind, out, split.signature.widths)
