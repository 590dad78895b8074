from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from archwright.core.truth import Truth
from archwright.report.mistakes import (
    Confusion,
    calibration_error,
    confused,
    confusion,
    per_class,
    per_label,
    per_target,
    per_value,
    surprises,
    worst,
)

TARGET = np.array([0, 0, 1, 1, 2, 2])
OUTPUT = np.array(
    [
        [0.8, 0.1, 0.1],
        [0.1, 0.6, 0.3],
        [0.2, 0.7, 0.1],
        [0.0, 0.9, 0.1],
        [0.05, 0.9, 0.05],
        [0.2, 0.5, 0.3],
    ]
)


TRUTH = Truth("classification", TARGET)


def test_confusions_and_class_scores_agree_with_scikit_learn() -> None:
    matrix = confusion(TARGET, OUTPUT)
    predicted = OUTPUT.argmax(1)
    assert (matrix == confusion_matrix(TARGET, predicted)).all()
    expected = precision_recall_fscore_support(TARGET, predicted, zero_division=0.0)
    found = per_class(matrix, ("a", "b", "c"))
    for i, each in enumerate(found):
        scores = (each.precision, each.recall, each.f1, each.support)
        assert scores == pytest.approx([column[i] for column in expected])


def test_the_most_confused_pair_comes_first_and_right_answers_are_none() -> None:
    pairs = confused(confusion(TARGET, OUTPUT), 9)
    assert pairs == [Confusion(2, 1, 2), Confusion(0, 1, 1)]


def test_the_worst_mistakes_are_the_wrong_answers_that_were_surest() -> None:
    assert worst(TRUTH, OUTPUT, 9).tolist() == [4, 1, 5]
    assert worst(TRUTH, OUTPUT, 1).tolist() == [4]
    assert worst(Truth("classification", np.array([0])), OUTPUT[:1], 9).tolist() == []


def test_the_worst_values_are_furthest_off() -> None:
    truth = Truth("regression", np.array([1.0, 2.0, 3.0]))
    assert worst(truth, np.array([1.5, -2.0, 3.0]), 2).tolist() == [1, 0]


def test_several_values_are_furthest_off_in_units() -> None:
    truth = Truth("regression", np.zeros((2, 2)), np.array([1.0, 1000.0]))
    assert worst(truth, np.array([[3.0, 0.0], [0.0, 2000.0]]), 2).tolist() == [0, 1]


def test_labels_are_wrong_where_any_is_and_the_least_likely_row_is_worst() -> None:
    truth = Truth("multilabel", np.array([[True, False], [True, False], [True, False]]))
    output = np.array([[0.4, 0.1], [0.9, 0.1], [0.1, 0.9]])
    assert worst(truth, output, 9).tolist() == [2, 0]


def test_each_label_and_each_value_has_scores_of_its_own() -> None:
    truth = Truth("multilabel", np.array([[True, False], [True, True], [False, True]]))
    output = np.array([[0.9, 0.9], [0.9, 0.2], [0.1, 0.6]])
    first, second = per_label(truth, output, ("a", "b"))
    assert (first.precision, first.recall, first.support) == (1.0, 1.0, 2)
    assert (second.precision, second.recall) == (0.5, 0.5)
    values = Truth("regression", np.array([[0.0, 10.0], [1.0, 20.0]]))
    close, far = per_value(values, np.array([[0.0, 15.0], [1.0, 15.0]]), ("close", "far"))
    assert (close.rmse, close.r2) == (0.0, 1.0)
    assert (far.mae, far.r2) == (5.0, 0.0)


def test_calibration_is_the_gap_between_confidence_and_accuracy() -> None:
    target = np.zeros(10, dtype=np.int64)
    output = np.tile([0.8, 0.2], (10, 1))
    assert calibration_error(target, output) == pytest.approx(0.2)
    target[:2] = 1  # now 8 of 10 are right, as it says
    assert calibration_error(target, output) == pytest.approx(0.0, abs=1e-12)


SEVERAL = Truth(
    "multitask",
    np.column_stack([TARGET, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]),
    np.array([1.0, 2.0]),
    widths=(3, 1),
)
SAID = np.column_stack([OUTPUT, [1.0, 2.0, 3.0, 4.0, 5.0, 16.0]])


def test_the_worst_of_several_targets_are_furthest_off_in_all_together() -> None:
    found = surprises(SEVERAL, SAID)
    assert found[0] == pytest.approx([-np.log(0.8), 0.0])
    assert found[5] == pytest.approx([-np.log(0.3), 12.5])
    assert worst(SEVERAL, SAID, 3).tolist() == [5, 4, 1]


def test_each_of_several_targets_has_the_scores_of_its_kind() -> None:
    colour, size = per_target(SEVERAL, SAID, ("colour", "size"))
    assert (colour.name, colour.classes, set(colour.scores)) == (
        "colour",
        3,
        {"accuracy", "macro_f1"},
    )
    assert colour.scores["accuracy"] == 0.5
    assert (size.classes, set(size.scores)) == (0, {"r2", "rmse"})
