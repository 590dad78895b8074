"""Folders of images: layouts, sizes, colours, broken files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from archwright.data import load, read_images
from archwright.errors import DataError


def draw(path: Path, seed: int, size: tuple[int, int] = (8, 6), mode: str = "RGB") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    channels = {"L": 1, "RGB": 3, "RGBA": 4}[mode]
    values = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], channels))
    Image.fromarray(values.astype(np.uint8).squeeze()).convert(mode).save(path)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two class folders of ten colour images each."""
    root = tmp_path / "my fotos ä"
    for i in range(20):
        draw(root / ("cat", "dog")[i % 2] / f"{i:02}.png", i)
    return root


def test_class_folders_are_classes(photos: Path) -> None:
    task = load(photos)
    assert task.classes == ("cat", "dog")
    assert task.inputs.shape == (20, 3, 6, 8)
    assert task.files[0] == "cat/00.png"
    assert task.name == "my fotos ä"
    assert [task.classes[i] for i in task.target] == [file[:3] for file in task.files]
    assert task.read == {
        "width": 8,
        "height": 6,
        "mode": "RGB",
        "channels": 3,
        "layout": "files",
        "dtype": "uint8",
    }


def test_hidden_and_other_files_are_ignored(photos: Path) -> None:
    (photos / "cat" / ".00.png").write_bytes(b"resource fork")
    (photos / "cat" / "Thumbs.db").write_bytes(b"x")
    (photos / ".cache").mkdir()
    (photos / "empty").mkdir()
    task = load(photos)
    assert len(task) == 20
    assert "Folders without images are left out: empty." in task.notes


def test_train_and_test_folders_are_respected(photos: Path) -> None:
    for i in range(4):
        draw(photos.parent / "parts" / "test" / ("cat", "dog")[i % 2] / f"{i}.png", 100 + i)
    photos.rename(photos.parent / "parts" / "train")
    task = load(photos.parent / "parts")
    assert sorted(task.files[i] for i in task.splits.test)[0] == "test/cat/0.png"
    assert len(task.splits.test) == 4
    assert task.classes == ("cat", "dog")


def test_sizes_that_differ_become_the_median_and_it_is_said(photos: Path) -> None:
    draw(photos / "cat" / "wide.png", 99, (40, 30))
    task = load(photos)
    assert task.inputs.shape == (21, 3, 6, 8)
    assert any("from 8x6 to 40x30: all are resized to 8x6" in note for note in task.notes)


def test_large_images_are_scaled_down_and_it_is_said(tmp_path: Path) -> None:
    for i in range(12):
        draw(tmp_path / "ab"[i % 2] / f"{i}.jpg", i, (128, 96))
    task = load(tmp_path)
    assert task.inputs.shape == (12, 3, 48, 64)
    assert any("scaled down to 64x48" in note for note in task.notes)


def test_grey_images_have_one_channel_even_when_stored_in_colour(tmp_path: Path) -> None:
    for i in range(12):
        path = tmp_path / "ab"[i % 2] / f"{i}.png"
        draw(path, i, mode="L")
        if i % 3 == 0:
            Image.open(path).convert("RGB").save(path)
    task = load(tmp_path)
    assert task.inputs.shape == (12, 1, 6, 8)
    assert task.read["mode"] == "L"
    assert np.array_equal(read_images(tmp_path, task.read)[1], task.inputs)


def test_deep_grey_images_are_not_clipped(tmp_path: Path) -> None:
    for i in range(12):
        path = tmp_path / "ab"[i % 2] / f"{i}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(np.full((5, 5), 256 * (i + 10), dtype=np.uint16)).save(path)
    assert np.unique(load(tmp_path).inputs).tolist() == list(range(10, 22))


@pytest.mark.parametrize("named", ["{}.png", "{}", "images/{}.png", "./images/{}.png"])
def test_a_table_of_labels_beside_the_images(tmp_path: Path, named: str) -> None:
    lines = ["file,split,label"]
    for i in range(12):
        draw(tmp_path / "images" / f"{i:03}.png", i)
        part = "test" if i > 8 else "train"
        lines.append(f"{named.format(f'{i:03}')},{part},{('cat', 'dog')[i % 2]}")
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    draw(tmp_path / "images" / "spare.png", 99)
    task = load(tmp_path)
    assert task.target_name == "label"
    assert task.splits.test.tolist() == [9, 10, 11]
    assert task.files[3] == "images/003.png"
    assert "1 images have no row in labels.csv and are left out." in task.notes


