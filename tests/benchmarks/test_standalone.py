from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.runs import Failure
from benchmarks.standalone import NEW, PER_CLASS, difference, image_files, new_arrays, new_rows

HEAD = "prediction,p(no),p(yes)\n"


def test_equal_predictions_do_not_differ() -> None:
    text = HEAD + "no,0.9,0.1\nyes,0.2,0.8\n"
    assert difference(text, text) == 0


def test_the_largest_difference_of_a_number_counts() -> None:
    one, other = HEAD + "no,0.9,0.1\nyes,0.2,0.8\n", HEAD + "no,0.9,0.1\nyes,0.21,0.79\n"
    assert difference(one, other) == pytest.approx(0.01)


def test_large_values_differ_relative_to_their_size() -> None:
    assert difference("prediction\n200002\n", "prediction\n200000\n") == pytest.approx(1e-5)


def test_another_label_counts_as_one() -> None:
    assert difference(HEAD + "no,0.5,0.5\n", HEAD + "yes,0.5,0.5\n") == 1


@pytest.mark.parametrize("other", [HEAD, HEAD + "no,1,0\nno,1,0\n", "prediction\nno\n"])
def test_what_cannot_be_compared_is_a_failure(other: str) -> None:
    with pytest.raises(Failure, match="not comparable"):
        difference(HEAD + "no,1,0\n", other)


def test_test_rows_are_written_without_the_target_and_the_split(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"width": rng.normal(size=200), "kind": rng.choice(["a", "b"], 200)})
    frame["split"] = ["train"] * 150 + ["test"] * 50
    frame["label"] = rng.choice(["no", "yes"], 200)
    frame.to_parquet(tmp_path / "data.parquet")
    path = new_rows(tmp_path / "data.parquet", "label", tmp_path / "new.csv")
    written = pd.read_csv(path)
    assert list(written.columns) == ["width", "kind"]
    assert np.allclose(written["width"], frame["width"][150:])


def test_test_images_are_written_alone(tmp_path: Path) -> None:
    x = np.arange(32, dtype=np.uint8).reshape(2, 4, 4)
    np.savez(tmp_path / "all.npz", x_train=x[:1], x_test=x[1:])
    with np.load(new_arrays(tmp_path / "all.npz", tmp_path / "new.npz")) as arrays:
        assert (arrays["x"] == x[1:]).all()
        assert arrays.files == ["x"]


def test_the_folder_of_image_files_has_a_folder_a_class_and_new_images_of_its_own(
    tmp_path: Path,
) -> None:
    known, new = image_files(tmp_path)
    old = {path.name for path in known.rglob("*.png")}
    assert len(list(known.iterdir())) == 10
    assert len(old) == 10 * PER_CLASS
    assert len(list(new.glob("*.png"))) == NEW
    assert old.isdisjoint(path.name for path in new.glob("*.png"))
