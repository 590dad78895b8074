"""What is right, how likely it was given, and by how much it was missed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from archwright.core.truth import Truth, asked, goals, joined, targets


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


@pytest.mark.parametrize(
    ("widths", "words"),
    [
        ((3, 1), "one of 3 classes and a number"),
        ((1, 2, 4), "a number, one of 2 classes and one of 4 classes"),
        ((3, 1, 1, 2), "4 classes and numbers"),
    ],
)
def test_what_is_asked_of_several_targets_is_told_in_words(
    widths: tuple[int, ...], words: str
) -> None:
    assert asked("multitask", 0, 0, widths) == words


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


SEVERAL = Truth(
    "multitask", np.array([[1.0, 40.0], [0.0, 20.0]]), np.array([0.5, 10.0]), widths=(2, 1)
)
SAID = np.array([[0.2, 0.8, 45.0], [0.6, 0.4, 20.0]])


def test_each_target_of_a_multitask_is_a_truth_by_itself() -> None:
    (classes, odds), (values, said) = SEVERAL.each(SAID)
    assert (classes.kind, classes.values.tolist()) == ("classification", [1, 0])
    assert classes.likelihood(odds).tolist() == [0.8, 0.6]
    assert values.misses(said).tolist() == [0.5, 0.0]
    assert SEVERAL.likelihood(SAID) == pytest.approx([0.8, 0.6])


def test_some_rows_of_a_truth_keep_its_kind_and_units() -> None:
    some = SEVERAL.at(np.array([1]))
    assert (len(some), some.widths) == (1, (2, 1))
    assert some.each(SAID[1:])[1][0].unit == np.array([10.0])


def test_targets_of_tensors_are_taken_apart_by_what_they_are() -> None:
    first, second = targets(torch.tensor([[1.0, 40.0], [0.0, 20.0]]), (2, 1))
    assert (first.dtype, first.tolist()) == (torch.int64, [1, 0])
    assert (second.dtype, second.tolist()) == (torch.float32, [40.0, 20.0])
    assert targets(torch.zeros(3), ()) == []


def test_each_target_comes_with_how_many_numbers_answer_it() -> None:
    y = torch.tensor([[2.0, 0.5], [0.0, -1.0]])
    (classes, three), (values, one) = goals(y, (3, 1), 4)
    assert (classes.tolist(), three) == ([2, 0], 3)
    assert (values.tolist(), one) == ([0.5, -1.0], 1)
    ((whole, outputs),) = goals(y[:, 0].long(), (), 3)
    assert (whole.tolist(), outputs) == ([2, 0], 3)


def test_truths_of_one_kind_are_joined_row_by_row() -> None:
    both = joined([SEVERAL, SEVERAL.at(np.array([1]))])
    assert both.values.tolist() == [[1.0, 40.0], [0.0, 20.0], [0.0, 20.0]]
    assert both.widths == (2, 1)
