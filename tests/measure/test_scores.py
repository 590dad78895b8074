"""Scores: against scikit-learn where it has them, by hand where it has not."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn import metrics

from archwright.core.objective import CLASSIFICATION, REGRESSION
from archwright.measure.scores import probabilities, scores

RNG = np.random.default_rng(0)
TARGET = RNG.integers(0, 3, 200)
OUTPUT = probabilities(RNG.normal(size=(200, 3)) + 2 * np.eye(3)[TARGET])


def test_classification_agrees_with_scikit_learn() -> None:
    found, predicted = scores(TARGET, OUTPUT), OUTPUT.argmax(1)
    assert found == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(TARGET, predicted),
            "balanced_accuracy": metrics.balanced_accuracy_score(TARGET, predicted),
            "macro_f1": metrics.f1_score(TARGET, predicted, average="macro"),
            "log_loss": metrics.log_loss(TARGET, OUTPUT),
            "roc_auc": metrics.roc_auc_score(TARGET, OUTPUT, multi_class="ovr"),
        }
    )
    assert set(found) == set(CLASSIFICATION)


@pytest.mark.parametrize("name", CLASSIFICATION)
def test_one_metric_alone_is_the_same(name: str) -> None:
    assert scores(TARGET, OUTPUT, name) == {name: scores(TARGET, OUTPUT)[name]}


def test_two_classes_agree_with_scikit_learn() -> None:
    target, output = TARGET % 2, probabilities(OUTPUT[:, :2] + np.eye(2)[TARGET % 2])
    found = scores(target, output)
    assert found["roc_auc"] == pytest.approx(metrics.roc_auc_score(target, output[:, 1]))
    assert found["log_loss"] == pytest.approx(metrics.log_loss(target, output))


def test_regression_agrees_with_scikit_learn() -> None:
    target = RNG.normal(size=50)
    output = target + RNG.normal(size=50)
    found = scores(target, output)
    assert found == pytest.approx(
        {
            "rmse": metrics.root_mean_squared_error(target, output),
            "mae": metrics.mean_absolute_error(target, output),
            "r2": metrics.r2_score(target, output),
        }
    )
    assert set(found) == set(REGRESSION)


def test_a_case_by_hand() -> None:
    output = np.array([[0.8, 0.2], [0.4, 0.6], [0.7, 0.3], [0.1, 0.9]])
    found = scores(np.array([0, 0, 0, 1]), output)
    assert found["accuracy"] == 0.75
    assert found["balanced_accuracy"] == pytest.approx((2 / 3 + 1) / 2)
    assert found["log_loss"] == pytest.approx(-np.log([0.8, 0.4, 0.7, 0.9]).mean())
    assert found["roc_auc"] == 1.0


def test_without_every_class_the_area_is_left_out_and_the_rest_is_there() -> None:
    seen = TARGET < 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = scores(TARGET[seen], OUTPUT[seen])
    assert set(found) == set(CLASSIFICATION) - {"roc_auc"}


def test_a_probability_of_zero_costs_much_but_not_everything() -> None:
    assert np.isfinite(scores(np.array([0, 1]), np.array([[0.0, 1.0], [0.0, 1.0]]))["log_loss"])


def test_a_single_value_has_errors_but_no_explained_variance() -> None:
    found = scores(np.array([1.0]), np.array([3.0]))
    assert (found["rmse"], found["mae"]) == (2.0, 2.0)
    assert np.isnan(found["r2"])


def test_probabilities_add_up_to_one_however_large_the_logits() -> None:
    found = probabilities(np.array([[1e4, 0.0, -1e4], [5.0, 5.0, 5.0]], dtype=np.float32))
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-12)
    np.testing.assert_allclose(found[1], 1 / 3)
