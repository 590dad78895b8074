"""Reads new rows of several inputs for an exported `model.py`; copied into it as it stands.

The files that rows name lie where the table says, seen from its own folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from archwright.data.named import named
from archwright.data.waves import read_clip, resampled
from archwright.export.picture import read_image
from archwright.export.read_csv import read_csv
from archwright.nets.preprocess import text

APPLY = "archwright.nets.preprocess_mixed:mixed"
NEEDS = ""
NEW, RAW = "new.csv", "a dict of columns; of images and clips, arrays"
OPENS = {"image": "picture", "audio": "clip"}
"""What opens the file of an input, by its modality."""

Open = Callable[[str, Path, Mapping[str, Any]], np.ndarray]


def read(
    path: Path, spec: Mapping[str, Any], opens: Mapping[str, Open]
) -> tuple[Mapping[str, Any], Sequence[str]]:
    """Return the columns of a CSV file by name, with what the files hold that they name.

    Args:
        opens: What opens a file, by the modality of the input.

    Raises:
        ValueError: the file is of another kind, empty or damaged, or one that it names is.
    """
    if not path.name.lower().endswith((".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz")):
        raise ValueError(f"{path}: not CSV; `archwright predict` reads Parquet and JSON lines")
    columns: dict[str, Any] = dict(read_csv(path))
    for part in spec["parts"]:
        name, kind = part["names"][0], part["modality"]
        if kind in opens and name in columns:
            cells = columns[name]
            known = {cell: opens[kind](cell, path.parent, part[kind]) for cell in set(cells)}
            columns[name] = [known[cell] for cell in cells]
    return columns, ()


def picture(cell: str, folder: Path, image: Mapping[str, Any]) -> np.ndarray:
    """Return the pixels of the image that a cell names, all 0 where it names none."""
    file = existing(cell, folder)
    if file is None:
        return np.zeros((image["channels"], image["height"], image["width"]), np.uint8)
    return read_image(file, image)


def clip(cell: str, folder: Path, audio: Mapping[str, Any]) -> np.ndarray:
    """Return the samples of the clip that a cell names, silence where it names none."""
    file = existing(cell, folder)
    if file is None:
        return np.zeros(1)
    rate, samples = read_clip(file)
    return resampled(samples.mean(1), rate, audio["rate"])


def existing(cell: str, folder: Path) -> Path | None:
    """Return the file that a cell names, None where it is empty.

    Raises:
        ValueError: it is not there.
    """
    if text(cell) is None:
        return None
    file = named(cell, folder)
    if not file.is_file():
        raise ValueError(f"{file}: there is no such file")
    return file
