"""The target: class or value, by a stated rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from archwright.data.target import choose, columns_of, read_targets
from archwright.errors import DataError


def column(values: object) -> pd.DataFrame:
    return pd.DataFrame({"y": values})


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["no", "yes"] * 10, "classification"),
        ([True, False] * 10, "classification"),
        ([0.0, 1.0] * 10, "classification"),
        ([0.5, 1.0] * 10, "regression"),
        (list(range(7)) * 5, "classification"),
        (list(range(7)) * 4, "regression"),
        (list(range(21)) * 50, "regression"),
        ([3, 4, 3], "classification"),
    ],
)
def test_the_rule_decides_and_is_told(values: list[object], kind: str) -> None:
    target = read_targets(column(values))
    assert target.kind == kind
    assert target.rule.startswith(f"{kind}: target 'y' holds ")


def test_labels_of_images_may_have_many_classes() -> None:
    values = column(list(range(100)) * 3)
    assert read_targets(values).kind == "regression"
    assert read_targets(values, arrays=True).kind == "classification"


def test_kind_is_overridable() -> None:
    values = column(list(range(1, 31)) * 3)
    assert read_targets(values, "classification").classes[:2] == ("1", "2")
    assert read_targets(column([0, 1] * 9), "regression").values.dtype == np.float64
    with pytest.raises(DataError, match="did you mean 'regression'"):
        read_targets(values, "regresion")


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ([10.0, 9.0, 2.0] * 5, ("2", "9", "10")),
        (["b", "a", "C"] * 5, ("C", "a", "b")),
        (["10", "9", "2"] * 5, ("2", "9", "10")),
        ([True, False] * 5, ("False", "True")),
        ([" <=50K", ">50K"] * 5, (" <=50K", ">50K")),
    ],
)
def test_classes_are_the_users_own_words_in_order(
    values: list[object], classes: tuple[str, ...]
) -> None:
    target = read_targets(column(values))
    assert target.classes == classes
    assert target.values.dtype == np.int64
    assert [classes[i] for i in target.values[:2]] == [
        str(v).removesuffix(".0") for v in values[:2]
    ]


def test_what_cannot_be_learnt_is_refused() -> None:
    with pytest.raises(DataError, match=r"one class only \('a' in all 9 rows\)"):
        read_targets(column(["a"] * 9))
    with pytest.raises(DataError, match="is 3 in every row"):
        read_targets(column([3.0] * 9), "regression")
    with pytest.raises(DataError, match="different in each of the 30 rows"):
        read_targets(column([f"name{i}" for i in range(30)]))
    with pytest.raises(DataError, match="25 different texts in 26 rows, too many"):
        read_targets(column([*(f"name{i}" for i in range(25)), "name1"]))
    with pytest.raises(DataError, match="holds text such as 'a', so it cannot be a regression"):
        read_targets(column(["a", "b"] * 5), "regression")
    with pytest.raises(DataError, match="holds dates"):
        read_targets(column(pd.date_range("2024-01-01", periods=9)))


def test_the_last_column_is_the_target_unless_named() -> None:
    frame = pd.DataFrame({"a": [1], "income": [2], "split": [3]})
    assert choose(frame, (), ("split", None)) == ("income",)
    assert choose(frame, ("a",)) == ("a",)
    with pytest.raises(DataError, match="no column 'incme' to predict; did you mean 'income'"):
        choose(frame, ("incme",))
    with pytest.raises(DataError, match="'a' is named twice"):
        choose(frame, ("a", "a"))


def test_targets_are_named_one_by_one_or_together() -> None:
    assert columns_of(None) == ()
    assert columns_of("income") == ("income",)
    assert columns_of(["a", "b"]) == ("a", "b")


def test_columns_of_zeros_and_ones_are_labels() -> None:
    frame = pd.DataFrame({"red": [0, 1, 1, 0], "round": ["no", "yes", "No", "no"]})
    found = read_targets(frame)
    assert (found.kind, found.outcomes, found.classes) == ("multilabel", ("red", "round"), ())
    assert found.values.tolist() == [[False, False], [True, True], [True, False], [False, False]]
    numbers = pd.DataFrame({"a": [0, 1, 1], "b": [1, 0, 1]})
    assert read_targets(numbers, "regression").values.dtype == np.float64


def test_columns_of_numbers_are_several_values() -> None:
    frame = pd.DataFrame({"width": [1.5, 2.5], "height": [3, 5]})
    found = read_targets(frame)
    assert (found.kind, found.outcomes) == ("regression", ("width", "height"))
    assert found.values.tolist() == [[1.5, 3.0], [2.5, 5.0]]


def test_columns_of_different_kinds_are_classes_and_values_by_what_they_hold() -> None:
    mixed = pd.DataFrame({"size": [1.5, 2.5, 3.5], "colour": ["red", "blue", "red"]})
    found = read_targets(mixed)
    assert (found.kind, found.outcomes) == ("multitask", ("size", "colour"))
    assert found.levels == ((), ("blue", "red"))
    assert found.values.tolist() == [[1.5, 1.0], [2.5, 0.0], [3.5, 1.0]]
    assert found.rule == "multitask: regression of 'size'; classification of 'colour'"


def test_classes_that_are_numbers_are_told_from_values_where_it_is_asked_for() -> None:
    numbers = pd.DataFrame({"grade": [1, 2, 3] * 5, "size": np.arange(15) / 7})
    assert read_targets(numbers).kind == "regression"
    assert read_targets(numbers, "multitask").levels == (("1", "2", "3"), ())
    values = numbers.assign(grade=numbers["size"] + 1)
    assert read_targets(values, "multitask").kind == "regression", "there is no class among them"
    with pytest.raises(DataError, match="'multitask' is for several target columns; there is one"):
        read_targets(numbers[["grade"]], "multitask")


def test_columns_that_are_no_targets_together_are_refused() -> None:
    mixed = pd.DataFrame({"size": [1.5, 2.5], "colour": ["red", "blue"]})
    with pytest.raises(DataError, match="'colour' is different in each of the 2 rows"):
        read_targets(mixed)
    with pytest.raises(DataError, match="'colour' holds text such as 'red'"):
        read_targets(mixed, "regression")
    with pytest.raises(DataError, match="2 target columns cannot be one classification"):
        read_targets(mixed, "classification")
    with pytest.raises(DataError, match="'size' is no label: it must hold 0 or 1"):
        read_targets(mixed, "multilabel")
    with pytest.raises(DataError, match="label 'b' is the same in all 2 rows"):
        read_targets(pd.DataFrame({"a": [0, 1], "b": [1, 1]}))


def test_cells_that_list_labels_are_labels() -> None:
    found = read_targets(column(["red; round", "blue", "red", ""] * 10))
    assert (found.kind, found.outcomes) == ("multilabel", ("blue", "red", "round"))
    assert found.values[:4].sum(1).tolist() == [2, 1, 1, 0]
    assert "lists labels, parted by ';'" in found.rule
    commas = read_targets(column(["red,round", "blue", "red"] * 10), "multilabel")
    assert commas.outcomes == ("blue", "red", "round")


def test_sentences_with_a_semicolon_are_no_lists() -> None:
    texts = [f"sentence {i % 9}; or so {i}" for i in range(45)]
    with pytest.raises(DataError, match="different in each of the 45 rows"):
        read_targets(column(texts))


def test_a_column_without_lists_has_no_labels() -> None:
    with pytest.raises(DataError, match="'y' holds no labels"):
        read_targets(column([1, 2, 3] * 5), "multilabel")
    with pytest.raises(DataError, match="there is one label only"):
        read_targets(column(["red", ""] * 5), "multilabel")


def test_classes_in_order_are_asked_for() -> None:
    found = read_targets(column([3, 5, 4] * 9), "ordinal")
    assert (found.kind, found.classes) == ("ordinal", ("3", "4", "5"))
    with pytest.raises(DataError, match="nothing tells the order of 'high', 'low' in 'y'"):
        read_targets(column(["low", "high"] * 9), "ordinal")