def test_the_table_itself_may_be_named(tmp_path: Path) -> None:
    for i in range(12):
        draw(tmp_path / f"{i}.png", i)
    rows = "\n".join(f"{i}.png,{i * 1.5}" for i in range(12))
    (tmp_path / "ages.csv").write_text(f"file,age\n{rows}\n")
    by_path, by_option = load(tmp_path / "ages.csv"), load(tmp_path, labels="ages.csv")
    assert by_path.kind == "regression"
    assert by_path.fingerprint == by_option.fingerprint
    with pytest.raises(DataError, match=r"'age\.csv' with labels; did you mean 'ages\.csv'"):
        load(tmp_path, labels="age.csv")
    with pytest.raises(DataError, match=r"12 images but no labels.*labels\.csv"):
        load(tmp_path)
    with pytest.raises(DataError, match="images have no columns"):
        load(tmp_path, labels="ages.csv", types={"age": "numeric"})


def test_labels_of_images_that_are_not_there(tmp_path: Path) -> None:
    draw(tmp_path / "a.png", 1)
    (tmp_path / "labels.csv").write_text("file,label\na.png,x\nb.png,y\nc.png,y\n")
    with pytest.raises(DataError, match=r"2 of its images are not in .*'b\.png', 'c\.png'"):
        load(tmp_path)
    (tmp_path / "labels.csv").write_text("file\na.png\n")
    with pytest.raises(DataError, match="needs two columns"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda data: b"", "0 bytes"),
        (lambda data: data[: len(data) // 2], "truncated"),
        (lambda data: b"not an image at all", "damaged, or not an image"),
    ],
)
def test_broken_images_are_named_with_the_way_out(photos: Path, damage: Any, reason: str) -> None:
    draw(photos / "cat" / "x.png", 1, (60, 60))
    for name in ("x.png", "y.png", "z.png", "w.png"):
        whole = (photos / "cat" / "x.png").read_bytes()
        (photos / "dog" / name).write_bytes(damage(whole))
    with pytest.raises(DataError) as caught:
        load(photos)
    said = str(caught.value)
    assert said.startswith("4 of 25 images cannot be read: ")
    assert "dog/w.png" in said
    assert reason in said
    assert said.endswith("and 1 more; remove these files or replace them")


def test_folders_without_images_and_one_class_are_refused(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "void").mkdir()
    with pytest.raises(DataError, match="void: holds no images; archwright reads"):
        load(tmp_path / "void")
    for path in (photos / "dog").iterdir():
        path.unlink()
    with pytest.raises(DataError, match="one class only"):
        load(photos)


def test_new_images_are_read_as_those_of_training(photos: Path, tmp_path: Path) -> None:
    task = load(photos)
    names, pixels = read_images(photos, task.read)
    assert names == list(task.files)
    assert np.array_equal(pixels, task.inputs)
    one = photos / "dog" / "01.png"
    assert read_images(one, task.read)[0] == ["01.png"]
    draw(tmp_path / "new" / "big.png", 5, (80, 80), "RGBA")
    assert read_images(tmp_path / "new", task.read)[1].shape == (1, 3, 6, 8)
    with pytest.raises(DataError, match="no image there"):
        read_images(tmp_path / "nothing", task.read)
    with pytest.raises(DataError, match="arrays of its own scale"):
        read_images(one, {**task.read, "dtype": "float32"})


def test_a_test_folder_takes_the_size_of_the_training_images(photos: Path, tmp_path: Path) -> None:
    for i in range(4):
        draw(tmp_path / "held out" / ("cat", "bird")[i % 2] / f"{i}.png", i, (20, 20))
    task = load(photos, test=tmp_path / "held out")
    assert task.splits.test.tolist() == [20, 21, 22, 23]
    assert task.inputs.shape == (24, 3, 6, 8)
    assert task.classes == ("bird", "cat", "dog")
    assert any(finding.title == "Class missing from train" for finding in task.findings)
