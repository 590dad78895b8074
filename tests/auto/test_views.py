"""Mirror images have a say in the final network only where that pays."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from archwright.auto.views import views
from archwright.core.architecture import Architecture
from archwright.core.objective import Objective
from archwright.core.space import op, seq
from archwright.core.trial import Proposal, Trial
from archwright.evaluators.train import Split
from archwright.nets.site import Signature

SHAPE = (1, 2, 2)
SPACE = seq(flat=op("pooled", pooling="flatten"), head=op("output"))
BEST = Trial(0, Proposal(Architecture(())))


def job(y: Tensor, bounds: tuple[Objective, ...] = (), flips: tuple[int, ...] = (-1,)) -> Any:
    """A run whose images have one bright pixel: class 0 left, class 1 right."""
    images = torch.zeros(40, *SHAPE)
    images[::2, 0, 0, 0] = images[1::2, 0, 0, 1] = 1.0
    rows = torch.arange(40)
    split = Split(Signature(SHAPE, 2), images, y, rows[:0], rows, "image")
    problem = SimpleNamespace(space=SPACE, aim=Objective("accuracy"), bounds=bounds)
    setup = SimpleNamespace(recipe=SimpleNamespace(flips=flips))
    return SimpleNamespace(setup=setup, splits=(split,), problem=problem)


def weights() -> Mapping[str, Tensor]:
    """Of a network that is wrong about the right side, and right about the left one."""
    left = torch.tensor([[3.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
    return {"head.weight": left, "head.bias": torch.zeros(2)}


ALIKE, SIDES = torch.zeros(40, dtype=torch.int64), torch.arange(40) % 2


def test_where_they_help_they_are_asked_for() -> None:
    assert views(job(ALIKE), BEST, weights) == (-1,)  # the left side outvotes the right one


def test_where_they_do_not_help_they_are_not() -> None:
    assert views(job(SIDES), BEST, weights) == ()


def test_images_that_may_not_be_flipped_are_not() -> None:
    assert views(job(ALIKE, flips=()), BEST, weights) == ()


@pytest.mark.parametrize("metric", ["macs", "latency_ms"])
def test_a_bound_on_the_cost_of_an_answer_rules_them_out(metric: str) -> None:
    assert views(job(ALIKE, (Objective(metric, 10.0),)), BEST, weights) == ()
