"""What is right, how likely it was given, and by how much it was missed."""

from __future__ import annotations

import numpy as np
import pytest

from archwright.core.truth import Truth, asked


@pytest.mark.parametrize(
    ("kind", "counts", "words"),
    [
        ("classification", (3, 0), "one of 3 classes"),
        ("ordinal", (5, 0), "one of 5 classes in order"),
        ("multilabel", (0, 4), "any of 4 labels"),
        ("regression", (0, 0), "a number"),
        ("regression", (0, 2), "2 numbers"),
    ],
)
def test_what_is_asked_is_told_in_words(kind: str, counts: tuple[int, int], words: str) -> None:
    assert asked(kind, *counts) == words


def test_a_class_is_as_likely_as_its_own_probability() -> None:
    truth = Truth("classification", np.array([1, 0]))
    assert truth.likelihood(np.array([[0.2, 0.8], [0.0, 1.0]])).tolist() == [0.8, 1e-15]
    assert len(truth) == 2


def test_labels_are_as_likely_as_each_on_average() -> None:
    truth = Truth("multilabel", np.array([[True, False]]))
    assert truth.likelihood(np.array([[0.9, 0.6]])) == pytest.approx([(0.9 * 0.4) ** 0.5])


def test_values_are_missed_in_units_where_there_are_any() -> None:
    values, output = np.array([[1.0, 100.0]]), np.array([[2.0, 300.0]])
    assert Truth("regression", values).misses(output).tolist() == [[1.0, 200.0]]
    assert Truth("regression", values, np.array([1.0, 100.0])).misses(output).tolist() == [[1, 2]]
    assert Truth("regression", np.array([3.0])).misses(np.array([[5.0]])).tolist() == [2.0]
