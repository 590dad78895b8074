from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from archwright.errors import DataError
from archwright.nets import fit
from archwright.nets.fit import categories, fit_image, fit_table, shape, target, width
from archwright.nets.preprocess import table


def test_standardised_columns_have_mean_0_and_deviation_1(wine: pd.DataFrame) -> None:
    inputs = wine.drop(columns="target")
    made = table(inputs, fit_table(inputs, dict.fromkeys(inputs, "numeric")))
    np.testing.assert_allclose(made.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(made.std(0), 1, atol=1e-5)


def test_nothing_of_other_rows_is_known() -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0, 1000.0], "kind": ["a", "a", "b", "b"]})
    types = {"x": "numeric", "kind": "categorical"}
    spec = fit_table(frame.iloc[:3], types)
    assert spec["columns"][0]["mean"] == 2
    assert spec["columns"][1]["levels"] == ["a"]  # one row of "b" is too few


def test_width_and_categories_follow_the_columns() -> None:
    frame = pd.DataFrame(
        {
            "x": [1.0, np.nan, 3.0],
            "kind": ["a", "a", "b"],
            "flag": ["yes", "no", "yes"],
            "when": ["2024-01-01", "2024-01-02", "2024-02-03"],
            "note": ["a b", "c", "d"],
            "id": [1, 2, 3],
        }
    )
    kinds = ("numeric", "categorical", "boolean", "datetime", "text", "identifier")
    spec = fit_table(frame, dict(zip(frame, kinds, strict=True)))
    # x and whether it is missing; flag; month, day, weekday, seconds, and sines and cosines of
    # year and week; 32 buckets; kind
    assert width(spec) == 2 + 1 + 8 + 32 + 1
    assert shape(spec) == (width(spec),)
    assert categories(spec) == (2,)
    assert table(frame, spec).shape == (3, width(spec))


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (["2024-01-31", "2024-02-01"], None),
        (["31/01/2024", "01/02/2024"], "%d/%m/%Y"),
        (["01/31/2024", "02/01/2024"], "%m/%d/%Y"),
        (["31.01.2024 12:30", "01.02.2024 08:00"], "%d.%m.%Y %H:%M"),
        (["Jan 31, 2024", "Feb 1, 2024"], "%b %d, %Y"),
    ],
)
def test_the_format_of_dates_is_found(texts: list[str], form: str | None) -> None:
    spec = fit_table(pd.DataFrame({"when": texts}), {"when": "datetime"})
    assert spec["columns"][0]["format"] == form


def test_identifiers_and_constants_are_left_out_and_something_must_be_left() -> None:
    frame = pd.DataFrame({"id": [1, 2], "same": [1, 1]})
    with pytest.raises(DataError, match="no column is left"):
        fit_table(frame, {"id": "identifier", "same": "constant"})


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("numeric", "no value is a number; the first is 'a'"),
        ("datetime", "no value is a date"),
        ("boolean", "3 different values where a boolean has two"),
    ],
)
def test_a_column_of_another_type_is_named(kind: str, message: str) -> None:
    with pytest.raises(DataError, match=f"column 'x': {message}"):
        fit_table(pd.DataFrame({"x": ["a", "b", "c"]}), {"x": kind})


def test_a_column_without_values_gives_a_constant() -> None:
    frame = pd.DataFrame({"x": [np.nan, np.nan], "when": [None, None], "flag": [None, None]})
    spec = fit_table(frame, {"x": "numeric", "when": "datetime", "flag": "boolean"})
    assert np.isfinite(table({"x": ["1", ""], "when": ["", ""], "flag": ["", ""]}, spec)).all()


def test_numbers_near_the_end_of_float64_are_scaled_without_overflow() -> None:
    spec = fit_table(pd.DataFrame({"x": [1e308, -1e308, 1e308, 1e308]}), {"x": "numeric"})
    assert np.isfinite(json.loads(json.dumps(spec))["columns"][0]["std"])
    assert np.isfinite(table({"x": [1e308]}, spec)).all()


def test_the_rarest_of_too_many_categories_share_code_0(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "MOST_LEVELS", 1_000)
    names = [f"c{i}" for i in range(1_100) for _ in range(3 if i < 10 else 2)]
    spec = fit_table(pd.DataFrame({"x": names}), {"x": "categorical"})
    assert categories(spec) == (1_001,)
    assert spec["columns"][0]["levels"][:10] == [f"c{i}" for i in range(10)]


def test_images_and_targets_are_described() -> None:
    image = {"channels": 1, "height": 8, "width": 9, "mode": "L", "layout": "nhw", "dtype": "uint8"}
    spec = fit_image(image) | target("digit", "classification", ("0", "1"), ())
    assert shape(spec) == (1, 8, 9)
    assert json.loads(json.dumps(spec))["classes"] == ["0", "1"]
