"""The final trainings, and what becomes of them when one fails."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

from archwright.auto.finalists import Finalist
from archwright.auto.finish import _to_the_end
from archwright.core.architecture import Architecture
from archwright.train.recipe import Recipe


def closing(lost: str) -> Any:
    """Trains whoever is not of the role that is lost; there is time for everything."""
    job = SimpleNamespace(
        clock=SimpleNamespace(left=lambda: 1000.0, finish_now=False),
        setup=SimpleNamespace(recipe=Recipe(1, 8, 0.1, 0.0), fidelity=1.0, workers=1),
        splits=[SimpleNamespace(train=range(80))],
    )
    job.setup.step_limit = math.inf

    def train(finalists: list[Finalist], share: float) -> list[Any]:
        return [SimpleNamespace(finalist=f, steps=1) for f in finalists if f.role != lost]

    return SimpleNamespace(job=job, train=train)


def finalists() -> list[Finalist]:
    arch = Architecture.of({})
    return [Finalist(role, arch, 0, {}, 0.001) for role in ("winner", "default")]


def test_the_default_network_is_not_handed_over_for_a_winner_that_failed() -> None:
    told: list[str] = []
    assert len(_to_the_end(closing("nobody"), finalists(), [], told.append)) == 2
    assert _to_the_end(closing("winner"), finalists(), [], told.append) == []
    assert len(_to_the_end(closing("default"), finalists(), [], told.append)) == 1
