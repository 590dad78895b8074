from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from archwright.nets import preprocess
from archwright.nets.fit import fit_image, fit_table, width
from archwright.nets.preprocess import DATE_PARTS, images, moment, number, table, text

IMAGE = {"channels": 3, "height": 4, "width": 5, "mode": "RGB", "layout": "nhwc", "dtype": "uint8"}


def as_csv(frame: pd.DataFrame, folder: Path) -> dict[str, tuple[str, ...]]:
    """The frame as it comes back from a CSV file without pandas: columns of text."""
    path = folder / "frame.csv"
    frame.to_csv(path, index=False)
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return dict(zip(header, zip(*rows, strict=True), strict=True))


def types_of(frame: pd.DataFrame) -> dict[str, str]:
    return {n: "numeric" if frame[n].dtype.kind in "if" else "categorical" for n in frame}


@pytest.mark.parametrize("name", ["adult", "wine_quality", "california_housing"])
def test_csv_text_gives_the_numbers_that_the_frame_gives(
    name: str, data_folder: Path, tmp_path: Path
) -> None:
    frame = pd.read_parquet(data_folder / "tabular" / f"{name}.parquet").iloc[::20]
    frame = frame.drop(columns=["split"], errors="ignore")
    spec = fit_table(frame.iloc[: len(frame) // 2], types_of(frame))
    from_frame = table(frame, spec)
    assert from_frame.shape == (len(frame), width(spec))
    assert from_frame.dtype == np.float32
    assert np.isfinite(from_frame).all()
    np.testing.assert_array_equal(table(as_csv(frame, tmp_path), spec), from_frame)


def test_every_type_survives_csv_and_json(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "count": [3, 1, 2, 2] * 5,
            "share": [0.1, np.nan, 1e-3, 2.5e10] * 5,
            "flag": [True, False, False, True] * 5,
            "when": pd.date_range("2024-02-28", periods=20, freq="7h"),
            "zip": ["007", "7", "007", "7"] * 5,
            "level": [1.0, 2.0, np.nan, 1.0] * 5,
            "note": ["a good day", "bad, very bad", None, "Good!"] * 5,
        }
    )
    types = {
        "count": "numeric",
        "share": "numeric",
        "flag": "boolean",
        "when": "datetime",
        "zip": "categorical",
        "level": "categorical",
        "note": "text",
    }
    spec = json.loads(json.dumps(fit_table(frame, types)))
    np.testing.assert_array_equal(table(as_csv(frame, tmp_path), spec), table(frame, spec))


def test_categories_come_last_as_codes_and_0_is_unseen_rare_or_missing() -> None:
    frame = pd.DataFrame({"kind": ["b", "b", "b", "a", "a", "rare"], "size": [1, 2, 3, 4, 5, 6]})
    spec = fit_table(frame, {"kind": "categorical", "size": "numeric"})
    new = {"kind": ["b", "a", "rare", "new", None, " a "], "size": [1] * 6}
    assert table(new, spec)[:, -1].tolist() == [1, 2, 0, 0, 0, 2]


def test_missing_numbers_are_filled_and_told() -> None:
    spec = fit_table(pd.DataFrame({"x": [1.0, 2.0, 6.0, np.nan]}), {"x": "numeric"})
    made = table({"x": ["2", "", "?", "NA", "oops", "inf"]}, spec)
    assert made[:, 1].tolist() == [0, 1, 1, 1, 1, 1]
    assert np.ptp(made[:, 0]) == 0  # all are the median, 2


def test_extra_columns_are_ignored_and_missing_ones_named() -> None:
    frame = pd.DataFrame({"age": [1, 2, 3], "size": [3, 2, 1]})
    spec = fit_table(frame, {"age": "numeric", "size": "numeric"})
    assert table({"size": [1], "more": ["?"], "age": [2]}, spec).shape == (1, 2)
    with pytest.raises(ValueError, match=r"missing column 'age'; the network needs these: age, s"):
        table({"size": [1]}, spec)


def test_a_column_of_nothing_but_junk_is_a_mistake() -> None:
    spec = fit_table(pd.DataFrame({"x": [1.0, 2.0]}), {"x": "numeric"})
    with pytest.raises(ValueError, match=r"column 'x': no value is a number; the first is '1,5'"):
        table({"x": ["1,5", "2,5"]}, spec)


def test_numbers_beyond_all_reason_stay_finite() -> None:
    spec = fit_table(pd.DataFrame({"x": [1.0, 2.0, 3.0]}), {"x": "numeric"})
    assert np.abs(table({"x": [1e300, -1e300]}, spec)).tolist() == [[1e6], [1e6]]


def test_no_rows_give_no_rows() -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0], "note": ["a", "b"], "when": ["2024-01-01"] * 2})
    spec = fit_table(frame, {"x": "numeric", "note": "text", "when": "datetime"})
    assert table(frame.iloc[:0], spec).shape == (0, width(spec))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((3, 3.0, "3", " 3.0 ", np.int32(3), np.float32(3)), "3"),
        ((0.1, "0.1", "1e-1", np.float32(0.1), np.float64(0.1)), "0.1"),
        ((True, "True", "TRUE", "true", np.bool_(True)), "true"),
        ((None, float("nan"), "", "?", "NA", "N/A", "nan", pd.NaT, pd.NA), None),
        (("007",), "007"),
        (("None",), "None"),
        ((" a b ",), "a b"),
        ((10**18, str(10**18)), str(10**18)),
    ],
)
def test_a_value_has_one_text_wherever_it_comes_from(
    values: tuple[Any, ...], expected: str | None
) -> None:
    assert [text(value) for value in values] == [expected] * len(values)


