"""Who of the finalists wins."""

from __future__ import annotations

from concurrent.futures import Future

from archwright.auto.finalists import Finalist, mean, ranked
from archwright.core.architecture import Architecture
from archwright.core.objective import Objective
from archwright.core.trial import Proposal, Result, State, Trial
from archwright.errors import TrialError


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


def trained(**metrics: float) -> Future[Result]:
    future: Future[Result] = Future()
    future.set_result(Result(metrics))
    return future


def failed() -> Future[Result]:
    future: Future[Result] = Future()
    future.set_exception(TrialError("too slow"))
    return future


def trial(**metrics: float) -> Trial:
    return Trial(0, Proposal(Architecture(())), State.DONE, (0.0,), metrics)


def test_a_second_seed_is_averaged_with_the_first() -> None:
    assert mean(trial(accuracy=0.8), [trained(accuracy=0.6)]) == {"accuracy": 0.7}
    assert mean(trial(accuracy=0.8), [failed()]) == {"accuracy": 0.8}


def test_the_score_of_a_trial_that_inherited_its_weights_does_not_count() -> None:
    lucky = trial(accuracy=0.99, inherited=1.0)
    assert mean(lucky, [trained(accuracy=0.5), trained(accuracy=0.75)]) == {"accuracy": 0.625}
    assert mean(lucky, [failed(), trained(accuracy=0.5)]) == {"accuracy": 0.5}
    assert mean(lucky, [failed()]) == {}
