"""Who of the finalists wins."""

from __future__ import annotations

from archwright.auto.finalists import Finalist, ranked
from archwright.core.architecture import Architecture
from archwright.core.objective import Objective


def finalist(number: int, **validation: float) -> Finalist:
    return Finalist("finalist", Architecture(()), number, validation, 0.01)


def order(aim: str, rows: int, *finalists: Finalist) -> list[int | None]:
    return [each.trial for each in ranked(Objective(aim), rows, list(finalists))]


def test_what_noise_cannot_tell_apart_is_decided_by_log_loss() -> None:
    best = finalist(0, accuracy=0.90, log_loss=0.40)
    calmer = finalist(1, accuracy=0.89, log_loss=0.30)
    worse = finalist(2, accuracy=0.80, log_loss=0.10)
    # A standard error of 0.9 is 0.015 on 400 rows and 0.003 on 10,000.
    assert order("accuracy", 400, best, calmer, worse) == [1, 0, 2]
    assert order("accuracy", 10_000, best, calmer, worse) == [0, 1, 2]


def test_errors_are_ranked_as_they_are() -> None:
    assert order("rmse", 100, finalist(0, rmse=2.0), finalist(1, rmse=1.9)) == [1, 0]
    assert order("log_loss", 9, finalist(0, log_loss=0.2), finalist(1, log_loss=0.3)) == [0, 1]
