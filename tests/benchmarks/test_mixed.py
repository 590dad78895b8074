"""The task of digits that are shown, spoken and hinted at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from archwright.data.load import load
from archwright.data.waves import read_clip
from benchmarks.mixed import HINTS, build
from benchmarks.runs import Case, Measured
from tests.benchmarks.test_modalities import measured

TAKES = 10


def data(folder: Path) -> Path:
    """Digits as they are published, but few: images that are all different, noise as voices."""
    rng = np.random.default_rng(0)
    for kind in ("audio", "images", "text"):
        (folder / kind).mkdir()
    y, take = np.repeat(np.arange(10), TAKES), np.tile(np.arange(TAKES), 10)
    sound = (3000 * rng.normal(size=100 * 1000)).clip(-30_000, 30_000).astype(np.int16)
    np.savez(
        folder / "audio" / "fsdd_8k.npz",
        audio=sound,
        offsets=1000 * np.arange(101),
        y=y,
        take=take,
        speaker=np.array(["ann", "bob"])[take % 2],
    )
    images = {f"x_{part}": np.full((80, 28, 28), 0, np.uint8) for part in ("train", "test")}
    images["x_train"] += np.arange(1, 81, dtype=np.uint8)[:, None, None]
    images["x_test"] += np.arange(101, 181, dtype=np.uint8)[:, None, None]
    of = {f"y_{part}": np.arange(80) % 10 for part in ("train", "test")}
    np.savez(folder / "images" / "mnist.npz", **images, **of)
    asked = [
        {"dataset": "trec", "split": part, "label": label, "text": f"{part} {label} {i} ?"}
        for part in ("train", "test")
        for label in range(6)
        for i in range(20)
    ]
    frame = pd.DataFrame(asked)
    frame.to_parquet(folder / "text" / "sentence_classification_7sets.parquet")
    return folder


def test_each_row_is_made_of_examples_of_its_digit_and_part(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    paths = build(data(tmp_path / "real"), tmp_path / "made")
    frame = pd.read_csv(paths["all"])
    assert len(frame) == 100
    assert frame["split"].value_counts().to_dict() == {"train": 50, "test": 50}
    seen = []
    for i, row in frame.iterrows():
        digit, part = int(row["digit"].removeprefix("digit ")), row["split"]
        with Image.open(tmp_path / "made" / row["image"]) as image:
            bright = np.asarray(image)
        (shown,) = set(bright[bright > 0].tolist())
        seen.append(shown)
        assert (bright > 0).sum() == 28 * 14, "half of it is black"
        assert ((shown - 1) % 100 % 10, shown > 100) == (digit, part == "test")
        assert row["question"].startswith(f"{part} {HINTS[digit // 2]} ")
        rate, samples = read_clip(tmp_path / "made" / row["clip"])
        assert (rate, samples.shape, i) == (8000, (1000, 1), i)
    assert len(set(seen)) == len(set(frame["question"])) == 100, "nothing is used twice"


def test_the_inputs_by_themselves_are_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    paths = build(data(tmp_path / "real"), tmp_path / "made")
    found = {name: load(path).modality for name, path in paths.items()}
    assert found["all"] == "mixed"
    assert [found[name] for name in ("image", "clip", "columns")] == ["image", "audio", "table"]


def test_the_goal_is_the_best_single_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data(tmp_path)
    reached = {"all": 0.9, "image": 0.7, "clip": 0.8, "question": 0.3}

    def measure(case: Case, seed: int, work: Path) -> Measured:
        accuracy = reached[case.name.removeprefix("mixed-")] + 0.01 * seed
        rivals = {"image: logistic regression": {"accuracy": 0.5}}
        return Measured(work, 600.0, 30.0, {"test": {"accuracy": accuracy}, "rivals": rivals})

    found = measured(tmp_path, monkeypatch, measure, 3, "mixed-digits")
    one = found["mixed-digits", "test_accuracy"]
    assert [one["value"], one["goal"]] == pytest.approx([0.91, 0.81])
    assert one["rivals"]["question alone, searched"] == pytest.approx(0.31)
    assert one["rivals"]["image: logistic regression"] == 0.5
