"""Image data that a benchmark has to make first: scikit-learn's digits, CIFAR-10 from JPEGs."""

from __future__ import annotations

import io
import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.records import ROOT


def digits(path: Path) -> Path:
    """Write the digits as README's first command does."""
    subprocess.run([sys.executable, str(ROOT / "examples" / "digits.py"), path], check=True)
    return path


def unpacked(path: Path, train: Path, test: Path) -> Path:
    """Write both parts as arrays (rows, channels, height, width), unless that was done before."""
    if not path.is_file():
        arrays = {}
        for name, part in (("train", train), ("test", test)):
            with np.load(part) as found:
                arrays[f"x_{name}"] = _pixels(found["data"], found["offsets"])
                arrays[f"y_{name}"] = found["y"]
        beside = path.with_suffix(".new.npz")
        np.savez(beside, **arrays)
        beside.replace(path)
    return path


def _pixels(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint8]:
    files = (data[a:b].tobytes() for a, b in itertools.pairwise(offsets))
    images = [np.asarray(Image.open(io.BytesIO(file)).convert("RGB")) for file in files]
    return np.stack(images).transpose(0, 3, 1, 2)
