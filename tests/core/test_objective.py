from __future__ import annotations

import pytest

from archwright.core.objective import (
    CHEAP,
    MEASURES,
    WORDS,
    Objective,
    objective,
)
from archwright.errors import SpaceError


def test_every_metric_has_words_for_people() -> None:
    assert WORDS.keys() == MEASURES.keys() | CHEAP.keys()


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy", "macro_f1", "roc_auc", "r2"])
def test_a_metric_to_be_raised_is_minimised_negated(metric: str) -> None:
    assert Objective(metric).maximise
    assert Objective(metric).loss({metric: 0.75}) == -0.75


@pytest.mark.parametrize("metric", ["log_loss", "rmse", "mae", "params", "macs", "latency_ms"])
def test_a_metric_to_be_lowered_is_minimised_as_it_is(metric: str) -> None:
    assert not Objective(metric).maximise
    assert Objective(metric).loss({metric: 0.75}) == 0.75


@pytest.mark.parametrize("metric", ["accuracy", "rmse", "params"])
def test_a_loss_is_turned_back_into_its_metric(metric: str) -> None:
    aim = Objective(metric)
    assert aim.value(aim.loss({metric: 0.75})) == 0.75


def test_a_loss_is_a_float_even_where_the_metric_is_a_count() -> None:
    assert isinstance(Objective("params").loss({"params": 7}), float)


def test_a_bound_may_be_reached_and_not_exceeded() -> None:
    bound = Objective("params", 1000)
    assert not bound.violated({"params": 1000})
    assert bound.violated({"params": 1001})


def test_what_has_no_bound_or_was_not_measured_violates_nothing() -> None:
    assert not Objective("params").violated({"params": 10**9})
    assert not Objective("latency_ms", 2.0).violated({"params": 10**9})


def test_objectives_are_found_by_name() -> None:
    assert objective("macro_f1", "classification") == Objective("macro_f1")
    assert objective("mae", "regression") == Objective("mae")


def test_an_unknown_objective_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(SpaceError, match=r"'acuracy' .* did you mean 'accuracy'"):
        objective("acuracy", "classification")


def test_an_objective_of_the_other_kind_of_task_is_refused() -> None:
    with pytest.raises(SpaceError, match="'rmse' does not fit a classification task"):
        objective("rmse", "classification")


def test_the_usual_objective_goes_by_the_kind_of_task() -> None:
    assert objective(None, "classification") == Objective("accuracy")
    assert objective(None, "ordinal") == Objective("rank_error")
    assert objective(None, "multilabel", 5) == Objective("average_precision")
    assert objective(None, "regression") == Objective("rmse")
    assert objective(None, "regression", 3) == Objective("nrmse")


def test_one_value_has_no_need_of_a_unit() -> None:
    with pytest.raises(SpaceError, match="'nrmse' does not fit a regression task"):
        objective("nrmse", "regression")


def test_several_targets_have_metrics_of_values_only_where_there_are_any() -> None:
    assert objective(None, "multitask", 4, (3, 1)).metric == "mean_score"
    assert objective("r2", "multitask", 4, (3, 1)).maximise
    with pytest.raises(SpaceError, match="'r2' does not fit a multitask task"):
        objective("r2", "multitask", 5, (3, 2))
