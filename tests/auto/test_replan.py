"""How much of the time is kept for what follows the search."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from archwright.auto.replan import LEAST_KEPT, SPARE, search_until
from archwright.auto.rivals import RIVAL_SHARE
from archwright.clock import Clock
from archwright.core.architecture import Architecture
from archwright.core.trial import History, Proposal, State, Trial
from archwright.nets.site import Signature
from archwright.train.recipe import Recipe

BUDGET, CLOSING, PLANNED = 600.0, 8.0, 300.0


def history(count: int, seconds: float, step_ms: float = 1.0) -> History:
    metrics = {"accuracy": 0.5, "step_ms": step_ms}
    return History(
        [
            Trial(n, Proposal(arch(n)), State.DONE, (0.5 + n,), metrics, seconds=seconds)
            for n in range(count)
        ]
    )


def arch(number: int) -> Architecture:
    return Architecture((("op", number),))


IMAGES = Signature((1, 8, 8), 10)


def job(
    rows: int = 1000,
    *,
    short: bool = False,
    workers: int = 1,
    ensemble: int = 1,
    modality: str = "image",
) -> Any:
    parts = SimpleNamespace(development=np.arange(rows), test=np.arange(rows // 5))
    recipe = Recipe(epochs=10, batch=100, lr=0.1, weight_decay=0.0)
    setup = SimpleNamespace(short=short, workers=workers, recipe=recipe)
    return SimpleNamespace(
        clock=Clock(BUDGET, closing=CLOSING),
        setup=setup,
        task=SimpleNamespace(splits=parts, inputs=None, modality=modality),
        splits=[SimpleNamespace(modality="image", signature=IMAGES)],
        options=SimpleNamespace(networks=ensemble, seed=0),
        default=arch(4),
    )


def test_quick_trainings_leave_nearly_all_of_it_to_the_search() -> None:
    found = search_until(job(), history(9, seconds=0.1), PLANNED)
    assert found == BUDGET * (1 - LEAST_KEPT) - CLOSING


def test_what_is_kept_is_what_the_finalists_and_the_rivals_should_take() -> None:
    found = search_until(job(), history(9, seconds=20.0), PLANNED)
    kept = SPARE * 4 * 2 * 20.0 + RIVAL_SHARE * BUDGET  # three, and the default; two seeds each
    assert found == pytest.approx(BUDGET - CLOSING - kept)
    assert search_until(job(workers=2), history(9, seconds=20.0), PLANNED) > found


def test_final_trainings_are_longer_than_trials() -> None:
    steps = 100 + 2  # ten epochs of ten batches, and the test rows
    found = search_until(job(), history(9, 1.0, step_ms=300.0), PLANNED)
    kept = SPARE * 4 * (1.0 + 0.3 * steps) + RIVAL_SHARE * BUDGET
    assert found == pytest.approx(BUDGET - CLOSING - kept)


def test_what_was_planned_is_never_taken_back() -> None:
    assert search_until(job(), history(9, seconds=200.0), PLANNED) == PLANNED
    assert search_until(job(), history(2, seconds=0.1), PLANNED) == PLANNED
    assert search_until(job(short=True), history(9, seconds=0.1), PLANNED) == PLANNED
    assert search_until(job(), history(9, seconds=0.1), math.inf) == math.inf


def test_members_of_an_ensemble_are_trained_as_well() -> None:
    alone, together = (
        search_until(job(ensemble=most), history(9, seconds=10.0), PLANNED) for most in (1, 6)
    )
    assert alone - together == pytest.approx(
        SPARE * 2 * 2 * 10.0
    )  # 6 for 3, the default among them


def test_forecasts_are_trained_twice_more() -> None:
    found = search_until(job(modality="forecast"), history(9, seconds=15.0), PLANNED)
    kept = SPARE * 4 * 3 * 15.0 + RIVAL_SHARE * BUDGET
    assert found == pytest.approx(BUDGET - CLOSING - kept)
