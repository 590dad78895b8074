"""Tables whose cells name files or hold texts: what they are, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from archwright.data.load import load
from archwright.data.task import Several
from archwright.errors import DataError
from tests.data.several import rows, table


def inputs(task: object) -> Several:
    found = getattr(task, "inputs", None)
    assert isinstance(found, Several)
    return found


def test_cells_that_name_files_are_read_beside_texts_and_columns(tmp_path: Path) -> None:
    task = load(table(tmp_path))
    assert task.modality == "mixed"
    assert dict(task.about) == {
        "photo": "image",
        "clip": "audio",
        "said": "text",
        "size": "numeric",
        "town": "categorical",
    }
    held = inputs(task).held
    assert held["photo"].shape == (40, 3, 8, 9)
    assert held["photo"].dtype == np.uint8
    assert held["clip"].shape[:2] == (40, 1)
    told = " ".join(task.notes)
    assert "images ('photo'); clips ('clip')" in told
    assert "Column 'photo': The images differ in size" in told


def test_each_row_has_what_its_own_file_holds(tmp_path: Path) -> None:
    frame = rows(tmp_path)
    frame["photo"] = frame["photo"].fillna("photos/0.png")
    frame.loc[8, "photo"] = " photos\\2.png"
    frame.to_csv(tmp_path / "data.csv", index=False)
    photos = inputs(load(tmp_path / "data.csv")).held["photo"]
    assert (photos[8] == photos[2]).all()
    with Image.open(tmp_path / "photos" / "4.png") as image:
        assert image.size == (9, 8)
        assert (photos[4] == np.moveaxis(np.asarray(image), 2, 0)).all()


def test_rows_without_a_file_are_blank_and_told(tmp_path: Path) -> None:
    task = load(table(tmp_path))
    held = inputs(task).held
    assert not held["photo"][3].any()
    assert not held["clip"][5].any()
    assert held["photo"][4].any()
    assert "Column 'clip': 1 of 40 rows name no file" in " ".join(task.notes)


def test_a_user_may_say_otherwise(tmp_path: Path) -> None:
    path = table(tmp_path)
    plain = load(path, modality="table")
    assert plain.modality == "table"
    assert {"photo", "clip"} == {c.name for c in plain.columns if c.type == "identifier"}
    assert load(path, modality="text").modality == "text"
    only = load(path, types={"photo": "identifier", "clip": "identifier"})
    assert [only.modality, sorted(inputs(only).held)] == ["mixed", []]


def test_files_alone_stay_what_they_were(tmp_path: Path) -> None:
    frame = rows(tmp_path).drop(index=3)
    frame[["photo", "label"]].to_csv(tmp_path / "two.csv", index=False)
    assert load(tmp_path / "two.csv").modality == "image"
    who = frame[["photo", "town", "label"]]
    who.to_csv(tmp_path / "grouped.csv", index=False)
    grouped = load(tmp_path / "grouped.csv", split="group:town")
    assert grouped.modality == "image", "the column of groups is no input"
    assert load(tmp_path / "grouped.csv").modality == "mixed"
    assert load(tmp_path / "grouped.csv", modality="image").modality == "image"


def test_short_texts_leave_a_table_what_it_is() -> None:
    names = [f"Mr John of House {i}" for i in range(60)]
    frame = pd.DataFrame({"name": names, "age": np.arange(60) % 9 / 2, "y": ["a", "b"] * 30})
    assert load(frame, "y").modality == "table"
    assert load(frame, "y", modality="mixed").modality == "mixed"


def test_files_that_are_not_there_are_named_with_their_rows(tmp_path: Path) -> None:
    path = table(tmp_path)
    (tmp_path / "photos" / "12.png").unlink()
    with pytest.raises(DataError, match=r"'photo': 1 of its files .*'photos/12.png' \(row 13\)"):
        load(path)


def test_damaged_files_are_named(tmp_path: Path) -> None:
    path = table(tmp_path)
    (tmp_path / "photos" / "12.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"1 of 39 images cannot be read: .*12\.png"):
        load(path)
    Image.new("RGB", (9, 8)).save(tmp_path / "photos" / "12.png")
    (tmp_path / "clips" / "7.wav").write_bytes(b"")
    with pytest.raises(DataError, match=r"1 of 39 clips cannot be read: .*7\.wav"):
        load(path)


def test_names_of_files_that_are_all_elsewhere_are_no_input_and_the_reason_says_so(
    tmp_path: Path,
) -> None:
    path = table(tmp_path)
    shutil.rmtree(tmp_path / "photos")
    (photo,) = (column for column in load(path).columns if column.name == "photo")
    assert photo.type == "identifier"
    assert "has no such files" in photo.reason
    with pytest.raises(DataError, match="39 of its files are not there"):
        load(path, types={"photo": "image"})


def test_names_of_files_that_come_again_are_categories_where_the_files_are_not_there() -> None:
    frame = pd.DataFrame({"icon": ["sun.png", "rain.png", "snow.png"] * 20, "y": ["a", "b"] * 30})
    assert load(frame, "y").about == {"icon": "categorical"}


def test_test_rows_may_lie_in_another_folder(tmp_path: Path) -> None:
    path, other = table(tmp_path / "here"), table(tmp_path / "there", 30)
    task = load(path, test=other)
    assert len(task.splits.test) == 30
    held = inputs(task).held["photo"]
    with Image.open(tmp_path / "there" / "photos" / "1.png") as image:
        assert (held[41] == np.moveaxis(np.asarray(image), 2, 0)).all()


def test_the_table_of_a_folder_is_read_where_it_is_asked_for(tmp_path: Path) -> None:
    table(tmp_path).rename(tmp_path / "labels.csv")
    assert load(tmp_path, modality="mixed").modality == "mixed"
    (tmp_path / "labels.csv").unlink()
    with pytest.raises(DataError, match=r"holds no labels\.csv"):
        load(tmp_path, modality="mixed")


def test_groups_stay_on_one_side(tmp_path: Path) -> None:
    frame = rows(tmp_path)
    frame["who"] = [f"person {i % 8}" for i in range(40)]
    frame[["who", *frame.columns[:-1]]].to_csv(tmp_path / "data.csv", index=False)
    task = load(tmp_path / "data.csv", split="group:who")
    assert "who" not in task.about
    sides = [set(rows % 8) for rows in (task.splits.development, task.splits.test)]
    assert not sides[0] & sides[1]


def test_the_fingerprint_sees_into_files(tmp_path: Path) -> None:
    path = table(tmp_path)
    before = load(path).fingerprint
    assert load(path).fingerprint == before
    Image.new("RGB", (8, 8), "white").save(tmp_path / "photos" / "0.png")
    assert load(path).fingerprint != before


def test_copies_across_splits_are_found_by_what_files_hold(tmp_path: Path) -> None:
    frame = rows(tmp_path)
    frame["split"] = ["test"] * 4 + ["train"] * 36
    for column in ("clip", "said", "size", "town"):
        frame[column] = frame[column].astype(object)
        frame.loc[20, column] = frame.loc[0, column]
    shutil.copy(tmp_path / "photos" / "0.png", tmp_path / "photos" / "20.png")
    frame.to_csv(tmp_path / "data.csv", index=False)
    titles = [finding.title for finding in load(tmp_path / "data.csv").findings]
    assert "Duplicates across splits (test)" in titles
