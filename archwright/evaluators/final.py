"""Trains an architecture to the end, on everything but the test rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from archwright.core.architecture import Architecture, decode
from archwright.core.space import Node
from archwright.core.trial import Proposal, Result
from archwright.errors import TrialError
from archwright.evaluators.train import Split, fresh, never, predict, weights
from archwright.nets.build import build
from archwright.nets.ops_image import Views
from archwright.train.fit import Plan, fit, outputs
from archwright.train.recipe import Recipe

LEAST_SECONDS = 0.1

ASKED, SLACK = 512, 1.2
"""Test rows that tell how long asking about all takes, and by how much more time is kept."""


@dataclass(frozen=True)
class Final:
    """Builds a proposal and trains it by the full recipe, as far as its time allows.

    The result has the metrics `steps`, `epochs` and `seconds`, and two artefacts: `state`, the
    weights, and `output`, what the network says of the rows held out.

    Args:
        split: Its `valid` rows are the test rows.
        steps: At most so many.
        flips: Axes of mirror images that the network is to be asked about as well.
        left: Is asked once, when training begins, for the seconds that there are. What asking the
            network about the test rows takes is kept of them.
        share: Of that time; less than 1 if something else is to be trained in it afterwards.
        stop: Is asked after each step; a reason gives the training up.
    """

    space: Node
    split: Split
    recipe: Recipe
    plan: Plan
    seed: int
    steps: int
    flips: tuple[int, ...]
    left: Callable[[], float]
    share: float = 1.0
    stop: Callable[[], str] = field(default=never)

    def __call__(self, proposal: Proposal) -> Result:
        started, split = time.monotonic(), self.split
        net = fresh(self.space, proposal.arch, split, self.seed)

        def watch(_step: int, _loss: float) -> None:
            if reason := self.stop():
                raise TrialError(reason)

        data, asking = split.batches, self._asking(net)
        seconds = max(LEAST_SECONDS, self.share * self.left() - asking)
        done = fit(
            *(net, data, self.recipe, self.plan),
            seed=self.seed,
            steps=self.steps,
            watch=watch,
            seconds=seconds,
        )
        epochs = done * self.recipe.batch_for(len(data)) / len(data)
        facts = {"steps": done, "epochs": epochs, "seconds": time.monotonic() - started}
        output = predict(seen(net, self.flips), split, split.valid)
        return Result(facts, artefacts={"state": weights(net), "output": output})

    def _asking(self, net: nn.Module) -> float:
        """Return the seconds that asking about all test rows should take, by asking about a few."""
        torch.set_num_threads(self.plan.threads)
        rows, network, took = self.split.valid[:ASKED], seen(net, self.flips), []
        for _ in range(2):  # the first warms up
            started = time.perf_counter()
            outputs(network, self.split.x, rows)
            took.append(time.perf_counter() - started)
        return SLACK * took[-1] * len(self.split.valid) / len(rows)


def seen(net: nn.Module, flips: tuple[int, ...]) -> nn.Module:
    """Return the network as it answers: for an image and its mirror images, if there are any."""
    return Views(net, flips) if flips else net


def restored(
    space: Node, arch: Architecture, split: Split, state: Mapping[str, Tensor]
) -> nn.Module:
    """Return a network with what it has learnt."""
    net = build(decode(space, arch), split.signature)
    net.load_state_dict(state)
    return net
