"""When a source is a task of texts."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from archwright.data.load import load
from archwright.errors import DataError

LISTED = [f"a text of several words number {i}" for i in range(40)]
LABELS = ["yes", "no"] * 20


def test_a_table_of_one_text_is_a_task_of_texts() -> None:
    task = load(pd.DataFrame({"said": LISTED, "y": LABELS}), "y")
    assert task.modality == "text"
    assert "'said'" in " ".join(task.notes)


def test_with_further_columns_long_texts_are_one_of_several_inputs() -> None:
    frame = pd.DataFrame({"said": LISTED, "size": np.arange(40) % 7 / 2, "y": LABELS})
    assert load(frame, "y").modality == "mixed"
    assert load(frame, "y", modality="table").modality == "table"
    task = load(frame, "y", modality="text")
    assert task.modality == "text"
    assert [column.name for column in task.columns] == ["said"]
    assert "left out: 'size'" in " ".join(task.notes)


def test_texts_are_not_found_where_there_are_none() -> None:
    frame = pd.DataFrame({"size": np.arange(40) % 7 / 2, "y": LABELS})
    with pytest.raises(DataError, match="takes one column of texts; found none"):
        load(frame, "y", modality="text")


def test_arrays_of_texts_are_texts() -> None:
    assert load((np.array(LISTED), np.array(LABELS))).modality == "text"


def test_folders_of_texts_are_read_with_their_parts(tmp_path: Path) -> None:
    for i, text in enumerate(LISTED):
        place = tmp_path / ("test" if i < 10 else "train") / LABELS[i]
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{i}.txt").write_text(text)
    task = load(tmp_path)
    assert (task.modality, task.classes, len(task.splits.test)) == ("text", ("no", "yes"), 10)
