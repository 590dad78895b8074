"""The data doctor: each finding on data made to have it, and silence on sound data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from archwright.data import Finding, load

RNG = np.random.default_rng(0)
ROWS = 400


def frame(**columns: Any) -> pd.DataFrame:
    noise = {f"noise{i}": RNG.normal(size=ROWS) for i in range(3)}
    return pd.DataFrame({**noise, **columns})


def found(data: Any, title: str, **options: Any) -> list[Finding]:
    return [f for f in load(data, **options).findings if f.title.startswith(title)]


LABELS = RNG.permutation(np.arange(ROWS) % 2)
VALUES = RNG.normal(size=ROWS)


def test_sound_data_gives_no_findings(wine: pd.DataFrame) -> None:
    big = pd.concat([wine] * 2).select_dtypes("number")
    shaken = big + RNG.normal(scale=1e-3, size=big.shape)
    assert load(frame(y=LABELS)).findings == ()
    assert load(frame(y=VALUES)).findings == ()
    assert load(shaken.assign(target=[*wine["target"], *wine["target"]])).findings[1:] == ()


def test_sorted_labels_are_harmless_once_shuffled_but_not_in_a_split_by_time() -> None:
    data = frame(day=np.arange(ROWS) * 1.5, y=np.sort(LABELS))
    assert [f.level for f in found(data, "Sorted by target")] == ["info"]
    assert [f.level for f in found(data, "Sorted by target", split="time:day")] == ["warning"]
    grouped = frame(y=np.repeat(["b", "a", "c", "d"], ROWS // 4))
    assert found(grouped, "Sorted by target")
    assert found(frame(y=np.sort(VALUES)), "Sorted by target")


def test_copies_across_splits_are_counted() -> None:
    data = frame(y=LABELS)
    data["split"] = np.where(np.arange(ROWS) < 300, "train", "test")
    data.iloc[300:330, :3] = data.iloc[:30, :3].to_numpy()
    (finding,) = found(data, "Duplicates across splits (test)")
    assert finding.level == "serious"
    assert "30 of 100 test rows (30.0%)" in finding.detail


def test_equal_rows_of_a_few_coarse_columns_are_no_alarm() -> None:
    data = pd.DataFrame({"a": np.arange(ROWS) % 3, "b": LABELS[::-1], "y": LABELS})
    assert {f.level for f in found(data, "Duplicates")} == {"info"}


def test_copies_of_images_are_counted() -> None:
    images = RNG.integers(0, 256, (ROWS, 4, 4), dtype=np.uint8)
    images[200:] = images[:200]
    assert found((images, LABELS), "Duplicates across splits (test)")
    images[200:] = RNG.integers(0, 256, (200, 4, 4), dtype=np.uint8)
    assert not found((images, LABELS), "Duplicates across splits (test)")


@pytest.mark.parametrize(
    "leak",
    [
        LABELS * 1000 + np.arange(ROWS) / ROWS,
        np.where(LABELS == 1, "sick", "well"),
        pd.Timestamp("2024-01-01") + pd.to_timedelta(LABELS * 90, unit="D"),
    ],
    ids=["number", "category", "date"],
)
def test_a_column_that_gives_a_class_away_is_named(leak: Any) -> None:
    (finding,) = found(frame(leak=leak, y=LABELS), "Column")
    assert finding.level == "serious"
    assert finding.title == "Column 'leak' gives the target away"


def test_a_column_that_gives_a_value_away_is_named() -> None:
    many = 3000
    values = RNG.normal(size=many)
    data = pd.DataFrame({"a": RNG.normal(size=many), "leak": -3 * values, "y": values})
    (finding,) = found(data, "Column")
    assert "'leak'" in finding.title
    assert "R²" in finding.detail


def test_a_majority_alone_gives_nothing_away() -> None:
    rare = (np.arange(ROWS) % 80 == 0).astype(int)
    assert not found(frame(coarse=np.arange(ROWS) % 3, y=rare), "Column")


def test_imbalance_is_told_with_the_score_of_the_majority() -> None:
    (finding,) = found(frame(y=np.where(np.arange(ROWS) % 20 == 0, "rare", "usual")), "Imbalanced")
    assert finding.level == "warning"
    assert "19.0 times fewer" in finding.detail
    assert "95.0%" in finding.detail


def test_classes_that_miss_from_a_part_are_named() -> None:
    data = frame(y=np.where(np.arange(ROWS) < 2, "rare", np.where(LABELS, "a", "b")))
    (finding,) = found(data, "Class missing from test")
    assert (finding.level, "'rare'" in finding.detail) == ("warning", True)
    data["split"] = np.where(np.arange(ROWS) < 100, "test", "train")
    (finding,) = found(data, "Class missing from train")
    assert finding.level == "serious"


def test_columns_without_use_are_named() -> None:
    half = np.where(np.arange(ROWS) % 5 == 0, 1.0 * np.arange(ROWS), np.nan)
    data = frame(id=np.arange(ROWS), same=1, void=[None] * ROWS, sparse=half, y=LABELS)
    assert "'id'" in found(data, "Identifier columns")[0].detail
    constant = found(data, "Constant columns")[0].detail
    assert "'same'" in constant
    assert "'void': every value is missing" in constant
    assert "'sparse' (80%)" in found(data, "Mostly missing")[0].detail


def test_few_rows_warn_of_rough_scores() -> None:
    assert (
        "one row moves the test score by 5.0%"
        in found(frame(y=LABELS).iloc[:100], "Very few rows")[0].detail
    )


def test_categories_that_only_the_test_has_are_no_error() -> None:
    data = frame(city=["Bern", "Köln"] * (ROWS // 2), y=LABELS)
    data["split"] = np.where(np.arange(ROWS) < 300, "train", "test")
    data.loc[350:, "city"] = "Århus"
    (finding,) = found(data, "Categories not seen in training (city)")
    assert "'Århus' in 50 rows" in finding.detail


def test_a_header_of_numbers_is_suspicious() -> None:
    data = frame(y=LABELS)
    assert found(data.set_axis(["5.1", "3.5", "0.2", "1"], axis=1), "No header?")


def test_the_gravest_findings_come_first() -> None:
    data = frame(id=np.arange(ROWS), leak=LABELS, y=LABELS).iloc[:150]
    levels = [finding.level for finding in load(data).findings]
    assert levels == sorted(levels, key=["serious", "warning", "info"].index)
    assert len(set(levels)) == 3
