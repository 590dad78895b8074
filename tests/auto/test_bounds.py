"""What is refused before it is built."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch

from archwright.auto.bounds import Limits, refuse, within
from archwright.core.architecture import decode
from archwright.core.graph import dead
from archwright.core.objective import Objective
from archwright.core.trial import Proposal
from archwright.nets.preprocess_text import rows_of
from archwright.nets.site import Pretrained, Signature
from archwright.spaces.cell201 import cell201, of_ops
from archwright.spaces.text import portfolio, text
from archwright.train.recipe import Recipe
from tests.nets.berts import small_bert

SHAPE = (1, 4, 4)
SILENT = of_ops(*["none"] * 6)
PLAIN = of_ops("none", "none", "none", "nor_conv_1x1", "none", "none")


def job(most: float, rows: int = 32) -> Any:
    """What the bounds read of a job: a space with cells that nothing passes."""
    bound, signature = Objective("params", bound=most), Signature(SHAPE, 2)
    split = SimpleNamespace(signature=signature, x=torch.zeros(1, *SHAPE), train=range(rows))
    return SimpleNamespace(
        problem=SimpleNamespace(space=cell201(SHAPE), bounds=(bound,)),
        splits=(split,),
        setup=SimpleNamespace(most_macs=1e9, workers=1, recipe=Recipe(1, rows, 1e-3, 0.1)),
        options=SimpleNamespace(seed=0),
        starts=(SILENT,),
    )


def test_a_network_whose_output_is_not_reached_is_refused_with_the_reason() -> None:
    assert "cannot depend on the input" in refuse(job(1e9), Proposal(SILENT))
    assert refuse(job(1e9), Proposal(PLAIN)) == ""
    assert "is above 10" in refuse(job(10), Proposal(PLAIN))


def test_the_way_down_to_a_small_network_leads_around_those_that_cannot_be_built() -> None:
    most = 100_000
    (found,) = within(job(most))
    assert not dead(decode(cell201(SHAPE), found))
    assert refuse(job(most), Proposal(found)) == ""


def test_a_network_whose_training_does_not_fit_the_memory_is_refused_before_it_is_built() -> None:
    reason = refuse(job(1e9, rows=2**40), Proposal(PLAIN))
    assert "GB of memory, and there are" in reason


def test_what_is_worked_out_once_takes_no_time_of_a_trial_and_counts_in_bounds(
    tmp_path: Path,
) -> None:
    given, length = Pretrained(str(small_bert(tmp_path / "bert")), 16), 8
    shape = (rows_of(given.tokens, length), length)
    use, seen = (Signature((shape[0] + more, length), 2, encoder=given) for more in (0, 1))
    dense = portfolio(shape)[2]
    costs = (Objective("macs", bound=10_000),)
    assert "would take too long" in Limits(use, use, (), 10_000)(text(shape), dense)
    assert Limits(use, seen, (), 10_000)(text(shape), dense) == ""
    assert "is above 10,000" in Limits(use, seen, costs, 10_000)(text(shape), dense)
