"""Scores an architecture without training it: builds the network, looks at one mini-batch.

It is what strategies take as their field `scores`; which scores there are is said in
`measure.zerocost`.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from archwright.core.architecture import Architecture, decode
from archwright.core.space import Node
from archwright.evaluators.train import Split
from archwright.measure.zerocost import scores
from archwright.nets.build import build
from archwright.nets.prepare import prepare

CHEAP_AND_GOOD = ("nwot", "jacob_cov", "synflow", "macs")
"""Four passes. Joined by `core.ranks.combine` for the start of a surrogate search they lead to the
best cell of NAS-Bench-201 after 16 trainings, without synflow after 18 (60 seeds)."""


@dataclass(frozen=True)
class ZeroCost:
    """Gives the zero-cost scores of an architecture; equal arguments, equal scores.

    All architectures see the same mini-batch of training rows, and each has initial weights of its
    own.

    Args:
        split: Where the examples come from; no row but its training rows is looked at.
        names: Of the scores, in `measure.zerocost.ZERO_COST`.
        seed: Of the weights, of the rows, and of what scores draw themselves.
        batch: How many rows.
    """

    split: Split
    names: tuple[str, ...] = CHEAP_AND_GOOD
    seed: int = 0
    batch: int = 64

    def __call__(self, space: Node, arch: Architecture) -> dict[str, float]:
        """Return the score of each name; `measure.zerocost.WORST` where it is not defined."""
        x, y = self.rows
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(zlib.crc32(f"{self.seed}/{arch.key}".encode()))
            net = build(decode(space, arch), self.split.signature)
        widths = self.split.signature.widths
        prepare(net, x, y, torch.arange(len(x)), widths)
        return scores(net, x, y, self.names, self.seed, widths)

    @cached_property
    def rows(self) -> tuple[Tensor, Tensor]:
        """The examples that every architecture sees."""
        generator = torch.Generator().manual_seed(self.seed)
        order = torch.randperm(len(self.split.train), generator=generator)
        drawn = self.split.train[order[: self.batch]]
        return self.split.x[drawn], self.split.y[drawn]