def test_1_and_true_are_different_categories_though_python_calls_them_equal() -> None:
    assert preprocess.each([1, True, 1.0, "1"], text) == ["1", "true", "1", "1"]


def test_values_without_a_hash_are_read_as_text() -> None:
    assert preprocess.each([[1], [1]], text) == ["[1]", "[1]"]


def test_truth_reads_the_usual_words() -> None:
    spec = fit_table(pd.DataFrame({"x": [True, False]}), {"x": "boolean"})
    made = table({"x": ["yes", "1", "T", "no", 0, False]}, spec)[:, 0]
    assert (made > 0).tolist() == [True] * 3 + [False] * 3


def test_numbers_with_underscores_are_text() -> None:
    assert np.isnan(number("1_000"))
    assert text("1_000") == "1_000"


def test_a_date_is_the_same_in_every_form() -> None:
    when = datetime(2024, 3, 4, 5, 30)
    forms = (
        *(when, "2024-03-04 05:30", "2024-03-04T05:30:00Z", pd.Timestamp(when)),
        *(np.datetime64("2024-03-04T05:30:00", "ns"), when.replace(tzinfo=UTC)),
        when.replace(hour=7, tzinfo=timezone(timedelta(hours=2))),
    )
    assert {moment(form) for form in forms} == {moment(when)}
    assert moment("04/03/2024 05:30", "%d/%m/%Y %H:%M") == moment(when)
    assert moment(date(2024, 3, 4))[:3] == (2024, 3, 4)
    assert np.isnan(moment("soon")).all()


def test_what_is_near_in_the_year_the_week_or_the_day_is_near_in_numbers() -> None:
    def apart(one: str, other: str, rounds: str) -> float:
        at = [DATE_PARTS.index(f"{rounds} {turn}") for turn in ("sine", "cosine")]
        return sum((moment(one)[i] - moment(other)[i]) ** 2 for i in at) ** 0.5

    assert (
        apart("2023-12-31", "2024-01-01", "year") < 0.04 < apart("2024-01-01", "2024-02-01", "year")
    )
    assert apart("2024-03-03", "2024-03-04", "week") < 1 < apart("2024-03-03", "2024-03-06", "week")
    near, far = ("2024-03-03 23:50", "2024-03-04 00:10"), ("2024-03-03 00:10", "2024-03-03 12:10")
    assert apart(*near, "day") < 0.1 < apart(*far, "day")


def test_words_are_counted_whatever_their_case() -> None:
    assert preprocess.words("Good, GOOD day").tolist() == preprocess.words("day good good").tolist()


@pytest.mark.parametrize("shape", [(2, 4, 5, 3), (2, 3, 4, 5)])
def test_images_come_out_with_channels_first(shape: tuple[int, ...]) -> None:
    array = np.arange(120, dtype=np.uint8).reshape(shape)
    made = images(array, fit_image(IMAGE))
    assert made.shape == (2, 3, 4, 5)
    assert made.dtype == np.float32
    expected = array if shape[1] == 3 else array.transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(made, expected)


def test_grey_images_need_no_channel_axis() -> None:
    spec = fit_image({**IMAGE, "channels": 1, "mode": "L", "layout": "nhw"})
    assert images(np.zeros((2, 4, 5), np.uint8), spec).shape == (2, 1, 4, 5)


def test_images_of_another_size_or_scale_are_refused() -> None:
    spec = fit_image(IMAGE)
    with pytest.raises(ValueError, match="the network takes 3 x 4 x 5"):
        images(np.zeros((2, 8, 8, 3), np.uint8), spec)
    with pytest.raises(ValueError, match="range from 0 to 1"):
        images(np.full((2, 4, 5, 3), 0.5), spec)
