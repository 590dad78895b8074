"""What is better by more than luck."""

from __future__ import annotations

import numpy as np

from archwright.auto.noise import surely_better
from archwright.core.objective import Objective
from archwright.core.truth import Truth

ROWS = 1200


def test_a_gain_in_nearly_every_row_is_sure_and_one_of_chance_is_not() -> None:
    rng = np.random.default_rng(0)
    truth = Truth("regression", rng.normal(size=ROWS))
    now, aim = truth.values + rng.normal(size=ROWS), Objective("rmse")
    assert surely_better(now, 0.9 * (now - truth.values) + truth.values, truth, aim)
    assert not surely_better(now, truth.values + rng.permutation(now - truth.values), truth, aim)


def test_rows_that_tell_the_same_count_as_one() -> None:
    truth, aim = Truth("regression", np.zeros(ROWS)), Objective("rmse")
    signs = np.repeat(np.random.default_rng(0).choice([-1.0, 1.0], ROWS // 100), 100)
    then = np.sqrt(1 - 0.1 * signs - 0.02)
    assert surely_better(np.ones(ROWS), then, truth, aim)
    assert not surely_better(np.ones(ROWS), then, truth, aim, np.arange(ROWS) // 100)


def test_where_as_many_are_right_who_is_surer_of_it_is_better() -> None:
    truth, aim = Truth("classification", np.zeros(ROWS, dtype=np.int64)), Objective("accuracy")
    now, then = (np.tile([share, 1 - share], (ROWS, 1)) for share in (0.6, 0.9))
    assert surely_better(now, then, truth, aim)
    assert not surely_better(then, now, truth, aim)
