from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from archwright.report.mistakes import (
    Confusion,
    calibration_error,
    confused,
    confusion,
    per_class,
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
    assert worst(TARGET, OUTPUT, 9).tolist() == [4, 1, 5]
    assert worst(TARGET, OUTPUT, 1).tolist() == [4]
    assert worst(np.array([0]), OUTPUT[:1], 9).tolist() == []


def test_the_worst_values_are_furthest_off() -> None:
    assert worst(np.array([1.0, 2.0, 3.0]), np.array([1.5, -2.0, 3.0]), 2).tolist() == [1, 0]


def test_calibration_is_the_gap_between_confidence_and_accuracy() -> None:
    target = np.zeros(10, dtype=np.int64)
    output = np.tile([0.8, 0.2], (10, 1))
    assert calibration_error(target, output) == pytest.approx(0.2)
    target[:2] = 1  # now 8 of 10 are right, as it says
    assert calibration_error(target, output) == pytest.approx(0.0, abs=1e-12)
