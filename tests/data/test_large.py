"""Files that are too large: rows drawn from them, and damage told as ever."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from archwright.data import large, load
from archwright.errors import DataError


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "LARGE", 50_000)
    monkeypatch.setattr(large, "KEPT", 30_000)


def frame(rows: int = 9000) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    words = np.array(["red", "a, b", 'the "blue" one', "two\nlines"])
    return pd.DataFrame(
        {
            "row": np.arange(rows),
            "x": rng.normal(size=rows),
            "word": words[rng.integers(0, 4, rows)],
        }
    )


def saved(folder: Path, name: str) -> Path:
    path, whole = folder / name, frame()
    match name.split(".", 1)[1]:
        case "csv":
            whole.to_csv(path, index=False)
        case "csv.gz":
            with gzip.open(path, "wt", newline="") as file:
                whole.to_csv(file, index=False)
        case "jsonl":
            whole.to_json(path, orient="records", lines=True)
        case "parquet":
            whole.to_parquet(path, row_group_size=2000)
    return path


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.jsonl", "t.parquet"])
def test_rows_are_drawn_evenly_and_stay_in_order(tmp_path: Path, name: str) -> None:
    path, whole = saved(tmp_path, name), frame()
    assert large.is_large(path)
    found, (said,) = large.read_sample(path)
    assert 300 < len(found) < 3000
    assert f"{len(found):,} of its 9,000 rows, drawn at random, are read" in said
    assert found["row"].is_monotonic_increasing
    assert found["row"].is_unique
    # A mean of n draws of 0 ... 9,000 is off by 2,598 / sqrt(n); three times that is allowed.
    assert abs(found["row"].mean() - 4500) < 3 * 2598 / len(found) ** 0.5
    known = whole.iloc[found["row"].to_numpy()].reset_index(drop=True)
    pd.testing.assert_series_equal(found["x"], known["x"], rtol=1e-9)
    assert found["word"].tolist() == known["word"].tolist()


def test_a_task_says_that_rows_were_drawn(tmp_path: Path) -> None:
    path = saved(tmp_path, "t.csv")
    task = load(path, "word")
    assert any("drawn at random" in note for note in task.notes)
    assert load(path, "word").fingerprint == task.fingerprint


def test_a_file_that_is_small_enough_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large, "KEPT", 10**9)
    found, said = large.read_sample(saved(tmp_path, "t.csv"))
    assert (len(found), said) == (9000, [])


def test_a_ragged_line_is_named_wherever_it_stands(tmp_path: Path) -> None:
    path = saved(tmp_path, "t.csv")
    with path.open("a") as file:
        file.write("1,2\n")
    with pytest.raises(DataError, match="has 2 fields, the header has 3"):
        large.read_sample(path)


def test_what_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, "t.csv")
    with path.open("ab") as file:
        file.write(b"1,2,caf\xe9\n")
    with pytest.raises(DataError, match="not UTF-8 text; convert it"):
        large.read_sample(path)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, "t.csv.gz")
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(DataError, match="damaged"):
        large.read_sample(path)
    path = saved(tmp_path, "t.parquet")
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(DataError, match="damaged or not a Parquet file"):
        large.read_sample(path)
