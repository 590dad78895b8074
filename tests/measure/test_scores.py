"""Scores: against scikit-learn where it has them, by hand where it has not."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn import metrics

from archwright.core.objective import (
    CLASSIFICATION,
    MULTILABEL,
    ORDINAL,
    REGRESSION,
    SEVERAL,
    measures,
)
from archwright.core.truth import Truth
from archwright.measure.scores import answers, probabilities, scores

RNG = np.random.default_rng(0)
TARGET = RNG.integers(0, 3, 200)
TRUTH = Truth("classification", TARGET)
OUTPUT = probabilities(RNG.normal(size=(200, 3)) + 2 * np.eye(3)[TARGET])


def test_classification_agrees_with_scikit_learn() -> None:
    found, predicted = scores(TRUTH, OUTPUT), OUTPUT.argmax(1)
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
    assert scores(TRUTH, OUTPUT, name) == {name: scores(TRUTH, OUTPUT)[name]}


def test_two_classes_agree_with_scikit_learn() -> None:
    target, output = TARGET % 2, probabilities(OUTPUT[:, :2] + np.eye(2)[TARGET % 2])
    found = scores(Truth("classification", target), output)
    assert found["roc_auc"] == pytest.approx(metrics.roc_auc_score(target, output[:, 1]))
    assert found["log_loss"] == pytest.approx(metrics.log_loss(target, output))


def test_regression_agrees_with_scikit_learn() -> None:
    target = RNG.normal(size=50)
    output = target + RNG.normal(size=50)
    found = scores(Truth("regression", target), output)
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
    found = scores(Truth("classification", np.array([0, 0, 0, 1])), output)
    assert found["accuracy"] == 0.75
    assert found["balanced_accuracy"] == pytest.approx((2 / 3 + 1) / 2)
    assert found["log_loss"] == pytest.approx(-np.log([0.8, 0.4, 0.7, 0.9]).mean())
    assert found["roc_auc"] == 1.0


def test_without_every_class_the_area_is_left_out_and_the_rest_is_there() -> None:
    seen = TARGET < 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = scores(Truth("classification", TARGET[seen]), OUTPUT[seen])
    assert set(found) == set(CLASSIFICATION) - {"roc_auc"}


def test_a_probability_of_zero_costs_much_but_not_everything() -> None:
    truth, output = Truth("classification", np.array([0, 1])), np.array([[0.0, 1.0], [0.0, 1.0]])
    assert np.isfinite(scores(truth, output)["log_loss"])


def test_a_single_value_has_errors_but_no_explained_variance() -> None:
    found = scores(Truth("regression", np.array([1.0])), np.array([3.0]))
    assert (found["rmse"], found["mae"]) == (2.0, 2.0)
    assert np.isnan(found["r2"])


def test_probabilities_add_up_to_one_however_large_the_logits() -> None:
    found = probabilities(np.array([[1e4, 0.0, -1e4], [5.0, 5.0, 5.0]], dtype=np.float32))
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-12)
    np.testing.assert_allclose(found[1], 1 / 3)


def test_classes_in_order_are_also_scored_by_how_far_off_they_are() -> None:
    found, predicted = scores(Truth("ordinal", TARGET), OUTPUT), OUTPUT.argmax(1)
    assert set(found) == set(ORDINAL)
    assert found["rank_error"] == pytest.approx(metrics.mean_absolute_error(TARGET, predicted))
    kappa = metrics.cohen_kappa_score(TARGET, predicted, weights="quadratic")
    assert found["quadratic_kappa"] == pytest.approx(kappa)


def test_labels_agree_with_scikit_learn() -> None:
    target = RNG.random((60, 4)) < 0.4
    output = (0.6 * RNG.random((60, 4)) + 0.4 * target).clip(0, 1)
    found, given = scores(Truth("multilabel", target), output), output >= 0.5
    assert set(found) == set(MULTILABEL)
    assert found["macro_f1"] == pytest.approx(metrics.f1_score(target, given, average="macro"))
    assert found["micro_f1"] == pytest.approx(metrics.f1_score(target, given, average="micro"))
    assert found["subset_accuracy"] == pytest.approx(metrics.accuracy_score(target, given))
    each = [metrics.log_loss(target[:, i], output[:, i]) for i in range(4)]
    assert found["log_loss"] == pytest.approx(np.mean(each))
    precision = [metrics.average_precision_score(target[:, i], output[:, i]) for i in range(4)]
    assert found["average_precision"] == pytest.approx(np.mean(precision))


def test_a_label_that_no_row_has_does_not_count_in_the_average_precision() -> None:
    target, output = np.eye(3, dtype=bool)[[0, 1, 0, 1]], RNG.random((4, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = scores(Truth("multilabel", target), output)
        few = scores(Truth("multilabel", target[:, :2]), output[:, :2])
    assert found["average_precision"] == few["average_precision"]


def test_several_values_are_compared_in_their_own_units() -> None:
    target = RNG.normal(size=(50, 2)) * [1.0, 1000.0]
    unit = np.array([1.0, 1000.0])
    output = target + RNG.normal(size=(50, 2)) * unit
    found = scores(Truth("regression", target, unit), output)
    assert set(found) == set(SEVERAL)
    expected = np.sqrt((((output - target) / unit) ** 2).mean())
    assert found["nrmse"] == pytest.approx(expected)
    assert found["r2"] == pytest.approx(metrics.r2_score(target, output))


def test_what_a_network_gives_becomes_answers_of_its_kind() -> None:
    out = RNG.normal(size=(5, 3)).astype(np.float32)
    np.testing.assert_allclose(answers("ordinal", out).sum(1), 1)
    np.testing.assert_allclose(answers("multilabel", out), 1 / (1 + np.exp(-out.astype(float))))
    assert answers("regression", out).shape == (5, 3)
    assert answers("regression", out[:, :1]).shape == (5,)


def test_scores_of_several_targets_are_means_over_them() -> None:
    other, value = TARGET % 2, TARGET + RNG.normal(size=200)
    values = np.stack([TARGET, other, value], 1).astype(np.float64)
    truth = Truth("multitask", values, np.array([1.0, 1.0, 2.0]), widths=(3, 2, 1))
    logits = np.concatenate([np.log(OUTPUT), RNG.normal(size=(200, 2)), TARGET[:, None]], 1)
    output = answers("multitask", logits, (3, 2, 1))
    np.testing.assert_allclose(output[:, :3], OUTPUT)
    np.testing.assert_allclose(output[:, 3:5].sum(1), 1)
    found = scores(truth, output)
    right = [(OUTPUT.argmax(1) == TARGET).mean(), (output[:, 3:5].argmax(1) == other).mean()]
    r2 = metrics.r2_score(value, TARGET)
    assert found["accuracy"] == pytest.approx(np.mean(right))
    assert found["mean_score"] == pytest.approx(np.mean([*right, r2]))
    assert found["nrmse"] == pytest.approx(metrics.root_mean_squared_error(value, TARGET) / 2)
    assert set(found) == set(measures("multitask", 6, (3, 2, 1)))
    assert scores(truth, output, "r2") == {"r2": pytest.approx(r2)}
