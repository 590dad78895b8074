"""Makes data larger than the memory that a search may take, for `modalities.py`."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

BYTES = 3e9
"""On disk, of a folder of images and of a CSV file."""

SIDE, SHEETS = 224, 200
"""Pixels; so many different backgrounds the images have, each its own pattern on top."""

COLUMNS, ROWS = 20, 100_000
"""Of the table; so many rows are written at once."""


def images(folder: Path, size: float = BYTES) -> Path:
    """Write JPEG files of so many bytes in two class folders: discs and rings on noise."""
    rng = np.random.default_rng(0)
    sheets = rng.integers(0, 256, (SHEETS, SIDE, SIDE, 3), dtype=np.uint8)
    written, number = 0, 0
    while written < size:
        ring = number % 2
        place = folder / ("ring" if ring else "disc")
        place.mkdir(parents=True, exist_ok=True)
        out = io.BytesIO()
        Image.fromarray(_drawn(sheets[number % SHEETS], rng, ring=bool(ring))).save(out, "JPEG")
        (place / f"{number}.jpg").write_bytes(out.getvalue())
        written, number = written + out.tell(), number + 1
    return folder


def _drawn(sheet: NDArray[np.uint8], rng: np.random.Generator, *, ring: bool) -> NDArray[np.uint8]:
    x, y, radius = *rng.uniform(60, SIDE - 60, 2), rng.uniform(25, 55)
    down, across = np.ogrid[:SIDE, :SIDE]
    away = np.hypot(down - y, across - x)
    inside = (away < radius) & ((away > 0.6 * radius) | (not ring))
    return np.where(inside[..., None], rng.integers(0, 256, 3, dtype=np.uint8), sheet)


def table(path: Path, size: float = BYTES) -> Path:
    """Write a CSV file of so many bytes: numbers, of which five decide the class `y`."""
    rng = np.random.default_rng(0)
    names = [f"x{i}" for i in range(COLUMNS)]
    with path.open("w", encoding="ascii") as file:
        file.write(",".join([*names, "y"]) + "\n")
        while file.tell() < size:
            x = rng.normal(size=(ROWS, COLUMNS))
            y = (x[:, 0] * x[:, 1] + x[:, 2] + np.abs(x[:, 3]) - x[:, 4] > 0.8).astype(int)
            np.savetxt(file, np.column_stack([x, y]), "%.6f," * COLUMNS + "%d")
    return path
