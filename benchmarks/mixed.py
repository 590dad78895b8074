"""Builds a task of several inputs from real data: digits that are shown, spoken and hinted at.

Each row is a digit. Its inputs are real examples, none of which tells it for certain:

* an image of MNIST of which one half, drawn at random, is black;
* a clip of the Free Spoken Digit Dataset under white noise of 0 to 10 dB more than the voice;
* a question of TREC, whose class stands for two digits (0 and 1, 2 and 3 ...);
* columns: who speaks, how loud the noise is, which half is black.

Training and test rows are made of the training and test examples of those sets, takes 0 to 4 of
each spoken digit for the test. No example is used twice.
"""

from __future__ import annotations

import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

HINTS = (0, 1, 3, 4, 5)
"""Classes of questions, each for two digits; that of abbreviations has too few."""

SIDES: Mapping[str, tuple[slice, slice]] = {
    "left": (slice(None), slice(14)),
    "right": (slice(None), slice(14, None)),
    "top": (slice(14), slice(None)),
    "bottom": (slice(14, None), slice(None)),
}
LOUDEST = 10.0
"""Decibels by which noise is louder than the voice, at most."""

SINGLE: Mapping[str, tuple[str, ...]] = {
    "image": ("image",),
    "clip": ("clip",),
    "question": ("question",),
    "columns": ("speaker", "noise", "hidden"),
}
"""The inputs, and the columns that each consists of."""


def build(data: Path, folder: Path) -> dict[str, Path]:
    """Write the task and, as tables of their own, its inputs by themselves; return where.

    Args:
        data: The folder of real data.
        folder: Where to; it is emptied.

    Returns:
        The table of all inputs as `all`, and that of each single one by its name.
    """
    from PIL import Image

    rng = np.random.default_rng(0)
    with np.load(data / "audio" / "fsdd_8k.npz") as found:
        spoken = {name: found[name] for name in ("audio", "offsets", "y", "speaker", "take")}
    digits, tested = spoken["y"], spoken["take"] < 5
    images = _images(data / "images" / "mnist.npz", digits, tested, rng)
    sides = rng.choice(list(SIDES), len(digits))
    noise = rng.uniform(0, LOUDEST, len(digits)).round(1)
    for kind in ("images", "clips"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    for row, (pixels, side) in enumerate(zip(images, sides, strict=True)):
        pixels[SIDES[side]] = 0
        Image.fromarray(pixels).save(folder / "images" / f"{row}.png")
        _write(folder / "clips" / f"{row}.wav", _under(_clip(spoken, row), noise[row], rng))
    rows = np.arange(len(digits))
    frame = pd.DataFrame(
        {
            "image": [f"images/{row}.png" for row in rows],
            "clip": [f"clips/{row}.wav" for row in rows],
            "question": _questions(data / "text", digits, tested, rng),
            "speaker": spoken["speaker"],
            "noise": noise,
            "hidden": sides,
            "split": np.where(tested, "test", "train"),
            "digit": [f"digit {digit}" for digit in digits],
        }
    )
    return _tables(frame, folder)


def _tables(frame: pd.DataFrame, folder: Path) -> dict[str, Path]:
    inputs = {"all": tuple(name for names in SINGLE.values() for name in names), **SINGLE}
    paths = {name: folder / f"digits-{name}.csv" for name in inputs}
    for name, columns in inputs.items():
        frame[[*columns, "split", "digit"]].to_csv(paths[name], index=False)
    return paths


def _images(path: Path, digits: Any, tested: Any, rng: np.random.Generator) -> Any:
    """Return an image of each digit, training images for training rows, none of them twice."""
    made = np.empty((len(digits), 28, 28), np.uint8)
    with np.load(path) as found:
        for part, rows in (("train", ~tested), ("test", tested)):
            x, y = found[f"x_{part}"], found[f"y_{part}"]
            for digit in range(10):
                wanted = np.flatnonzero(rows & (digits == digit))
                made[wanted] = x[rng.choice(np.flatnonzero(y == digit), len(wanted), replace=False)]
    return made


def _questions(folder: Path, digits: Any, tested: Any, rng: np.random.Generator) -> list[str]:
    """Return a question for each digit, of the class that stands for it and another one."""
    frame = pd.read_parquet(folder / "sentence_classification_7sets.parquet")
    frame = frame[frame["dataset"] == "trec"]
    made = np.empty(len(digits), object)
    for part, rows in (("train", ~tested), ("test", tested)):
        for place, label in enumerate(HINTS):
            those = frame[(frame["split"] == part) & (frame["label"] == label)]["text"].to_numpy()
            wanted = np.flatnonzero(rows & (digits // 2 == place))
            made[wanted] = rng.choice(those, len(wanted), replace=False)
    return list(made)


def _clip(spoken: Mapping[str, Any], row: int) -> Any:
    first, last = spoken["offsets"][row : row + 2]
    return spoken["audio"][first:last].astype(np.float64)


def _under(clip: Any, decibels: float, rng: np.random.Generator) -> Any:
    """Return a clip under noise that is so much louder, at the loudness that fits 16 bits."""
    voice = np.sqrt(np.mean(clip**2))
    noisy = clip + rng.normal(0, voice * 10 ** (decibels / 20), len(clip))
    return np.rint(noisy / np.abs(noisy).max() * 30_000)


def _write(path: Path, samples: Any) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())
