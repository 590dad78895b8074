"""Arrays, npz files, IDX files: shapes, names, damage."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from archwright.data import load, read_images
from archwright.data.arrays import to_images
from archwright.errors import DataError

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (40, 6, 5), dtype=np.uint8)
LABELS = np.arange(40) % 2


class Tensor:
    """What archwright asks of a tensor, without torch."""

    def __init__(self, values: NDArray[Any]) -> None:
        self.values = values

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    def numpy(self) -> NDArray[Any]:
        return self.values


@pytest.mark.parametrize(
    ("shape", "wanted", "mode"),
    [
        ((40, 6, 5), (40, 1, 6, 5), "L"),
        ((40, 6, 5, 1), (40, 1, 6, 5), "L"),
        ((40, 6, 5, 3), (40, 3, 6, 5), "RGB"),
        ((40, 3, 6, 5), (40, 3, 6, 5), "RGB"),
        ((40, 4, 6, 5), (40, 4, 6, 5), "RGBA"),
    ],
)
def test_images_come_channels_first(shape: Any, wanted: Any, mode: str) -> None:
    task = load((np.resize(GREY, shape), LABELS))
    assert task.modality == "image"
    assert task.inputs.shape == wanted
    assert task.inputs.dtype == np.uint8
    assert (task.read["mode"], task.read["width"], task.read["height"]) == (mode, 5, 6)


def test_two_dimensions_are_a_table() -> None:
    task = load((RNG.normal(size=(40, 3)), LABELS))
    assert task.modality == "table"
    assert list(task.inputs) == ["x0", "x1", "x2"]
    assert task.target_name == "target"


def test_small_float_images_stay_as_they_are(digits: Any) -> None:
    task = load(digits)
    assert isinstance(task.inputs, np.ndarray)
    assert task.inputs.dtype == np.float32
    assert task.inputs.max() == 16
    assert len(task.classes) == 10


def test_tensors_lists_and_frames_are_taken() -> None:
    assert len(load((Tensor(GREY), Tensor(LABELS)))) == 40
    assert load((GREY.tolist(), LABELS.tolist())).read["dtype"] == "float32"
    frame = pd.DataFrame({"a": RNG.normal(size=40)})
    assert load((frame, pd.Series(LABELS, name="sick"))).target_name == "sick"
    assert load((frame, pd.Series(LABELS, name="a"))).target_name == "a_"
    with pytest.raises(DataError, match="the inputs have a column of that name"):
        load((frame, LABELS), target="a")


def test_arrays_by_name_keep_their_parts(tmp_path: Path) -> None:
    arrays = {
        "x_train": GREY[:25],
        "y_train": LABELS[:25],
        "x_val": GREY[25:30],
        "y_val": LABELS[25:30],
        "x_test": GREY[30:],
        "y_test": LABELS[30:],
    }
    np.savez_compressed(tmp_path / "a.npz", **arrays)
    for source in (arrays, tmp_path / "a.npz"):
        task = load(source, target="digit")
        assert task.splits.test.tolist() == list(range(30, 40))
        assert task.splits.validation.tolist() == list(range(25, 30))
        assert task.target_name == "digit"


def test_unknown_names_of_arrays_are_listed(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", data=GREY, target=LABELS)
    with pytest.raises(DataError, match=r"found the arrays data \(40, 6, 5\), target \(40,\)"):
        load(tmp_path / "a.npz")
    with pytest.raises(DataError, match="has x_test but no y_test"):
        load({"x_train": GREY, "y_train": LABELS, "x_test": GREY})


def test_lengths_and_shapes_must_fit() -> None:
    with pytest.raises(DataError, match=r"x has the shape \(40, 6, 5\) and y \(39,\)"):
        load((GREY, LABELS[:39]))
    with pytest.raises(DataError, match="exactly one 1 in each row, so it is one-hot"):
        load((GREY, np.eye(2)[LABELS]))
    with pytest.raises(DataError, match="x needs one row"):
        load((LABELS, LABELS))
    with pytest.raises(DataError, match="first or last, as images"):
        load((np.zeros((40, 7, 7, 7)), LABELS))
    with pytest.raises(DataError, match="differ in shape"):
        load({"x_train": GREY, "y_train": LABELS, "x_test": GREY[:, :3], "y_test": LABELS})
    with pytest.raises(DataError, match="one value for each row"):
        load((pd.DataFrame({"a": range(9)}), LABELS))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_images_with_nan_or_infinity_are_refused_tables_with_nan_are_not(bad: float) -> None:
    images = GREY.astype(np.float32)
    images[3, 0, 0] = bad
    with pytest.raises(DataError, match=r"1 images hold NaN or infinity \(first: row 3\)"):
        load((images, LABELS))
    table = RNG.normal(size=(40, 2))
    table[3, 0] = np.nan
    assert load((table, LABELS)).columns[0].missing == 1


def test_images_must_be_numbers() -> None:
    with pytest.raises(DataError, match="the images hold <U1 values"):
        to_images(np.full((2, 3, 3), "a"), "data")
    assert to_images(np.ones((2, 3, 3), dtype=bool), "data")[0].dtype == np.uint8


def test_damaged_npz_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, x=GREY, y=LABELS)
    whole = path.read_bytes()
    for damaged in (b"nonsense", whole[: len(whole) // 2], b"PK\x03\x04 nonsense"):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=r"a\.npz: damaged or not an npz file"):
            load(path)
    path.write_bytes(b"")
    with pytest.raises(DataError, match=r"the file is empty \(0 bytes\)"):
        load(path)


def test_pickled_objects_are_never_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.array([{}, []], dtype=object), y=LABELS)
    with pytest.raises(DataError, match="array 'x' holds Python objects"):
        load(tmp_path / "a.npz")


def idx(array: NDArray[np.uint8]) -> bytes:
    shape = b"".join(struct.pack(">I", side) for side in array.shape)
    return bytes([0, 0, 8, array.ndim]) + shape + array.tobytes()


def idx_folder(folder: Path, suffix: str = ".gz") -> Path:
    pack = gzip.compress if suffix else bytes
    for part, rows in (("train", slice(0, 30)), ("t10k", slice(30, 40))):
        images, labels = GREY[rows], LABELS[rows].astype(np.uint8)
        (folder / f"{part}-images-idx3-ubyte{suffix}").write_bytes(pack(idx(images)))
        (folder / f"{part}-labels-idx1-ubyte{suffix}").write_bytes(pack(idx(labels)))
    return folder


@pytest.mark.parametrize("suffix", [".gz", ""])
def test_idx_folders_are_read_with_their_test_part(tmp_path: Path, suffix: str) -> None:
    task = load(idx_folder(tmp_path, suffix))
    assert isinstance(task.inputs, np.ndarray)
    assert np.array_equal(task.inputs[:, 0], GREY)
    assert task.splits.test.tolist() == list(range(30, 40))
    again = load(tmp_path / f"train-images-idx3-ubyte{suffix}")
    assert again.fingerprint == task.fingerprint


def test_damaged_idx_files_are_named(tmp_path: Path) -> None:
    path = idx_folder(tmp_path) / "train-images-idx3-ubyte.gz"
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    with pytest.raises(DataError, match="damaged gzip file"):
        load(tmp_path)
    path.write_bytes(gzip.compress(idx(GREY[:30])[:-5]))
    with pytest.raises(DataError, match="cut short or damaged: holds 895 bytes"):
        load(tmp_path)
    path.write_bytes(gzip.compress(b"<html>not found</html>"))
    with pytest.raises(DataError, match="not an IDX file"):
        load(tmp_path)
    path.unlink()
    with pytest.raises(
        DataError, match=r"labels-idx1-ubyte\.gz is there, but the file with its im"
    ):
        load(tmp_path)


def test_new_arrays_are_read_as_those_of_training(tmp_path: Path) -> None:
    images = np.resize(GREY, (40, 3, 3, 3))  # channels could be first or last
    task = load((np.moveaxis(images, 1, -1), LABELS))
    np.savez(tmp_path / "new.npz", x=np.moveaxis(images, 1, -1)[:4])
    names, pixels = read_images(tmp_path / "new.npz", task.read)
    assert names == ["0", "1", "2", "3"]
    assert np.array_equal(pixels, task.inputs[:4])
    np.savez(tmp_path / "only.npz", whatever=np.moveaxis(images, 1, -1)[:4])
    assert np.array_equal(read_images(tmp_path / "only.npz", task.read)[1], pixels)
    np.savez(tmp_path / "other.npz", x=GREY)
    with pytest.raises(DataError, match="5x6x1 uint8, those of training were 3x3x3 uint8"):
        read_images(tmp_path / "other.npz", task.read)
    np.savez(tmp_path / "two.npz", a=GREY, b=GREY)
    with pytest.raises(DataError, match="found the arrays a, b; name the new images x"):
        read_images(tmp_path / "two.npz", task.read)
