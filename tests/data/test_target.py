"""The target: class or value, by a stated rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from archwright.data.target import choose, read_target
from archwright.errors import DataError


def column(values: object) -> pd.Series:
    return pd.Series(values, name="y")  # type: ignore[call-overload,no-any-return]


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
    target = read_target(column(values))
    assert target.kind == kind
    assert target.rule.startswith(f"{kind}: target 'y' holds ")


def test_labels_of_images_may_have_many_classes() -> None:
    values = column(list(range(100)) * 3)
    assert read_target(values).kind == "regression"
    assert read_target(values, arrays=True).kind == "classification"


def test_kind_is_overridable() -> None:
    values = column(list(range(1, 31)) * 3)
    assert read_target(values, "classification").classes[:2] == ("1", "2")
    assert read_target(column([0, 1] * 9), "regression").values.dtype == np.float64
    with pytest.raises(DataError, match="did you mean 'regression'"):
        read_target(values, "regresion")


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
    target = read_target(column(values))
    assert target.classes == classes
    assert target.values.dtype == np.int64
    assert [classes[i] for i in target.values[:2]] == [
        str(v).removesuffix(".0") for v in values[:2]
    ]


def test_what_cannot_be_learnt_is_refused() -> None:
    with pytest.raises(DataError, match=r"one class only \('a' in all 9 rows\)"):
        read_target(column(["a"] * 9))
    with pytest.raises(DataError, match="is 3 in every row"):
        read_target(column([3.0] * 9), "regression")
    with pytest.raises(DataError, match="different in each of the 30 rows"):
        read_target(column([f"name{i}" for i in range(30)]))
    with pytest.raises(DataError, match="25 different texts in 26 rows, too many"):
        read_target(column([*(f"name{i}" for i in range(25)), "name1"]))
    with pytest.raises(DataError, match="holds text such as 'a', so it cannot be a regression"):
        read_target(column(["a", "b"] * 5), "regression")
    with pytest.raises(DataError, match="holds dates"):
        read_target(column(pd.date_range("2024-01-01", periods=9)))


def test_the_last_column_is_the_target_unless_named() -> None:
    frame = pd.DataFrame({"a": [1], "income": [2], "split": [3]})
    assert choose(frame, None, skip="split") == "income"
    assert choose(frame, "a") == "a"
    with pytest.raises(DataError, match="no column 'incme' to predict; did you mean 'income'"):
        choose(frame, "incme")
