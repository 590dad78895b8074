"""Types of columns: each rule on the smallest data that shows it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from archwright.data.columns import describe, settle
from archwright.errors import DataError

ROWS = 60


def kind(values: object, name: str = "a") -> str:
    frame = pd.DataFrame({name: values, "other": np.linspace(0, 1, len(values))})  # type: ignore[arg-type]
    return describe(frame)[0].type


def spread(*options: object) -> list[object]:
    return [options[i % len(options)] for i in range(ROWS)]


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (spread(1.5, 2.5, None), "numeric"),
        (spread(0, 1), "numeric"),
        (spread("red", "green", None), "categorical"),
        (spread(True, False), "boolean"),
        (spread("yes", "No", None), "boolean"),
        (pd.date_range("2024-01-01", periods=ROWS), "datetime"),
        ([f"2024-01-{1 + i % 28:02}" for i in range(ROWS)], "datetime"),
        ([f"{1 + i % 28}.03.2024 10:{i:02}" for i in range(ROWS)], "datetime"),
        ([f"March {1 + i % 28}, 2024" for i in range(ROWS)], "datetime"),
        ([f"a long remark with number {i}" for i in range(ROWS)], "text"),
        ([f"AX-{i}-{i * 7919 % 100}" for i in range(ROWS)], "identifier"),
        (range(100, 100 + ROWS), "identifier"),
        (spread(7), "constant"),
        (spread(None), "constant"),
        (spread("yes", None), "categorical"),
        ([i * i for i in range(ROWS)], "numeric"),
    ],
)
def test_types_are_inferred_from_the_values(values: object, wanted: str) -> None:
    assert kind(values) == wanted


@pytest.mark.parametrize("name", ["id", "Id", "user_id", "customerId", "Unnamed: 0", "uuid"])
def test_different_whole_numbers_with_the_name_of_an_id_are_identifiers(name: str) -> None:
    assert kind([i * i for i in range(ROWS)], name) == "identifier"


@pytest.mark.parametrize("name", ["humid", "width", "paid", "grid", "idle", "hybrid"])
def test_names_that_merely_contain_id_are_left_alone(name: str) -> None:
    assert kind([i * i for i in range(ROWS)], name) == "numeric"


def test_reasons_missing_and_distinct_values_are_told() -> None:
    frame = pd.DataFrame({"a": [1.5, None, 2.5, 2.5], "b": ["only"] * 4})
    numeric, constant = describe(frame)
    assert (numeric.missing, numeric.distinct) == (1, 2)
    assert "only" in constant.reason
    assert not constant.used


def test_given_types_win() -> None:
    frame = pd.DataFrame({"zip": [1001, 1002] * 5, "b": range(10)})
    columns = describe(frame, {"zip": "categorical", "b": "numeric"})
    assert [column.type for column in columns] == ["categorical", "numeric"]
    assert columns[0].reason == "as you said"


def test_unknown_names_and_types_suggest_the_nearest() -> None:
    frame = pd.DataFrame({"zip": [1, 2] * 5})
    with pytest.raises(DataError, match="no input column 'zipp'; did you mean 'zip'"):
        describe(frame, {"zipp": "categorical"})
    with pytest.raises(DataError, match="did you mean 'categorical'"):
        describe(frame, {"zip": "category"})


def test_text_called_numeric_must_be_numbers() -> None:
    frame = pd.DataFrame({"a": ["1", "2", "three", None]})
    with pytest.raises(DataError, match="row 3 holds 'three'"):
        settle(frame, describe(frame, {"a": "numeric"}))
    good = pd.DataFrame({"a": ["01", "02", "03"]})
    assert settle(good, describe(good, {"a": "numeric"}))["a"].tolist() == [1.0, 2.0, 3.0]


def test_nothing_left_to_learn_from_is_an_error_with_reasons() -> None:
    with pytest.raises(DataError, match=r"no column is left.*a: constant.*b: identifier"):
        describe(pd.DataFrame({"a": [1] * 20, "b": range(20)}))
    with pytest.raises(DataError, match="the target is the only column"):
        describe(pd.DataFrame(index=range(20)))
